// memory/engrams/segment_builder.h: contents and paths in, one segment out.
//
// Memory while building: 4 bytes a token while they are gathered, 10 while they are sorted, and
// those of context_order.h.
//
// Threads: confined to one thread.  Errors: kInvalidArgument (too many tokens, an id out of the
// vocabulary), kIo, kCancelled; the target then does not exist.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/hash.h"
#include "core/result.h"
#include "memory/engrams/byte_sink.h"
#include "memory/engrams/segment_format.h"
#include "memory/engrams/tokens.h"

namespace engram {

enum class ContentFlag : std::uint32_t {
  kNone = 0,
  kCapped = 1,  // only its beginning is remembered
};

struct EngramContentInfo {
  Sha256 sha256;
  std::uint32_t first_line = 1;
  std::uint32_t flags = 0;  // ContentFlag bits
};

struct EngramPath {
  std::string path;
  Sha256 content;              // may lie in another segment
  std::uint64_t sequence = 0;  // of two segments naming one path, the larger one holds
  std::uint32_t flags = 0;     // FileFlag bits
  bool removed = false;
};

class SegmentBuilder {
 public:
  SegmentBuilder(const EngramVocabulary& vocabulary, bool foreign);

  void reserve(std::size_t tokens);
  Result<void> add_content(const EngramContentInfo& info, std::span<const EngramToken> tokens);
  void add_path(EngramPath path) { paths_.push_back(std::move(path)); }

  std::size_t tokens() const { return text_.size(); }
  bool empty() const { return contents_.empty() && paths_.empty(); }

  // Spends the builder.
  Result<void> write(ByteSink& sink, std::stop_token stop = {});

 private:
  struct Writer;
  void write_text(Writer& out);
  Result<void> write_order(Writer& out, std::stop_token stop);
  void write_tables(Writer& out);

  const EngramVocabulary& vocabulary_;
  bool foreign_;
  std::vector<std::uint32_t> text_;  // id + 1, or 0 for a border or a cut
  std::vector<ContentRecord> contents_;
  std::vector<EngramPath> paths_;
};

}  // namespace engram
