// memory/engrams/context_stretches.h: where in a segment's order the places after a context lie,
// for each of its lengths.
//
// A context that is frequent is followed from record to record (frequent_contexts.h); what is rare
// after it is searched for once, by the samples; and what is left then is few enough to be read, so
// it is asked for at once and narrowed further in the processor's cache.
//
// Threads: pure functions.  Errors: none; damaged bytes give no answer or a wrong one, never a
// wrong access.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "memory/engrams/frequent_contexts.h"
#include "memory/engrams/segment.h"
#include "memory/engrams/tokens.h"

namespace engram {

struct ContextStretches {
  std::size_t depth = 0;                                  // lengths 1 to depth occur
  std::array<Stretch, kMaxEngramContext> of;              // of[n]: after the last n + 1 tokens
  std::array<FrequentRecord, kMaxEngramContext> records;  // theirs, where has_record
  std::array<bool, kMaxEngramContext> has_record;
  PlaceWindow window;  // of the first stretch that fits in one; empty where none does
};

// Of lengths up to `longest`.
void find_stretches(const EngramSegment& segment, std::span<const EngramToken> context,
                    std::size_t longest, ContextStretches& out);

}  // namespace engram
