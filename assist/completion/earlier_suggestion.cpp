#include "assist/completion/earlier_suggestion.h"

#include <algorithm>

namespace engram {

std::string old_text_for(const EarlierSuggestion& earlier, std::string_view line_above,
                         std::string_view line_before) {
  if (earlier.line_above != line_above) return {};
  const std::string_view before = earlier.line_before, text = earlier.text;
  if (before.starts_with(line_before)) {  // nothing changed, or keys were taken back
    return std::string(before.substr(line_before.size())) + std::string(text);
  }
  if (!line_before.starts_with(before)) return {};
  const std::string_view typed = line_before.substr(before.size());
  const auto same = std::mismatch(typed.begin(), typed.end(), text.begin(), text.end());
  return std::string(same.second, text.end());
}

}  // namespace engram
