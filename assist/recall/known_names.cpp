#include "assist/recall/known_names.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/ascii.h"
#include "memory/facts.h"
#include "memory/sub_words.h"

namespace engram {
namespace {

// Words of languages that stand where members do and are no names.
constexpr std::array<std::string_view, 10> kWords = {"await", "class", "default", "delete", "match",
                                                     "new",   "self",  "super",   "this",   "type"};

bool has(const std::vector<std::string>& sorted, std::string_view name) {
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), name);
  return it != sorted.end() && *it == name;
}

// How often each name stands in a file, as the vocabulary counts it.
using Tally = std::unordered_map<std::string, IdentifierCounts>;

void add_names_of(const FileFacts& facts, bool foreign, Tally& tally) {
  for (const Symbol& s : facts.symbols) {
    if (foreign && s.is_local) continue;
    IdentifierCounts& counts = tally[s.name];
    counts.uses += foreign ? 0 : 1;
    counts.add(s.kind, 1);
  }
  if (foreign) return;
  for (const Reference& r : facts.references) tally[r.name].uses += 1;
}

bool is_elsewhere(const Identifiers& repository, const std::string& name, IdentifierCounts here) {
  auto all = repository.find(name);
  if (!all) return false;
  here.negate();
  all->add(here);
  return all->uses > 0 || std::any_of(all->kinds.begin(), all->kinds.end(),
                                      [](const auto& k) { return k.count > 0; });
}

}  // namespace

KnownNames::KnownNames(std::shared_ptr<const Identifiers> repository,
                       std::vector<std::string> buffer, std::vector<std::string> gone)
    : repository_(std::move(repository)), buffer_(std::move(buffer)), gone_(std::move(gone)) {}

bool KnownNames::knows(std::string_view name) const {
  if (has(buffer_, name)) return true;
  if (std::find(kWords.begin(), kWords.end(), name) != kWords.end()) return true;
  return repository_ != nullptr && !has(gone_, name) && repository_->find(name).has_value();
}

std::vector<std::string> names_in_text(std::string_view text) {
  std::unordered_set<std::string_view> names;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_identifier_byte(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_identifier_byte(text[at])) ++at;
    if (!is_digit(text[begin])) names.insert(text.substr(begin, at - begin));
  }
  std::vector<std::string> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::vector<std::string> names_only_in(CatalogueReader& catalogue, const Identifiers& repository,
                                       const std::vector<std::string>& paths,
                                       const std::vector<std::string>& text) {
  Tally tally;
  std::unordered_set<std::string> done;  // the vocabulary counts each content once
  for (const std::string& path : paths) {
    const auto file = catalogue.file(path);
    if (!file || !*file || done.contains(path)) continue;
    const auto twins = catalogue.twins(path);
    if (!twins) continue;
    done.insert(twins->begin(), twins->end());
    const bool stays = std::any_of(twins->begin(), twins->end(), [&](const std::string& twin) {
      return std::find(paths.begin(), paths.end(), twin) == paths.end();
    });
    if (stays) continue;
    if (const auto facts = catalogue.facts(path)) {
      add_names_of(*facts, is_foreign((*file)->entry.flags), tally);
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, counts] : tally) {
    if (!has(text, name) && !is_elsewhere(repository, name, counts)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace engram
