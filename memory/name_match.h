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

namespace engram {

class NameMatcher {
 public:
  explicit NameMatcher(std::string_view pattern);

  // 0: no match; larger is better, at most 10'000.
  int score(std::string_view name) const;

 private:
  bool has_all_letters(std::string_view name) const;

  std::string pattern_, lower_;
  std::uint64_t letters_ = 0;  // which bytes (folded, modulo 64) the pattern has
};

}  // namespace engram
