#include "assist/completion/definition_outline.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "assist/completion/line_view.h"
#include "indexer/syntax/language.h"
#include "memory/symbol_kinds.h"

namespace engram {

namespace {

constexpr std::size_t kMaxNames = 14;    // identifiers looked up
constexpr std::size_t kMaxMembers = 14;  // of one type
constexpr std::size_t kHitsPerName = 6;  // looked at; the best one or two are shown
constexpr std::size_t kShownPerName = 2;

std::size_t shared_directories(std::string_view a, std::string_view b) {
  std::size_t shared = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i) {
    if (a[i] == '/') ++shared;
  }
  return shared;
}

// Nearer files first, the repository's own before vendored ones, code before tests.
int preference(const SymbolHit& hit, const ContextQuery& query) {
  int points = 4 * static_cast<int>(shared_directories(hit.path, query.path));
  if (hit.language == query.language) points += 6;
  if (hit.symbol.is_definition) points += 2;
  if (is_foreign(hit.flags)) points -= 8;
  if ((hit.flags & static_cast<std::uint32_t>(FileFlag::kGenerated)) != 0) points -= 8;
  if ((hit.flags & static_cast<std::uint32_t>(FileFlag::kTest)) != 0) points -= 5;
  return points;
}

class Outliner {
 public:
  Outliner(CatalogueReader& reader, const ContextQuery& query,
           const std::function<bool()>& may_go_on)
      : reader_(reader), query_(query), may_go_on_(may_go_on) {
    if (const auto* traits = language_traits(query.language)) {
      comment_ = std::string(traits->line_comment);
      separator_ = std::string(traits->scope_separator);
    }
  }
  std::vector<PromptSnippet> run();

 private:
  std::vector<SymbolHit> best_hits(const std::string& name);
  void add(const SymbolHit& hit, bool with_members);
  void add_members(const SymbolHit& type, PromptSnippet& snippet);
  PromptSnippet start_snippet(const SymbolHit& hit) const;

  CatalogueReader& reader_;
  const ContextQuery& query_;
  const std::function<bool()>& may_go_on_;
  std::string comment_ = "#", separator_ = "::";
  std::set<std::pair<std::string, std::uint32_t>> seen_;  // path and line
  std::vector<PromptSnippet> found_;                      // best first
};

std::vector<SymbolHit> Outliner::best_hits(const std::string& name) {
  CatalogueReader::SymbolQuery query;
  query.name = name;
  query.limit = kHitsPerName;
  auto hits = reader_.symbols(query);
  if (!hits) return {};
  std::erase_if(*hits, [&](const SymbolHit& hit) {
    return query_.excludes(hit.path) || hit.symbol.signature.empty();  // the file itself is shown
  });
  std::sort(hits->begin(), hits->end(), [&](const SymbolHit& a, const SymbolHit& b) {
    const int pa = preference(a, query_), pb = preference(b, query_);
    return pa != pb ? pa > pb : std::tie(a.path, a.symbol.line) < std::tie(b.path, b.symbol.line);
  });
  if (hits->size() > kShownPerName) hits->resize(kShownPerName);
  return *std::move(hits);
}

PromptSnippet Outliner::start_snippet(const SymbolHit& hit) const {
  PromptSnippet snippet;
  snippet.kind = PromptSnippet::Kind::kDefinitions;
  snippet.path = hit.path;
  snippet.line = hit.symbol.line;
  snippet.certainty = hit.certainty;
  if (!hit.symbol.container.empty()) {
    snippet.text = comment_ + " " + hit.symbol.container + "\n";
  }
  snippet.text += hit.symbol.signature + "\n";
  snippet.names.push_back(hit.symbol.name);
  snippet.lines.push_back(hit.symbol.line);
  return snippet;
}

void Outliner::add_members(const SymbolHit& type, PromptSnippet& snippet) {
  const auto& symbol = type.symbol;
  const std::string whole =
      symbol.container.empty() ? symbol.name : symbol.container + separator_ + symbol.name;
  const auto members = reader_.members(whole, 2 * kMaxMembers);
  if (!members) return;
  std::size_t shown = 0;
  for (const auto& member : *members) {
    if (member.path != type.path || member.symbol.signature.empty()) continue;
    if (++shown > kMaxMembers) break;
    snippet.text += "  " + member.symbol.signature + "\n";
    snippet.names.push_back(member.symbol.name);
    snippet.lines.push_back(member.symbol.line);
    seen_.insert({member.path, member.symbol.line});
  }
}

void Outliner::add(const SymbolHit& hit, bool with_members) {
  if (!seen_.insert({hit.path, hit.symbol.line}).second) return;
  PromptSnippet snippet = start_snippet(hit);
  if (with_members && is_type_with_members(hit.symbol.kind)) add_members(hit, snippet);
  // Next to an earlier one of the same file when there is one: one path, fewer tokens.
  const auto same = std::find_if(found_.begin(), found_.end(),
                                 [&](const PromptSnippet& s) { return s.path == snippet.path; });
  if (same == found_.end()) {
    found_.push_back(std::move(snippet));
    return;
  }
  same->text += snippet.text;
  same->names.insert(same->names.end(), snippet.names.begin(), snippet.names.end());
  same->lines.insert(same->lines.end(), snippet.lines.begin(), snippet.lines.end());
  same->certainty = std::min(same->certainty, snippet.certainty);
}

std::vector<PromptSnippet> Outliner::run() {
  for (const auto& type : query_.receiver_types) {
    if (!may_go_on_()) break;
    for (const auto& hit : best_hits(type)) {
      if (is_type_with_members(hit.symbol.kind)) add(hit, true);
    }
  }
  std::size_t looked_up = 0;
  for (const auto& name : query_.identifiers) {
    if (looked_up++ == kMaxNames || !may_go_on_()) break;
    for (const auto& hit : best_hits(name)) add(hit, looked_up <= kMaxNames / 2);
  }
  std::reverse(found_.begin(), found_.end());
  return std::move(found_);
}

}  // namespace

std::vector<PromptSnippet> outline_definitions(CatalogueReader& reader, const ContextQuery& query,
                                               const std::function<bool()>& may_go_on) {
  return Outliner(reader, query, may_go_on).run();
}

}  // namespace engram
