#include "assist/evaluation/hidden_targets.h"

#include <algorithm>
#include <unordered_set>

#include "assist/completion/line_view.h"
#include "core/hash.h"
#include "memory/sub_words.h"

namespace engram {

namespace {

using Names = std::unordered_set<std::uint64_t>;  // hashes

Names names_in(std::string_view text) {
  Names names;
  for (const auto line : split_lines(text)) {
    for (const auto name : identifiers_in(line)) names.insert(xxh3(name));
  }
  return names;
}

// The names of a target, the one it begins within as a whole.
std::vector<std::string_view> names_of(std::string_view text, const HiddenTarget& target) {
  const std::size_t typed = identifier_before(text.substr(0, target.cursor)).size();
  auto names = identifiers_in(text.substr(target.cursor, target.end - target.cursor));
  for (std::string_view& name : names) {
    if (name.data() != text.data() + target.cursor) continue;
    name = {name.data() - typed, typed + name.size()};
  }
  return names;
}

// The lines a target is part of that say something, without their indentation.
std::vector<std::string_view> lines_of(std::string_view text, const HiddenTarget& target) {
  const std::size_t begin = line_begin(text, target.cursor);
  std::vector<std::string_view> lines;
  for (const auto line : split_lines(text.substr(begin, target.end - begin))) {
    if (trimmed(line).size() >= kLeastCodeBytes) lines.push_back(trimmed(line));
  }
  return lines;
}

}  // namespace

TargetKnowledge::TargetKnowledge(const std::vector<SourceFile>& sources, HideMode mode,
                                 const std::vector<HiddenTarget>& targets)
    : sources_(sources), mode_(mode) {
  for (const HiddenTarget& target : targets) {
    const std::string_view text = sources_[target.file].text;
    for (const auto line : lines_of(text, target)) places_of_[xxh3(line)];
    for (const auto name : names_of(text, target)) files_of_[xxh3(name)];
  }
  for (std::uint32_t f = 0; f < sources_.size(); ++f) {
    const std::string_view text = sources_[f].text;
    for (const auto line : split_lines(text)) {
      const auto begin = static_cast<std::size_t>(line.data() - text.data());
      for (const auto name : identifiers_in(line)) {
        const auto files = files_of_.find(xxh3(name));
        if (files == files_of_.end()) continue;
        if (files->second.empty() || files->second.back() != f) files->second.push_back(f);
      }
      if (trimmed(line).size() < kLeastCodeBytes) continue;
      const auto places = places_of_.find(xxh3(trimmed(line)));
      if (places != places_of_.end()) places->second.push_back({f, begin});
    }
  }
}

bool TargetKnowledge::line_is_novel(std::string_view line, const HiddenTarget& target) const {
  const auto& copies = target.copies;
  const auto& found = places_of_.at(xxh3(line));
  return std::none_of(found.begin(), found.end(), [&](const Line& place) {
    if (place.file != target.file) {
      return !std::binary_search(copies.begin(), copies.end(), place.file);
    }
    const std::size_t end = line_end(sources_[target.file].text, place.begin);
    const bool hidden = place.begin < target.end && end > target.cursor;
    return !hidden && (mode_ == HideMode::kLineOut || place.begin < target.cursor);
  });
}

bool TargetKnowledge::is_novel(const HiddenTarget& target) const {
  const auto lines = lines_of(sources_[target.file].text, target);
  const auto novel = std::count_if(lines.begin(), lines.end(),
                                   [&](auto line) { return line_is_novel(line, target); });
  return 2 * static_cast<std::size_t>(novel) > lines.size();
}

std::size_t TargetKnowledge::names_known(const HiddenTarget& target) const {
  const std::string_view text = sources_[target.file].text;
  std::string_view above = text.substr(0, target.cursor);
  above.remove_suffix(identifier_before(above).size());  // a half-typed name
  Names left = names_in(above);
  if (mode_ == HideMode::kLineOut) left.merge(names_in(text.substr(target.end)));
  const auto elsewhere = [&](std::string_view name) {
    if (left.contains(xxh3(name))) return true;
    const auto& files = files_of_.at(xxh3(name));
    return std::any_of(files.begin(), files.end(), [&](std::uint32_t file) {
      return file != target.file &&
             !std::binary_search(target.copies.begin(), target.copies.end(), file);
    });
  };
  const auto names = names_of(text, target);
  return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), elsewhere));
}

}  // namespace engram
