#include "assist/recall/recall_memory.h"

#include <algorithm>

#include "assist/engrams/memory_tokens.h"
#include "assist/engrams/recall.h"
#include "core/hash.h"

namespace engram {
namespace {

constexpr std::size_t kKeptViews = 4;
// Bytes of the buffer, each way. A view is made anew with every line: 15 ms with 128 KB each way,
// on the way of a keystroke.
constexpr std::size_t kReach = std::size_t{32} << 10;

// The part of the text around what is left out, cut at line starts.
RecallMemory::Place near_part(const RecallMemory::Place& place) {
  RecallMemory::Place near = place;
  near.end = std::min(place.end, place.text.size());
  near.begin = std::min(place.begin, near.end);
  if (near.begin > kReach) {
    const std::size_t line = place.text.find('\n', near.begin - kReach);
    const std::size_t cut = line < near.begin ? line + 1 : near.begin - kReach;
    near.text.remove_prefix(cut);
    near.begin -= cut;
    near.end -= cut;
  }
  if (near.text.size() - near.end > kReach) near.text = near.text.substr(0, near.end + kReach);
  if (!place.below_cursor) near.text = near.text.substr(0, near.end);
  return near;
}

std::uint64_t key_of(const RecallMemory::Place& place) {
  std::string key(place.path);
  const auto add = [&](std::uint64_t value) { key += '\0' + std::to_string(value); };
  add(xxh3(place.text.substr(0, place.begin)));
  add(xxh3(place.text.substr(place.end)));
  for (const std::string& path : place.excluded_paths) key += '\0' + path;
  return xxh3(key);
}

}  // namespace

RecallMemory::RecallMemory(std::shared_ptr<const Tokenizer> tokenizer,
                           const std::filesystem::path& store)
    : tokenizer_(std::move(tokenizer)), store_(store) {}

void RecallMemory::set_store(const std::filesystem::path& store) {
  const MutexLock lock(mutex_);
  store_ = store;
  reader_.reset();
  identifiers_.reset();
}

std::shared_ptr<const TokenIndex> RecallMemory::index() {
  const MutexLock lock(mutex_);
  if (index_ == nullptr) index_ = std::make_shared<const TokenIndex>(tokenizer_);
  return index_;
}

std::shared_ptr<const EngramSnapshot> RecallMemory::newest() {
  if (store_.empty()) return nullptr;
  if (reader_ == nullptr) reader_ = std::make_unique<EngramReader>(store_, vocabulary_);
  const auto snapshot = reader_->snapshot();
  return snapshot ? *snapshot : nullptr;
}

std::shared_ptr<const EngramView> RecallMemory::view(const Place& place) {
  const Place near = near_part(place);
  const std::uint64_t key = key_of(near);
  const MutexLock lock(mutex_);
  if (vocabulary_ == nullptr) vocabulary_ = engram_vocabulary(*tokenizer_);
  const auto snapshot = newest();
  const auto known = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.key == key && kept.snapshot == snapshot;
  });
  if (known != kept_.end()) {
    std::rotate(known, known + 1, kept_.end());
    return kept_.back().view;
  }
  std::vector<EngramBuffer> buffers = {
      buffer_for_memory(*tokenizer_, near.path, near.text, near.begin, near.end)};
  for (const std::string& path : place.excluded_paths) buffers.push_back({path, {}});
  if (kept_.size() == kKeptViews) kept_.erase(kept_.begin());
  kept_.push_back(
      {key, snapshot,
       std::make_shared<const EngramView>(snapshot, vocabulary_, buffers,
                                          EngramView::Options{std::string(place.path), false})});
  return kept_.back().view;
}

std::shared_ptr<const KnownNames> RecallMemory::names(const Place& place) {
  Place whole = place;
  whole.end = std::min(place.end, place.text.size());
  whole.begin = std::min(place.begin, whole.end);
  if (!place.below_cursor) whole.text = whole.text.substr(0, whole.end);
  const std::uint64_t key = key_of(whole);
  const MutexLock lock(mutex_);
  if (identifiers_ == nullptr && !store_.empty()) {
    identifiers_ = std::make_unique<IdentifierReader>(store_);
  }
  const auto newest = identifiers_ != nullptr ? identifiers_->newest()
                                              : Result<std::shared_ptr<const Identifiers>>(nullptr);
  const std::shared_ptr<const Identifiers> repository = newest ? *newest : nullptr;
  const auto known = std::find_if(
      kept_names_.begin(), kept_names_.end(),
      [&](const KeptNames& kept) { return kept.key == key && kept.repository == repository; });
  if (known != kept_names_.end()) {
    std::rotate(known, known + 1, kept_names_.end());
    return kept_names_.back().names;
  }
  std::string text(whole.text.substr(0, whole.begin));
  text += '\n';
  text += whole.text.substr(whole.end);
  std::vector<std::string> buffer = names_in_text(text);
  std::vector<std::string> gone;
  auto catalogue = CatalogueReader::open(store_);
  if (repository != nullptr && catalogue) {
    std::vector<std::string> paths = place.excluded_paths;
    paths.emplace_back(place.path);
    gone = names_only_in(**catalogue, *repository, paths, buffer);
  }
  if (kept_names_.size() == kKeptViews) kept_names_.erase(kept_names_.begin());
  kept_names_.push_back(
      {key, repository,
       std::make_shared<const KnownNames>(repository, std::move(buffer), std::move(gone))});
  return kept_names_.back().names;
}

}  // namespace engram
