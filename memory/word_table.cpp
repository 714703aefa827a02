#include "memory/word_table.h"

namespace engram {

void WordTable::split(std::string_view identifier) {
  const auto first = static_cast<std::uint32_t>(part_words_.size());
  for_each_sub_word(identifier, [&](std::string_view word) {
    if (word.size() < 2) return;
    part_words_.push_back(words_.insert(word, [&](std::string_view s) { return arena_.keep(s); }));
  });
  parts_.push_back({first, static_cast<std::uint32_t>(part_words_.size()) - first});
}

void DistinctWords::add(std::string_view text) {
  table_.for_each_identifier(text, [&](std::span<const std::uint32_t> words) {
    if (seen_.size() < table_.size()) seen_.resize(table_.size() + 64, 0);
    for (const std::uint32_t word : words) {
      if (seen_[word] != 0) continue;
      seen_[word] = 1;
      if (!out_.empty()) out_.push_back(' ');
      out_ += table_.word(word);
    }
  });
}

}  // namespace engram
