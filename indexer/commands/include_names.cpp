#include "indexer/commands/include_names.h"

#include <algorithm>

namespace engram {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text = trimmed(text.substr(word.size()));
  return true;
}

}  // namespace

std::vector<std::pair<std::string, bool>> include_names(std::string_view text) {
  std::vector<std::pair<std::string, bool>> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!take_word(line, "#")) continue;
    if (!take_word(line, "include") && !take_word(line, "import")) continue;
    if (line.empty() || (line.front() != '"' && line.front() != '<')) continue;
    const bool angled = line.front() == '<';
    const std::size_t close = line.find(angled ? '>' : '"', 1);
    if (close == std::string_view::npos || close == 1) continue;
    names.emplace_back(std::string(line.substr(1, close - 1)), angled);
  }
  return names;
}

}  // namespace engram
