#include "indexer/commands/flag_report.h"

#include <algorithm>

namespace engram {

namespace {
constexpr std::size_t kMaxNames = 500;
constexpr std::size_t kMaxNameBytes = 200;
}  // namespace

void FlagReport::count(FlagFate fate, std::string_view name) {
  auto& names = counts_[fate];
  name = name.substr(0, kMaxNameBytes);
  auto it = names.find(name);
  if (it == names.end()) {
    it = names.emplace(names.size() < kMaxNames ? std::string(name) : "...", 0).first;
  }
  ++it->second;
}

void FlagReport::merge(const FlagReport& other) {
  for (const auto& [fate, names] : other.counts_) {
    for (const auto& [name, n] : names) counts_[fate][name] += n;
  }
}

std::size_t FlagReport::total(FlagFate fate) const {
  std::size_t sum = 0;
  if (const auto it = counts_.find(fate); it != counts_.end()) {
    for (const auto& [name, n] : it->second) sum += n;
  }
  return sum;
}

std::vector<std::pair<std::string, std::size_t>> FlagReport::names(FlagFate fate) const {
  std::vector<std::pair<std::string, std::size_t>> out;
  if (const auto it = counts_.find(fate); it != counts_.end()) {
    out.assign(it->second.begin(), it->second.end());
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return out;
}

}  // namespace engram
