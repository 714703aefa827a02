#include "indexer/semantic/live_units.h"

#include <algorithm>

#include "indexer/semantic/live_unit.h"

namespace engram {

LiveUnits::LiveUnits(LiveOptions options, CommandOf command_of)
    : options_(std::move(options)), command_of_(std::move(command_of)) {}

LiveUnits::~LiveUnits() {
  std::vector<std::shared_ptr<Unit>> all;
  {
    const MutexLock lock(mutex_);
    all = std::move(retired_);
    for (auto& [path, unit] : units_) all.push_back(std::move(unit));
    units_.clear();
  }
  for (const auto& unit : all) unit->stop();
}

// Its worker may take a moment to end; who asked does not wait for it.
void LiveUnits::retire(std::shared_ptr<Unit> unit) {
  unit->stop();
  std::erase_if(retired_, [](const auto& old) { return old->ended(); });
  retired_.push_back(std::move(unit));
}

std::shared_ptr<LiveUnits::Unit> LiveUnits::unit_of(const std::string& path) {
  const MutexLock lock(mutex_);
  std::shared_ptr<Unit>& unit = units_[path];
  if (unit == nullptr) {
    unit = std::make_shared<Unit>(options_, [this](const OpenFile& file) {
      const MutexLock one_at_a_time(commands_mutex_);
      return command_of_(file);
    });
  }
  unit->last_asked = ++asks_;
  const std::shared_ptr<Unit> found = unit;
  if (units_.size() > std::max<std::size_t>(options_.most_files, 1)) {
    const auto oldest = std::min_element(
        units_.begin(), units_.end(),
        [](const auto& a, const auto& b) { return a.second->last_asked < b.second->last_asked; });
    retire(std::move(oldest->second));
    units_.erase(oldest);
  }
  return found;
}

void LiveUnits::ask(LiveAsk ask, Done done) {
  const std::shared_ptr<Unit> unit = unit_of(ask.file.path);
  unit->ask(std::move(ask), std::move(done));
}

void LiveUnits::close(const std::string& path) {
  const MutexLock lock(mutex_);
  const auto found = units_.find(path);
  if (found == units_.end()) return;
  retire(std::move(found->second));
  units_.erase(found);
}

void LiveUnits::commands_changed() {
  const MutexLock lock(mutex_);
  for (const auto& [path, unit] : units_) unit->commands_changed();
}

}  // namespace engram
