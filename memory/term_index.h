// memory/term_index.h: which contents hold a term: sorted, immutable segments of postings.
//
// Two indexes use it: names (identifier -> contents) and words (sub-word -> chunks). A batch of
// files becomes one segment; segments are merged like an LSM tree. A segment is a run of blocks of
// about kBlockBytes: terms in byte order, front-coded, each followed by its postings
// (id delta, value byte). The catalogue stores blocks as rows, found by their first term.
// docs/formats/catalogue.md has the grammar. Blocks read back are hostile: decoding is bounded.
//
// Threads: thread-compatible.  Errors: kCorrupt from decoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/byte_codec.h"
#include "memory/string_ids.h"

namespace engram {

struct TermPosting {
  std::uint64_t id = 0;
  std::uint8_t value = 0;
};

// The terms of one content, with ids relative to it; made on a worker thread.
struct TermList {
  struct Term {
    std::uint32_t offset = 0, length = 0;  // in `bytes`
    std::uint32_t first = 0, count = 0;    // in `postings`
  };
  struct Posting {
    std::uint32_t id = 0;  // ascending within a term
    std::uint8_t value = 0;
  };
  std::string bytes;
  std::vector<Term> terms;  // distinct, any order
  std::vector<Posting> postings;
};

struct TermBlock {
  std::string first_term;
  std::string data;
};

inline constexpr std::size_t kBlockBytes = 8 << 10;

// Writes terms, given in byte order, as blocks.
class TermBlockWriter {
 public:
  // `postings`: encoded as below, relative to id 0.
  void add(std::string_view term, std::uint64_t count, std::string_view postings);
  std::vector<TermBlock> take();

 private:
  std::vector<TermBlock> blocks_;
  std::string last_term_;
};

// Gathers the terms of a batch. Contents must come with ascending base ids.
class TermBatch {
 public:
  void add(const TermList& list, std::uint64_t base_id);
  bool empty() const { return terms_.size() == 0; }
  void clear();
  std::vector<TermBlock> take_blocks();  // and starts anew

 private:
  struct Postings {
    std::string bytes;
    std::uint64_t last_id = 0, count = 0;
  };
  StringArena arena_;
  StringIds terms_{1 << 12};
  std::vector<Postings> postings_;
};

inline void append_posting(std::string& out, std::uint64_t delta, std::uint8_t value) {
  append_varint(out, delta);
  out.push_back(static_cast<char>(value));
}

// Walks the terms of one block.
class TermBlockReader {
 public:
  explicit TermBlockReader(std::string_view block) : in_(block) {}
  bool next();  // false at the end or when damaged: then see ok()
  bool ok() const { return in_.ok(); }
  const std::string& term() const { return term_; }
  std::uint64_t count() const { return count_; }
  std::string_view postings() const { return postings_; }

 private:
  ByteReader in_;
  std::string term_;
  std::uint64_t count_ = 0;
  std::string_view postings_;
};

// Calls sink(id, value) for each posting; false when damaged.
template <class Sink>
bool for_each_posting(std::string_view postings, Sink sink) {
  ByteReader in(postings);
  std::uint64_t id = 0;
  while (!in.at_end()) {
    id += in.varint();
    const std::uint8_t value = in.byte();
    if (!in.ok()) return false;
    sink(id, value);
  }
  return in.ok();
}

}  // namespace engram
