// engine/tokenizer/merges.h: byte-pair merging: the ranked merge rules and applying them.
//
// Rules sit in one flat hash table keyed by the pair of ids. A piece starts as its single bytes;
// the lowest-ranked pair merges first, leftmost among equals, until no rule applies. Bytes that
// the vocabulary has no token for are passed over, as Hugging Face does. Short pieces rescan an
// array; long ones use a heap, so that a megabyte without a space stays n log n.
//
// Threads: immutable after load.  Errors: kCorrupt naming the rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/gguf.h"
#include "engine/tokenizer/vocabulary.h"

namespace engram {

class Merges {
 public:
  static Result<Merges> load(const GgufFile& file, const Vocabulary& vocabulary);

  // Appends the ids of one piece.
  void apply(std::string_view piece, const Vocabulary& vocabulary, std::vector<TokenId>& out) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Rule {
    TokenId left = -1, right = -1;
    std::uint32_t rank = kNone;  // kNone: an empty slot
    TokenId merged = -1;
  };

  const Rule* find(TokenId left, TokenId right) const;  // nullptr: no rule
  std::uint32_t rank(TokenId left, TokenId right) const;
  void insert(const Rule& rule);
  void apply_short(std::vector<TokenId>& ids) const;
  void apply_long(std::vector<TokenId>& ids) const;
  std::size_t slot(TokenId left, TokenId right) const;

  std::vector<Rule> table_;  // open addressing; a power of two
};

}  // namespace engram
