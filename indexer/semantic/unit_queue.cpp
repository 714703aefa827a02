#include "indexer/semantic/unit_queue.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

namespace engram {

namespace {

enum Tier : int { kOpen, kIncludesOpen, kSharesHeader, kOther };

// Sources read for their inclusions: beyond, those near the beginning have to do.
constexpr std::size_t kMaxRead = 20'000;
constexpr std::size_t kReadAtOnce = 256;  // and then the open files are looked at again

// Of a command, everything but the file, and what that is written in.
std::string what_else_decides(const CompileCommand& command) {
  std::string text = command.directory;
  for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i) {
    text += '\0' + command.arguments[i];
  }
  return text + '\0' + std::filesystem::path(command.file).extension().string();
}

}  // namespace

UnitQueue::UnitQueue(std::vector<CompileCommand> units, std::string root, OpenFiles open_files)
    : units_(std::move(units)), root_(std::move(root)), open_files_(std::move(open_files)) {
  const MutexLock lock(mutex_);
  taken_.resize(units_.size());
  rank_again();
}

const CompileCommand* UnitQueue::take() {
  const MutexLock lock(mutex_);
  follow_open_files();
  if (order_.empty()) return nullptr;
  // Reading inclusions may take seconds: not before the open files are on their way, nor while one
  // that is opened meanwhile waits.
  while (!includes_known_ && ranks_[order_.back()].tier != kOpen) {
    if (read_inclusions()) rank_by_inclusions();
    follow_open_files();
  }
  const std::uint32_t next = order_.back();
  order_.pop_back();
  taken_[next] = true;
  return &units_[next];
}

void UnitQueue::follow_open_files() {
  std::vector<std::string> open = open_files_ ? open_files_() : std::vector<std::string>();
  if (open == open_) return;
  open_ = std::move(open);
  rank_again();
}

void UnitQueue::improve(std::uint32_t unit, Rank rank) {
  ranks_[unit] = std::min(ranks_[unit], rank);
}

void UnitQueue::rank_again() {
  ranks_.assign(units_.size(), {kOther, 0});
  includes_known_ = false;
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    const auto at = std::find(open_.begin(), open_.end(), units_[i].file);
    if (at != open_.end()) improve(i, {kOpen, static_cast<std::uint32_t>(at - open_.begin())});
  }
  sort_waiting();
}

void UnitQueue::sort_waiting() {
  std::vector<std::pair<Rank, std::uint32_t>> waiting;
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    if (!taken_[i]) waiting.emplace_back(ranks_[i], i);
  }
  std::sort(waiting.begin(), waiting.end(), std::greater<>());
  order_.clear();
  for (const auto& [rank, unit] : waiting) order_.push_back(unit);
}

bool UnitQueue::read_inclusions() {
  if (graph_ == nullptr) {
    graph_ = std::make_unique<IncludeGraph>(root_);
    headers_.resize(units_.size());
  }
  const std::size_t most = std::min(units_.size(), kMaxRead);
  for (const std::size_t end = std::min(read_ + kReadAtOnce, most); read_ < end; ++read_) {
    const CompileCommand& unit = units_[read_];
    graph_->add_unit(unit, static_cast<std::uint32_t>(read_));
    headers_[read_].command = what_else_decides(unit);
    // A borrowed command is another file's, perhaps a header's: not worth the risk.
    // What is read before an import would have other places than in the module (011).
    if (unit.origin == CommandOrigin::kExact && unit.modules.empty()) {
      headers_[read_].headers = graph_->names_outside(unit.file);
    }
  }
  if (read_ < most) return false;
  if (headers_.empty()) return true;
  const std::vector<std::string> folders = system_include_folders();
  prefixes_ = SharedPrefixes(std::exchange(headers_, {}),
                             [&](std::size_t unit) { return HeaderSizes(units_[unit], folders); });
  return true;
}

std::vector<std::vector<std::string>> UnitQueue::prefix_of(const CompileCommand& taken) const {
  const MutexLock lock(mutex_);
  if (graph_ == nullptr || !headers_.empty()) return {};
  return prefixes_.prefix(static_cast<std::size_t>(&taken - units_.data()));
}

void UnitQueue::rank_by_inclusions() {
  includes_known_ = true;
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    // Guessed units come as they are given: they share nothing, and there may be no time for all.
    const bool guessed = units_[i].origin == CommandOrigin::kInferred;
    if (ranks_[i].tier == kOther) ranks_[i].within = guessed ? i : prefixes_.position(i);
  }
  for (const std::string& file : open_) {
    graph_->add_file(file, units_.front());  // it may be no unit, or none that waits
    for (const auto& [unit, distance] : graph_->units_including(file)) {
      improve(unit, {kIncludesOpen, distance});
    }
    for (const std::string& header : graph_->included_by(file)) {
      const auto units = graph_->units_including(header);
      for (const auto& [unit, distance] : units) {
        improve(unit, {kSharesHeader, static_cast<std::uint32_t>(units.size())});
      }
    }
  }
  sort_waiting();
}

}  // namespace engram
