// memory/engrams/store.h: the engram memories of a workspace: one directory for each tokenizer.
//
// DIR/engrams/<hash of the tokenizer's fingerprint>/ holds a manifest, segments (number.seg), the
// vocabulary and the writer's lease. A commit writes one segment with what is new and names it in
// the manifest, so that a reader sees a file's old tokens or its new ones, never a mixture, and
// kill -9 loses only what was not committed. Merging bounds the number of segments (kMaxSegments);
// until the merged one is named, the old ones answer. A segment that is damaged is renamed to
// *.damaged, left out and reported; its files then count as missing, and whoever fills the store
// adds them again. One that only cannot be opened just now stays: that is an error.
//
// Threads: EngramReader is thread-safe; an EngramWriter is confined to one thread.
// Errors: kNotFound nothing remembered for this tokenizer yet; kBusy another process writes
// (the message names it); kCorrupt; kIo (disk full: what was published stays); kCancelled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/sync.h"
#include "memory/engrams/directory.h"
#include "memory/engrams/opened_segments.h"
#include "memory/engrams/segment_builder.h"
#include "memory/lease.h"

namespace engram {

// Of one class: the project's own code, or foreign code.
inline constexpr std::size_t kMaxOwnSegments = 6, kMaxForeignSegments = 2;
inline constexpr std::size_t kMaxSegments = kMaxOwnSegments + kMaxForeignSegments;

class EngramReader {
 public:
  EngramReader(std::filesystem::path store, std::shared_ptr<const EngramVocabulary> vocabulary);

  // The newest state; costs one read of the manifest and a look at each segment's name when nothing
  // changed.
  Result<std::shared_ptr<const EngramSnapshot>> snapshot();
  const std::shared_ptr<const EngramVocabulary>& vocabulary() const { return vocabulary_; }
  std::vector<std::string> problems();  // segments left out of the newest state, one line each

 private:
  std::shared_ptr<const EngramVocabulary> vocabulary_;
  Mutex mutex_;
  EngramState state_ ENGRAM_GUARDED_BY(mutex_);
};

class EngramWriter {
 public:
  // Creates what is missing, or a vocabulary that cannot be read; takes the lease; sets damaged
  // segments aside; removes left-overs.
  // Only what is not in `known` is opened.
  static Result<std::unique_ptr<EngramWriter>> open(
      const std::filesystem::path& store, std::shared_ptr<const EngramVocabulary> vocabulary,
      EngramState known = {});

  // What is published; pending changes are not in it.
  const EngramSnapshot& snapshot() const { return *state_.snapshot; }
  const EngramState& state() const { return state_; }
  const std::vector<std::string>& problems() const { return problems_; }

  // Whether put_file() for these contents needs tokens.
  bool has_tokens(const Sha256& content, bool foreign) const;
  // Replaces what is known about `path`. `tokens` is not looked at when has_tokens().
  Result<void> put_file(const std::string& path, std::uint32_t flags, const EngramContentInfo& info,
                        std::span<const EngramToken> tokens);
  void remove_file(const std::string& path);
  std::size_t pending_tokens() const;

  // Publishes what is pending; durable afterwards. After an error it is forgotten.
  // With kLater it is seen at once and durable after make_durable() or the next durable commit or
  // merge; a machine that fails in between has what was there before, or finds the segment damaged.
  Result<void> commit(std::stop_token stop = {}, Durability durability = Durability::kNow);
  Result<void> make_durable();
  // Does one merge that is due; false when none is.
  Result<bool> merge(std::stop_token stop = {});

 private:
  EngramWriter(std::shared_ptr<const EngramVocabulary> vocabulary, WriteLease lease,
               EngramState known);
  Result<void> reload();
  void remove_left_overs() const;
  Result<void> set_refused_aside();
  Result<std::string> write_segment(SegmentBuilder& builder, std::stop_token stop,
                                    Durability durability);
  Result<void> publish(std::vector<std::string> segments, Durability durability);
  Result<void> merge_segments(const std::vector<std::size_t>& which, std::stop_token stop);

  std::shared_ptr<const EngramVocabulary> vocabulary_;
  WriteLease lease_;
  EngramState state_;
  std::vector<std::string> problems_;
  std::uint64_t sequence_ = 0;  // of the pending changes

  std::unique_ptr<SegmentBuilder> own_, foreign_;
  std::set<std::pair<Sha256, bool>> pending_contents_;  // with their class
  std::map<std::string, EngramPath> pending_paths_;
};

// Which segments of one class should become one, as indexes into `live`; empty when all is well.
// Sizes are positions of contents that count and of those that do not, borders included. They stay
// within a factor of two of geometric, and no more than `most` remain.
std::vector<std::size_t> due_merge(std::span<const std::uint64_t> live,
                                   std::span<const std::uint64_t> dead, std::size_t most);

}  // namespace engram
