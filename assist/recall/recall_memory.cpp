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

struct NearPart {
  RecallMemory::Place place;
  std::uint32_t first_line = 1;
};

// The part of the text around what is left out, cut at line starts.
NearPart near_part(const RecallMemory::Place& place) {
  NearPart out{place};
  RecallMemory::Place& near = out.place;
  near.end = std::min(place.end, place.text.size());
  near.begin = std::min(place.begin, near.end);
  if (near.begin > kReach) {
    const std::size_t line = place.text.find('\n', near.begin - kReach);
    const std::size_t cut = line < near.begin ? line + 1 : near.begin - kReach;
    out.first_line += static_cast<std::uint32_t>(
        std::count(near.text.begin(), near.text.begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
    near.text.remove_prefix(cut);
    near.begin -= cut;
    near.end -= cut;
  }
  if (near.text.size() - near.end > kReach) {
    const std::size_t line = near.text.rfind('\n', near.end + kReach - 1);
    const bool inside = line != std::string_view::npos && line >= near.end;
    near.text = near.text.substr(0, inside ? line + 1 : near.end + kReach);
  }
  if (!place.below_cursor) near.text = near.text.substr(0, near.end);
  return out;
}

// Of a place whose text begins at `first_line` of the document.
std::uint64_t key_of(const RecallMemory::Place& place, const EditedDocuments::All& edited,
                     std::uint32_t first_line = 1) {
  std::string key(place.path);
  const auto add = [&](std::uint64_t value) { key += '\0' + std::to_string(value); };
  add(first_line);
  add(xxh3(place.text.substr(0, place.begin)));
  add(xxh3(place.text.substr(place.end)));
  for (const std::string& path : place.excluded_paths) key += '\0' + path;
  for (const auto& text : edited) {
    key += '\0' + text->open.path;
    key.append(reinterpret_cast<const char*>(text->content.bytes.data()),
               text->content.bytes.size());
  }
  return xxh3(key);
}

// Found among those kept, or made and kept in place of the one not used for longest.
template <class AllKept, class State, class Make>
auto kept_or_made(AllKept& all, std::uint64_t key, const State& state, const Make& make) {
  const auto known = std::find_if(all.begin(), all.end(), [&](const auto& kept) {
    return kept.key == key && kept.state == state;
  });
  if (known != all.end()) {
    std::rotate(known, known + 1, all.end());
  } else {
    auto made = make();
    if (all.size() == kKeptViews) all.erase(all.begin());
    all.push_back({key, state, std::move(made)});
  }
  return all.back().made;
}

std::shared_ptr<const KnownNames> known_names(const RecallMemory::Place& place,
                                              const EditedDocuments::All& edited,
                                              const std::shared_ptr<const Identifiers>& repository,
                                              const std::filesystem::path& store) {
  std::string text(place.text.substr(0, place.begin));
  text += '\n';
  text += place.text.substr(place.end);
  std::vector<std::string> paths = place.excluded_paths;
  paths.emplace_back(place.path);
  for (const auto& other : edited) {
    paths.push_back(other->open.path);
    if (!other->secret) text += '\n' + *other->open.text;
  }
  std::vector<std::string> buffer = names_in_text(text), gone;
  auto catalogue = CatalogueReader::open(store);
  if (repository != nullptr && catalogue) {
    gone = names_only_in(**catalogue, *repository, paths, buffer);
  }
  return std::make_shared<const KnownNames>(repository, std::move(buffer), std::move(gone));
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
  if (vocabulary_ == nullptr) vocabulary_ = engram_vocabulary(*tokenizer_);
  if (store_.empty()) return nullptr;
  if (reader_ == nullptr) reader_ = std::make_unique<EngramReader>(store_, vocabulary_);
  const auto snapshot = reader_->snapshot();
  return snapshot ? *snapshot : nullptr;
}

EditedDocuments::All RecallMemory::edited_beside(const Place& place,
                                                 const EngramSnapshot* snapshot) {
  std::vector<OpenBuffer> open;
  for (const OpenBuffer& one : place.open) {
    const bool excluded = std::find(place.excluded_paths.begin(), place.excluded_paths.end(),
                                    one.path) != place.excluded_paths.end();
    if (!excluded && one.path != place.path) open.push_back(one);
  }
  return edited_.find(open, snapshot, *tokenizer_, *vocabulary_);
}

std::shared_ptr<const EngramView> RecallMemory::view(const Place& place) {
  const auto [near, first_line] = near_part(place);
  const MutexLock lock(mutex_);
  const auto snapshot = newest();
  const auto vocabulary = vocabulary_;
  const auto edited = edited_beside(place, snapshot.get());
  const std::uint64_t key = key_of(near, edited, first_line);
  return kept_or_made(views_, key, snapshot, [&] {
    std::vector<EngramBuffer> buffers = {
        buffer_for_memory(*tokenizer_, near.path, near.text, near.begin, near.end, first_line)};
    for (const std::string& path : place.excluded_paths) buffers.push_back({path, {}});
    for (const auto& text : edited) buffers.push_back({text->open.path, {}, text->segment});
    return std::make_shared<const EngramView>(snapshot, vocabulary, buffers,
                                              EngramView::Options{std::string(place.path), false});
  });
}

std::shared_ptr<const KnownNames> RecallMemory::names(const Place& place) {
  Place whole = place;
  whole.end = std::min(place.end, place.text.size());
  whole.begin = std::min(place.begin, whole.end);
  if (!place.below_cursor) whole.text = whole.text.substr(0, whole.end);
  const MutexLock lock(mutex_);
  const auto edited = edited_beside(place, newest().get());
  const std::uint64_t key = key_of(whole, edited);
  if (identifiers_ == nullptr && !store_.empty()) {
    identifiers_ = std::make_unique<IdentifierReader>(store_);
  }
  const auto newest = identifiers_ != nullptr ? identifiers_->newest()
                                              : Result<std::shared_ptr<const Identifiers>>(nullptr);
  const std::shared_ptr<const Identifiers> repository = newest ? *newest : nullptr;
  const std::filesystem::path store = store_;
  return kept_or_made(names_, key, repository,
                      [&] { return known_names(whole, edited, repository, store); });
}

}  // namespace engram
