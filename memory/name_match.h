// memory/name_match.h: how well a typed pattern fits an identifier: for `find --fuzzy` and the
// editor's symbol search.
//
// exact > exact but for case > prefix > whole sub-words from a word start > sub-sequence whose
// letters start words ("ghp" in getHttpPort) > any sub-sequence. Within a class shorter names and
// letters closer together win. Case is ignored but breaks ties.
//
// Threads: thread-compatible.  Errors: none.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "memory/sub_words.h"

namespace engram {

// What of a name decides whether a pattern can fit it at all, kept by whoever asks often.
struct NameShape {
  // A bit for each byte that occurs (folded, modulo 64), and one for each letter that does twice,
  // where no byte of an ASCII identifier has its own.
  std::uint64_t letters = 0;
  std::uint64_t heads = 0;   // the same of bytes that begin a sub-word
  std::uint64_t starts = 0;  // where sub-words begin, in the first 64 bytes
};
std::uint64_t letter_bit(char c);  // folded
std::uint64_t letters_of(std::string_view name);
NameShape shape_of(std::string_view name);

class NameMatcher {
 public:
  explicit NameMatcher(std::string_view pattern);

  // 0: no match; larger is better, at most 10'000.
  int score(std::string_view name) const;

  // score() class by class: every score of the first is above every score of the second, and those
  // above the third's. The score of a name is that of the first function that does not answer 0.
  // `starts`: NameShape's.  REQUIRES of the last two: can_fit.
  bool can_fit(std::uint64_t letters, std::size_t size) const {
    return (letters & letters_) == letters_ && size >= pattern_.size() && !pattern_.empty();
  }
  std::uint64_t head() const { return head_; }  // the pattern's first byte, among NameShape::heads
  int prefix_score(std::string_view name) const;
  int word_score(std::string_view name, std::uint64_t starts) const;
  int loose_score(std::string_view name, std::uint64_t starts) const;
  // No loose_score of a name of that size is higher; `head`: some sub-word begins as the pattern.
  int loose_bound(std::size_t size, bool head) const;

 private:
  int short_loose_score(std::string_view name, std::uint64_t starts) const;

  std::string pattern_, lower_;
  std::uint64_t letters_ = 0, head_ = 0;
  int from_inside_ = 0;  // what it costs at least not to begin where a sub-word does
  // Of each byte, in either case, which of the pattern's distinct bytes it is, from 1 on; 0: none.
  std::array<std::uint8_t, 256> slots_{};
  std::uint8_t distinct_ = 0;
};

}  // namespace engram
