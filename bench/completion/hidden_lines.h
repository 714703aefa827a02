// bench/completion/hidden_lines.h: lines of a repository to hide and complete, drawn by a seed.
//
// A line counts when it is code: enough characters, no comment, import or lone bracket. It is novel
// when the same line stands nowhere else in the repository.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"

namespace engram {

struct HiddenLine {
  std::string path;
  std::string language;
  std::shared_ptr<const std::string> text;  // the file without what is to be completed
  std::size_t offset = 0;                   // where the cursor stands
  std::size_t line = 0;                     // 1-based
  std::string truth;                        // what was taken away, up to the line's end
  bool novel = false;
};

struct HideOptions {
  std::size_t samples = 40;
  std::uint64_t seed = 1;
  std::vector<std::string> languages;  // empty: every one with a grammar
};

Result<std::vector<HiddenLine>> hide_lines(const std::filesystem::path& root,
                                           const HideOptions& options);

// 1 for equal texts, 0 for nothing in common: 1 - Levenshtein distance / longer length.
double edit_similarity(std::string_view a, std::string_view b);

}  // namespace engram
