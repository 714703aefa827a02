#include "assist/evaluation/hidden_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "assist/completion/line_view.h"
#include "assist/evaluation/similar_files.h"
#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/text.h"
#include "indexer/scan/scanner.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/syntax_tree.h"
#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr std::size_t kLeastCodeBytes = 10, kMostLineBytes = 160, kMaxFileBytes = 400'000;
constexpr std::size_t kLeastBlock = 3, kMostBlock = 8;  // lines
constexpr std::size_t kLeastName = 6;                   // bytes of a name to stand inside
constexpr std::size_t kMostTries = 100;                 // for one sample
// The same places are drawn on slow machines, too.
constexpr std::chrono::seconds kParse{60};

struct SourceFile {
  std::string path, language, text;
  bool vendored = false;
};

// A stretch of a file.
struct Target {
  std::size_t cursor = 0, end = 0;
};

using Names = std::unordered_set<std::uint64_t>;  // hashes

Names names_in(std::string_view text) {
  Names names;
  for (const auto line : split_lines(text)) {
    for (const auto name : identifiers_in(line)) names.insert(xxh3(name));
  }
  return names;
}

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
    sources.push_back({entry.path, language, *std::move(text),
                       (entry.flags & static_cast<std::uint32_t>(FileFlag::kVendored)) != 0});
  }
  return sources;
}

// The names of a target, the one it begins within as a whole.
std::vector<std::string_view> names_of(std::string_view text, const Target& target) {
  const std::size_t typed = identifier_before(text.substr(0, target.cursor)).size();
  auto names = identifiers_in(text.substr(target.cursor, target.end - target.cursor));
  for (std::string_view& name : names) {
    if (name.data() != text.data() + target.cursor) continue;
    name = {name.data() - typed, typed + name.size()};
  }
  return names;
}

// The lines a target is part of that say something, without their indentation.
std::vector<std::string_view> lines_of(std::string_view text, const Target& target) {
  const std::size_t begin = line_begin(text, target.cursor);
  std::vector<std::string_view> lines;
  for (const auto line : split_lines(text.substr(begin, target.end - begin))) {
    if (trimmed(line).size() >= kLeastCodeBytes) lines.push_back(trimmed(line));
  }
  return lines;
}

// Draws places, and then says of each what the whole repository knows of it.
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
    std::uint32_t file = 0;
    Target target;
    HiddenPlace place;
    std::vector<std::size_t> copies;
  };
  std::optional<Drawn> try_place(PlaceKind kind);
  std::optional<Target> target_of(PlaceKind kind, const SourceFile& file, std::size_t begin);
  std::optional<Target> inside_name(std::string_view line, std::size_t begin);
  void look_up(const std::vector<Drawn>& drawn);
  bool is_novel(const Drawn& drawn) const;
  std::size_t names_known(const Drawn& drawn) const;
  bool line_is_novel(std::string_view line, const Drawn& drawn) const;

  const HideOptions& options_;
  std::vector<SourceFile> sources_;
  SimilarFiles similar_;
  std::vector<Line> candidates_;
  std::mt19937_64 random_;
  // By hash, of what was drawn alone: where a trimmed line stands, and in which files a name.
  std::unordered_map<std::uint64_t, std::vector<Line>> places_of_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> files_of_;
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

std::optional<Target> PlaceDrawer::inside_name(std::string_view line, std::size_t begin) {
  std::vector<std::string_view> names;
  for (const auto name : identifiers_in(line, kLeastName)) names.push_back(name);
  if (names.empty()) return std::nullopt;
  const auto name = names[random_() % names.size()];
  const auto at = static_cast<std::size_t>(name.data() - line.data());
  return Target{begin + at + 2 + random_() % (name.size() - 3), begin + line.size()};
}

// The lines from `begin` on that are indented as its line or deeper; its line opens their block.
std::optional<Target> block_at(std::string_view text, std::size_t begin) {
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
  return Target{begin + first.find_first_not_of(" \t"), end};
}

std::optional<Target> PlaceDrawer::target_of(PlaceKind kind, const SourceFile& file,
                                             std::size_t begin) {
  const std::string_view text = file.text;
  const std::string_view line = trimmed_right(text.substr(begin, line_end(text, begin) - begin));
  const std::size_t indent = line.find_first_not_of(" \t");
  if (kind == PlaceKind::kBlock) return block_at(text, begin);
  if (kind == PlaceKind::kIdentifier) return inside_name(line, begin);
  const std::size_t into = random_() % 2 == 0 ? 0 : (line.size() - indent) / 3;
  return Target{begin + indent + into, begin + line.size()};
}

void PlaceDrawer::look_up(const std::vector<Drawn>& drawn) {
  for (const Drawn& one : drawn) {
    const std::string_view text = sources_[one.file].text;
    for (const auto line : lines_of(text, one.target)) places_of_[xxh3(line)];
    for (const auto name : names_of(text, one.target)) files_of_[xxh3(name)];
  }
  for (std::uint32_t f = 0; f < sources_.size(); ++f) {
    const std::string_view text = sources_[f].text;
    for (const auto line : split_lines(text)) {
      const auto begin = static_cast<std::size_t>(line.data() - text.data());
      for (const auto name : identifiers_in(line)) {
        const auto files = files_of_.find(xxh3(name));
        if (files == files_of_.end()) continue;
        if (files->second.empty() || files->second.back() != f) files->second.push_back(f);
      }
      if (trimmed(line).size() < kLeastCodeBytes) continue;
      const auto places = places_of_.find(xxh3(trimmed(line)));
      if (places != places_of_.end()) places->second.push_back({f, begin});
    }
  }
}

bool PlaceDrawer::line_is_novel(std::string_view line, const Drawn& drawn) const {
  const auto& copies = drawn.copies;
  const auto& found = places_of_.at(xxh3(line));
  return std::none_of(found.begin(), found.end(), [&](const Line& place) {
    if (place.file != drawn.file) {
      return !std::binary_search(copies.begin(), copies.end(), place.file);
    }
    const Target& target = drawn.target;
    const std::size_t end = line_end(sources_[drawn.file].text, place.begin);
    const bool hidden = place.begin < target.end && end > target.cursor;
    return !hidden && (options_.mode == HideMode::kLineOut || place.begin < target.cursor);
  });
}

bool PlaceDrawer::is_novel(const Drawn& drawn) const {
  const auto lines = lines_of(sources_[drawn.file].text, drawn.target);
  const auto novel = std::count_if(lines.begin(), lines.end(),
                                   [&](auto line) { return line_is_novel(line, drawn); });
  return 2 * static_cast<std::size_t>(novel) > lines.size();
}

std::size_t PlaceDrawer::names_known(const Drawn& drawn) const {
  const std::string_view text = sources_[drawn.file].text;
  const Target& target = drawn.target;
  std::string_view above = text.substr(0, target.cursor);
  above.remove_suffix(identifier_before(above).size());  // a half-typed name
  Names left = names_in(above);
  if (options_.mode == HideMode::kLineOut) left.merge(names_in(text.substr(target.end)));
  const auto elsewhere = [&](std::string_view name) {
    if (left.contains(xxh3(name))) return true;
    const auto& files = files_of_.at(xxh3(name));
    return std::any_of(files.begin(), files.end(), [&](std::uint32_t file) {
      return file != drawn.file &&
             !std::binary_search(drawn.copies.begin(), drawn.copies.end(), file);
    });
  };
  const auto names = names_of(text, target);
  return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), elsewhere));
}

std::optional<PlaceDrawer::Drawn> PlaceDrawer::try_place(PlaceKind kind) {
  const Line drawn = candidates_[random_() % candidates_.size()];
  const SourceFile& file = sources_[drawn.file];
  const auto target = target_of(kind, file, drawn.begin);
  if (!target || target->cursor >= target->end) return std::nullopt;
  const auto tree = SyntaxTree::parse(file.language, file.text, kParse);
  if (tree && (tree->in_comment(target->cursor) || tree->in_string(target->cursor))) return {};
  Drawn out{drawn.file, *target, {}, {}};
  HiddenPlace& place = out.place;
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
  return out;
}

std::vector<HiddenPlace> PlaceDrawer::draw() {
  std::vector<Drawn> drawn;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < options_.samples; ++i) {
    const PlaceKind kind = options_.kinds[i % options_.kinds.size()];
    for (std::size_t tries = 0; tries < kMostTries; ++tries) {
      auto one = try_place(kind);
      if (!one || !ids.insert(one->place.id()).second) continue;
      drawn.push_back(*std::move(one));
      break;
    }
  }
  look_up(drawn);
  std::vector<std::size_t> files;
  for (const Drawn& one : drawn) files.push_back(one.file);
  auto copies = similar_.copies_of(files);
  std::vector<HiddenPlace> places;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    Drawn& one = drawn[i];
    one.copies = std::move(copies[i]);
    one.place.novel = is_novel(one);
    one.place.names_known = names_known(one);
    for (const std::size_t copy : one.copies) one.place.copies.push_back(sources_[copy].path);
    places.push_back(std::move(one.place));
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
