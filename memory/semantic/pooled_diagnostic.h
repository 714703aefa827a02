// memory/semantic/pooled_diagnostic.h: a diagnostic with its notes as one string of a pool. Private
// to memory/.
//
// Threads: pure functions.  Errors: kCorrupt.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/semantic/source_pool.h"

namespace engram {

struct PooledFix {
  SourceNumber source = kNoNumber;
  std::uint32_t begin = 0, end = 0;
  std::string text;
};

struct PooledDiagnostic {
  DiagnosticLevel level = DiagnosticLevel::kError;
  SourceNumber source = kNoNumber;  // kNoNumber: about the command
  std::uint32_t begin = 0, end = 0;
  std::string message, option;
  std::vector<PooledFix> fixes;
};

// The first is no note, the others are notes of it.
std::string encode_diagnostics(std::span<const PooledDiagnostic> group);
Result<std::vector<PooledDiagnostic>> decode_diagnostics(std::string_view bytes);

}  // namespace engram
