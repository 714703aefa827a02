// tests/syntax/ctags_agreement.h: universal-ctags as a second opinion on definitions.
//
// Runs the ctags program on files of one language and looks for each of its tags among our
// symbols: same file, same name, a line at most kLineTolerance away. Tags that are no definitions
// (#include, HTML classes, here-documents) or that ctags invents (__anon12) are left out.
//
// Errors: kNotFound when there is no ctags program with JSON output; kInvalidArgument when it does
// not know the language.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

inline constexpr std::uint32_t kLineTolerance = 1;

struct MissedTag {
  std::string path;
  std::string name;
  std::string kind;  // ctags' word
  std::uint32_t line = 0;
};

struct CtagsAgreement {
  std::size_t files = 0;
  std::size_t tags = 0;
  std::size_t found = 0;
  std::vector<MissedTag> missed;
  double share() const {
    return tags == 0 ? 1.0 : static_cast<double>(found) / static_cast<double>(tags);
  }
};

bool ctags_knows(std::string_view language);  // by our name
Result<CtagsAgreement> compare_with_ctags(std::string_view language,
                                          const std::vector<std::string>& files);

}  // namespace engram
