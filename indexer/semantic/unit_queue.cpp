#include "indexer/semantic/unit_queue.h"

#include <algorithm>
#include <filesystem>
#include <functional>

namespace engram {

namespace {

enum Tier : int { kOpen, kIncludesOpen, kSharesHeader, kOther };

// Sources read for their inclusions: beyond, those near the beginning have to do.
constexpr std::size_t kMaxRead = 20'000;

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
  std::vector<std::string> open = open_files_ ? open_files_() : std::vector<std::string>();
  const MutexLock lock(mutex_);
  if (open != open_) {
    open_ = std::move(open);
    rank_again();
  }
  if (order_.empty()) return nullptr;
  // Reading inclusions may take a second: not before the open files are on their way.
  if (!includes_known_ && ranks_[order_.back()].tier != kOpen) {
    rank_by_inclusions();
  }
  const std::uint32_t next = order_.back();
  order_.pop_back();
  taken_[next] = true;
  return &units_[next];
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

void UnitQueue::read_inclusions() {
  graph_ = std::make_unique<IncludeGraph>(root_);
  std::vector<HeadersOfUnit> headers(units_.size());
  for (std::uint32_t i = 0; i < std::min(units_.size(), kMaxRead); ++i) {
    graph_->add_unit(units_[i], i);
    headers[i].command = what_else_decides(units_[i]);
    // A borrowed command is another file's, perhaps a header's: not worth the risk.
    if (units_[i].origin == CommandOrigin::kExact) {
      headers[i].headers = graph_->names_outside(units_[i].file);
    }
  }
  const std::vector<std::string> folders = system_include_folders();
  prefixes_ =
      SharedPrefixes(headers, [&](std::size_t unit) { return HeaderSizes(units_[unit], folders); });
}

std::vector<std::vector<std::string>> UnitQueue::prefix_of(const CompileCommand& taken) const {
  const MutexLock lock(mutex_);
  if (graph_ == nullptr) return {};
  return prefixes_.prefix(static_cast<std::size_t>(&taken - units_.data()));
}

void UnitQueue::rank_by_inclusions() {
  includes_known_ = true;
  if (graph_ == nullptr) read_inclusions();
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    if (ranks_[i].tier == kOther) ranks_[i].within = prefixes_.position(i);
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
