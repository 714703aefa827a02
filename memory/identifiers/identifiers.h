// memory/identifiers/identifiers.h: the vocabulary of a repository: which names it has, of what
// kinds, how often they occur, and which are members of what.
//
// What follows from all segments of a store at one moment: counts are summed over them. Names are
// those the indexer found in code: definitions, declarations and uses; words of comments and
// strings are none. How often a name occurs is counted in the project's own code, each content once
// however many files have it; names of vendored and differently licensed code are known by what
// they define there. Types are known by their last name: "Buffer" for every Buffer.
//
// Threads: Identifiers is immutable and thread-safe; IdentifierReader is thread-safe.
// Errors: kNotFound nothing counted yet; kCorrupt, kIo. What does not occur is an empty answer.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/sync.h"
#include "memory/engrams/manifest.h"
#include "memory/identifiers/identifier_segment.h"

namespace engram {

struct KnownIdentifier {
  std::string name;
  IdentifierCounts counts;
  bool member = false;  // of a type that was asked about
};

class Identifiers {
 public:
  explicit Identifiers(std::vector<std::shared_ptr<const IdentifierSegment>> segments)
      : segments_(std::move(segments)) {}

  std::optional<IdentifierCounts> find(std::string_view name) const;
  // Names that begin with `prefix` (all, when empty), most used first. With several segments a name
  // may be missing that is used no more often than the last one and what changed since the largest
  // was written together.
  std::vector<KnownIdentifier> complete(std::string_view prefix, std::size_t limit) const;
  // Of these, the members of `type`; ranked by how often their name occurs anywhere.
  std::vector<KnownIdentifier> members(std::string_view type, std::string_view prefix,
                                       std::size_t limit) const;

  std::span<const std::shared_ptr<const IdentifierSegment>> segments() const { return segments_; }
  bool damaged() const;  // a mapped segment lost bytes while in use: give the answers up

 private:
  std::optional<IdentifierCounts> sum(std::size_t table, std::string_view key) const;
  std::vector<KnownIdentifier> best(std::size_t table, std::string_view prefix,
                                    std::size_t limit) const;

  std::vector<std::shared_ptr<const IdentifierSegment>> segments_;
};

std::filesystem::path identifier_directory(const std::filesystem::path& store);
// The key of a member; a type's last name decides ("ns::Buffer<T>" is "Buffer").
std::string member_key(std::string_view type, std::string_view name);

class IdentifierReader {
 public:
  explicit IdentifierReader(const std::filesystem::path& store)
      : directory_(identifier_directory(store)) {}
  // The newest state; costs one read of the manifest when nothing changed.
  Result<std::shared_ptr<const Identifiers>> newest();

 private:
  std::filesystem::path directory_;
  Mutex mutex_;
  EngramManifest manifest_ ENGRAM_GUARDED_BY(mutex_);
  std::shared_ptr<const Identifiers> newest_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram
