#include "assist/evaluation/hidden_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "assist/completion/line_view.h"
#include "assist/evaluation/hidden_targets.h"
#include "assist/evaluation/similar_files.h"
#include "core/atomic_file.h"
#include "core/text.h"
#include "indexer/scan/scanner.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/syntax_tree.h"
#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr std::size_t kMostLineBytes = 160, kMaxFileBytes = 400'000;
constexpr std::size_t kLeastBlock = 3, kMostBlock = 8;  // lines
constexpr std::size_t kLeastName = 6;                   // bytes of a name to stand inside
constexpr std::size_t kMostTries = 100;                 // for one sample
// The same places are drawn on slow machines, too.
constexpr std::chrono::seconds kParse{60};

bool is_code_line(std::string_view line, std::string_view language) {
  const std::string_view code = trimmed(line);
  if (code.size() < kLeastCodeBytes || line.size() > kMostLineBytes) return false;
  if (identifiers_in(code).empty()) return false;
  for (const auto start :
       {"#include", "import ", "from ", "using ", "package ", "use ", "//", "/*", "* ", "\"\"\""}) {
    if (code.starts_with(start)) return false;
  }
  return !(code.front() == '#' && language != "cpp" && language != "c");
}

Result<std::vector<SourceFile>> read_sources(const std::filesystem::path& root) {
  ENGRAM_TRY(scan, scan_workspace(root, {}));
  std::vector<SourceFile> sources;
  for (const auto& entry : scan.files) {
    auto text = read_file(root / entry.path, kMaxFileBytes);
    if (!text) continue;
    if (auto decoded = utf8_from_utf16(*text)) text = *std::move(decoded);
    if (!inspect_contents(entry.path, *text).skip_reason.empty()) continue;
    const std::string language(language_of(entry.path, *text));
    if (language_traits(language) == nullptr) continue;
    sources.push_back({entry.path, language, *std::move(text), is_foreign(entry.flags)});
  }
  return sources;
}

class PlaceDrawer {
 public:
  PlaceDrawer(std::vector<SourceFile> sources, const HideOptions& options);
  bool empty() const { return candidates_.empty(); }
  std::vector<HiddenPlace> draw();

 private:
  struct Line {
    std::uint32_t file = 0;
    std::size_t begin = 0;
  };
  struct Drawn {
    HiddenTarget target;
    HiddenPlace place;
  };
  std::optional<Drawn> try_place(PlaceKind kind);
  std::optional<HiddenTarget> target_of(PlaceKind kind, const Line& drawn);
  std::optional<HiddenTarget> inside_name(std::string_view line, const Line& drawn);

  const HideOptions& options_;
  std::vector<SourceFile> sources_;
  SimilarFiles similar_;
  std::vector<Line> candidates_;
  std::mt19937_64 random_;
};

PlaceDrawer::PlaceDrawer(std::vector<SourceFile> sources, const HideOptions& options)
    : options_(options), sources_(std::move(sources)), random_(options.seed) {
  for (std::uint32_t f = 0; f < sources_.size(); ++f) {
    const SourceFile& file = sources_[f];
    similar_.add(file.text);
    if (file.vendored && !options.vendored) continue;
    const auto& wanted = options.languages;
    const bool chosen =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), file.language) != wanted.end();
    if (!chosen) continue;
    for (const auto line : split_lines(file.text)) {
      const auto begin = static_cast<std::size_t>(line.data() - file.text.data());
      if (is_code_line(line, file.language)) candidates_.push_back({f, begin});
    }
  }
}

std::optional<HiddenTarget> PlaceDrawer::inside_name(std::string_view line, const Line& drawn) {
  std::vector<std::string_view> names;
  for (const auto name : identifiers_in(line, kLeastName)) names.push_back(name);
  if (names.empty()) return std::nullopt;
  const auto name = names[random_() % names.size()];
  const auto at = static_cast<std::size_t>(name.data() - line.data());
  const std::size_t cursor = drawn.begin + at + 2 + random_() % (name.size() - 3);
  return HiddenTarget{drawn.file, cursor, drawn.begin + line.size()};
}

// The lines from `begin` on that are indented as its line or deeper; its line opens their block.
std::optional<HiddenTarget> block_at(std::string_view text, std::uint32_t file, std::size_t begin) {
  const std::string_view first = text.substr(begin, line_end(text, begin) - begin);
  const std::string_view above = previous_code_line(text.substr(0, begin));
  if (indentation(above) >= indentation(first)) return std::nullopt;
  std::size_t lines = 0, end = begin;
  for (std::size_t at = begin; at < text.size() && lines <= kMostBlock;) {
    const std::size_t stop = line_end(text, at);
    const std::string_view line = trimmed_right(text.substr(at, stop - at));
    if (!line.empty() && indentation(line) < indentation(first)) break;
    if (!line.empty()) {
      ++lines;
      end = at + line.size();
    }
    at = stop + 1;
  }
  if (lines < kLeastBlock || lines > kMostBlock) return std::nullopt;
  return HiddenTarget{file, begin + first.find_first_not_of(" \t"), end};
}

std::optional<HiddenTarget> PlaceDrawer::target_of(PlaceKind kind, const Line& drawn) {
  const std::string_view text = sources_[drawn.file].text;
  const std::size_t begin = drawn.begin;
  const std::string_view line = trimmed_right(text.substr(begin, line_end(text, begin) - begin));
  const std::size_t indent = line.find_first_not_of(" \t");
  if (kind == PlaceKind::kBlock) return block_at(text, drawn.file, begin);
  if (kind == PlaceKind::kIdentifier) return inside_name(line, drawn);
  const std::size_t into = random_() % 2 == 0 ? 0 : (line.size() - indent) / 3;
  return HiddenTarget{drawn.file, begin + indent + into, begin + line.size()};
}

std::optional<PlaceDrawer::Drawn> PlaceDrawer::try_place(PlaceKind kind) {
  const Line drawn = candidates_[random_() % candidates_.size()];
  const SourceFile& file = sources_[drawn.file];
  auto target = target_of(kind, drawn);
  if (!target || target->cursor >= target->end) return std::nullopt;
  const auto tree = SyntaxTree::parse(file.language, file.text, kParse);
  if (tree && (tree->in_comment(target->cursor) || tree->in_string(target->cursor))) return {};
  HiddenPlace place;
  place.kind = kind;
  place.path = file.path;
  place.language = file.language;
  const bool new_file = options_.mode == HideMode::kFileOut;
  place.text = std::make_shared<std::string>(file.text.substr(0, target->cursor) +
                                             (new_file ? "" : file.text.substr(target->end)));
  place.offset = target->cursor;
  const std::string_view above = std::string_view(file.text).substr(0, target->cursor);
  place.line = 1 + static_cast<std::size_t>(std::count(above.begin(), above.end(), '\n'));
  place.truth = file.text.substr(target->cursor, target->end - target->cursor);
  return Drawn{*std::move(target), std::move(place)};
}

std::vector<HiddenPlace> PlaceDrawer::draw() {
  std::vector<HiddenPlace> places;
  std::vector<HiddenTarget> targets;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < options_.samples; ++i) {
    const PlaceKind kind = options_.kinds[i % options_.kinds.size()];
    for (std::size_t tries = 0; tries < kMostTries; ++tries) {
      auto one = try_place(kind);
      if (!one || !ids.insert(one->place.id()).second) continue;
      places.push_back(std::move(one->place));
      targets.push_back(std::move(one->target));
      break;
    }
  }
  std::vector<std::size_t> files;
  for (const HiddenTarget& target : targets) files.push_back(target.file);
  auto copies = similar_.copies_of(files);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i].copies = std::move(copies[i]);
  const TargetKnowledge knowledge(sources_, options_.mode, targets);
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i].novel = knowledge.is_novel(targets[i]);
    places[i].names_known = knowledge.names_known(targets[i]);
    for (const std::size_t copy : targets[i].copies) {
      places[i].copies.push_back(sources_[copy].path);
    }
  }
  return places;
}

}  // namespace

std::string_view to_string(PlaceKind kind) {
  switch (kind) {
    case PlaceKind::kIdentifier:
      return "identifier";
    case PlaceKind::kBlock:
      return "block";
    case PlaceKind::kLine:
      break;
  }
  return "line";
}

std::vector<PlaceKind> kinds_named(const std::vector<std::string>& names) {
  std::vector<PlaceKind> kinds;
  for (const std::string& name : names) {
    kinds.push_back(name == "block"        ? PlaceKind::kBlock
                    : name == "identifier" ? PlaceKind::kIdentifier
                                           : PlaceKind::kLine);
  }
  return kinds;
}

std::string_view to_string(HideMode mode) {
  return mode == HideMode::kFileOut ? "file-out" : "line-out";
}

std::string HiddenPlace::id() const {
  return fmt::format("{}:{}:{} {}", path, line, offset - line_begin(*text, offset) + 1,
                     to_string(kind));
}

Result<std::vector<HiddenPlace>> hide_places(const std::filesystem::path& root,
                                             const HideOptions& options) {
  ENGRAM_TRY(sources, read_sources(root));
  PlaceDrawer drawer(std::move(sources), options);
  if (drawer.empty() || options.kinds.empty()) {
    return Error{Errc::kNotFound, "no code lines to hide in " + root.string()};
  }
  return drawer.draw();
}

}  // namespace engram
