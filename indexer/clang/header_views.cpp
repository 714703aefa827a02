#include "indexer/clang/header_views.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/hash.h"
#include "core/path.h"

namespace engram {

namespace {

constexpr std::size_t kFilePart = 4;
constexpr std::uint32_t kMainFile = 0;

std::string_view as_text(const ViewKey& key) {
  return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}

void copy_hash(std::string_view text, std::size_t from, ViewKey& key) {
  const Sha256 hash = sha256(text);
  const std::size_t n = from == 0 ? kFilePart : key.bytes.size() - from;
  std::copy_n(hash.bytes.begin(), n, key.bytes.begin() + static_cast<std::ptrdiff_t>(from));
}

}  // namespace

void HeldViews::add(const std::vector<ViewKey>& keys) { keys_.insert(keys.begin(), keys.end()); }

HeaderViews::HeaderViews(const clang::SourceManager& sources, FilePlaces& places,
                         const HeldViews* held, std::string root, std::string context)
    : sources_(sources),
      places_(places),
      held_(held),
      root_(std::move(root)),
      context_(std::move(context)) {}

std::string HeaderViews::short_path(const std::string& path) const {
  return relative_path(root_, path).value_or(path);
}

void HeaderViews::enter(clang::FileID id) {
  if (held_ == nullptr) return;
  open_.push_back(readings_.size());
  by_id_[id] = readings_.size();
  Reading& reading = readings_.emplace_back();
  reading.id = id;
  const auto entry = sources_.getFileEntryRefForID(id);
  if (!entry || id == sources_.getMainFileID()) return;
  reading.entry = &entry->getFileEntry();
  reading.file = places_.number(id).value_or(kNoNumber);
  if (reading.file == kNoNumber) return;
  const UnitFile& file = places_.read_file(reading.file);
  const auto& content = file.content.bytes;
  copy_hash(short_path(file.path) + '\0' + std::string(content.begin(), content.end()) +
                (file.system ? 's' : 'o') + context_,
            0, reading.key);
}

void HeaderViews::leave(bool sound) {
  if (held_ == nullptr || open_.empty()) return;
  Reading& reading = readings_[open_.back()];
  open_.pop_back();
  reading.sound = sound;
  if (reading.entry == nullptr) return;
  reading.key = key_of(reading);
  // A guard that stopped a second reading after all: whoever included it sees what was read first.
  const bool again = !reading.has_effect && reading.left_out && latest_.contains(reading.entry);
  if (!again) latest_[reading.entry] = reading.key;
  skipped_again(*reading.entry);
}

ViewKey HeaderViews::key_of(const Reading& reading) const {
  ViewKey key = reading.key;
  const std::string_view file_part = as_text(key).substr(0, kFilePart);
  std::string text(file_part);
  text += context_;
  const auto& content = places_.read_file(reading.file).content.bytes;
  text.append(content.begin(), content.end());
  text += short_path(places_.read_file(reading.file).path) + '\0';
  text += reading.events;
  copy_hash(text, kFilePart, key);
  return key;
}

void HeaderViews::append(std::uint64_t event) {
  if (open_.empty()) return;
  std::string& events = readings_[open_.back()].events;
  const std::size_t at = events.size();
  events.resize(at + sizeof event);
  std::memcpy(events.data() + at, &event, sizeof event);
}

void HeaderViews::changed_something() {
  if (!open_.empty()) readings_[open_.back()].has_effect = true;
}

void HeaderViews::macro(Event event, llvm::StringRef name, const clang::MacroInfo* definition) {
  if (open_.empty()) return;
  if (event == Event::kExpanded && name == "__COUNTER__") readings_[open_.back()].unique = true;
  if (event != Event::kTested) changed_something();
  const std::uint64_t value = definition == nullptr ? 0 : definition_hash(*definition);
  append(xxh3({name.data(), name.size()}, value + static_cast<std::uint64_t>(event)));
}

void HeaderViews::outcome(Event event, std::uint64_t value) {
  append(static_cast<std::uint64_t>(event) << 56 ^ value);
}

void HeaderViews::included(std::uint32_t offset) {
  if (open_.empty()) return;
  readings_[open_.back()].inclusions.push_back(offset);
}

void HeaderViews::skipped_again(const clang::FileEntry& included) {
  if (open_.empty()) return;
  const auto known = latest_.find(&included);
  // In the middle of itself: its key is not known yet.
  if (known == latest_.end()) return append(static_cast<std::uint64_t>(Event::kIncluded));
  readings_[open_.back()].events += as_text(known->second);
  changed_something();
}

std::uint64_t HeaderViews::place_hash(clang::SourceLocation file_location) {
  const auto [id, offset] = sources_.getDecomposedLoc(file_location);
  const auto [at, added] = paths_.try_emplace(id, 0);
  if (added) at->second = xxh3(short_path(places_.path(file_location)));
  const std::uint64_t words[2] = {at->second, offset};
  return xxh3({reinterpret_cast<const char*>(words), sizeof words});
}

std::uint64_t HeaderViews::definition_hash(const clang::MacroInfo& macro) {
  const auto [at, added] = definitions_.try_emplace(&macro, 1);
  if (!added || macro.isBuiltinMacro() || macro.getDefinitionLoc().isInvalid()) return at->second;
  const clang::SourceLocation location = macro.getDefinitionLoc();
  const auto [file, begin] = sources_.getDecomposedLoc(location);
  const llvm::StringRef text = sources_.getBufferData(file);
  const unsigned last = macro.tokens_empty() ? 0 : macro.tokens().back().getLength();
  const llvm::StringRef written = text.substr(begin, macro.getDefinitionLength(sources_) + last);
  const std::uint64_t path = xxh3(short_path(places_.path(location)));
  return at->second = xxh3({written.data(), written.size()}, path);
}

const HeaderViews::Reading* HeaderViews::reading_of(clang::FileID id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : &readings_[at->second];
}

void HeaderViews::guess(clang::FileID id, std::uint32_t offset, std::uint64_t candidates) {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return;
  const std::uint64_t words[2] = {offset, candidates};
  // A sum: templates are not visited in the order they are written.
  readings_[at->second].guesses += xxh3({reinterpret_cast<const char*>(words), sizeof words});
}

FileView HeaderViews::view_of(const std::vector<const Reading*>& readings) const {
  std::set<ViewKey> keys;
  bool unique = false, sound = true;
  for (const Reading* reading : readings) {
    keys.insert(reading->key);
    unique |= reading->unique;
    sound &= reading->sound;
  }
  FileView view{readings.front()->file, *keys.begin(), ViewTold::kHere};
  if (keys.size() > 1) {
    std::string text;
    for (const ViewKey& key : keys) text += as_text(key);
    copy_hash(text, kFilePart, view.key);
  }
  const auto other = relied_on_.find(readings.front()->entry);
  if (other != relied_on_.end()) {
    view.key = other->second;
    view.told = ViewTold::kElsewhere;
  } else if (!unique && held_->has(view.key)) {
    view.told = ViewTold::kElsewhere;
  } else if (unique || !sound) {
    view.told = ViewTold::kHereUnclaimed;
  }
  return view;
}

FileView HeaderViews::so_far(const clang::FileEntry& file) const {
  std::vector<const Reading*> readings;
  for (const Reading& reading : readings_) {
    if (reading.entry == &file && reading.file != kNoNumber) readings.push_back(&reading);
  }
  return view_of(readings);
}

void HeaderViews::settle() {
  std::map<std::uint32_t, std::vector<const Reading*>> files;
  for (Reading& reading : readings_) {
    if (reading.entry == nullptr || reading.file == kNoNumber || reading.file == kMainFile)
      continue;
    const std::uint64_t guesses = reading.guesses;
    std::string text(as_text(reading.key));
    text.append(reinterpret_cast<const char*>(&guesses), sizeof guesses);
    if (guesses != 0) copy_hash(text, kFilePart, reading.key);
    files[reading.file].push_back(&reading);
  }
  std::vector<bool> held(places_.count());
  for (const auto& [file, readings] : files) {
    views_.push_back(view_of(readings));
    held[file] = views_.back().told == ViewTold::kElsewhere;
  }
  for (Reading& reading : readings_) {
    reading.held = reading.entry != nullptr && reading.file != kNoNumber && held[reading.file];
  }
}

bool HeaderViews::told_elsewhere(clang::FileID id) const {
  const Reading* reading = reading_of(id);
  return reading != nullptr && reading->held;
}

bool HeaderViews::includes_within(clang::FileID id, std::uint32_t begin, std::uint32_t end) const {
  const Reading* reading = reading_of(id);
  return reading != nullptr &&
         std::any_of(reading->inclusions.begin(), reading->inclusions.end(),
                     [&](std::uint32_t at) { return begin <= at && at <= end; });
}

std::vector<FileView> HeaderViews::take(bool complete) {
  for (FileView& view : views_) {
    if (!complete && view.told == ViewTold::kHere) view.told = ViewTold::kHereUnclaimed;
  }
  return std::move(views_);
}

}  // namespace engram
