#include "bench/completion/hidden_lines.h"

#include <algorithm>
#include <random>
#include <unordered_map>

#include "assist/completion/line_view.h"
#include "core/atomic_file.h"
#include "core/hash.h"
#include "indexer/scan/scanner.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/syntax_tree.h"

namespace engram {

namespace {

constexpr std::size_t kLeastCodeBytes = 10, kMostLineBytes = 160, kMaxFileBytes = 400'000;

struct SourceFile {
  std::string path, language, text;
};

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

std::vector<SourceFile> read_sources(const std::filesystem::path& root, const ScanResult& scan,
                                     const HideOptions& options) {
  std::vector<SourceFile> sources;
  for (const auto& entry : scan.files) {
    auto text = read_file(root / entry.path, kMaxFileBytes);
    if (!text || !inspect_contents(entry.path, *text).skip_reason.empty()) continue;
    const std::string language(language_of(entry.path, *text));
    const auto& wanted = options.languages;
    const bool chosen = wanted.empty()
                            ? language_traits(language) != nullptr
                            : std::find(wanted.begin(), wanted.end(), language) != wanted.end();
    if (chosen) sources.push_back({entry.path, language, *std::move(text)});
  }
  return sources;
}

bool is_prose(const SourceFile& file, std::size_t offset) {  // comments, doc strings
  const auto tree = SyntaxTree::parse(file.language, file.text);
  return tree && (tree->in_comment(offset) || tree->in_string(offset));
}

}  // namespace

Result<std::vector<HiddenLine>> hide_lines(const std::filesystem::path& root,
                                           const HideOptions& options) {
  ENGRAM_TRY(scan, scan_workspace(root, {}));
  const auto sources = read_sources(root, scan, options);
  std::unordered_map<std::uint64_t, std::uint32_t> occurrences;  // of trimmed lines
  std::vector<std::pair<std::size_t, std::size_t>> candidates;   // file, offset of line
  for (std::size_t f = 0; f < sources.size(); ++f) {
    for (const auto line : split_lines(sources[f].text)) {
      ++occurrences[xxh3(trimmed(line))];
      if (is_code_line(line, sources[f].language)) {
        candidates.emplace_back(f, static_cast<std::size_t>(line.data() - sources[f].text.data()));
      }
    }
  }
  if (candidates.empty()) {
    return Error{Errc::kNotFound, "no code lines to hide in " + root.string()};
  }
  std::mt19937_64 random(options.seed);
  std::vector<HiddenLine> hidden;
  for (std::size_t tries = 0; hidden.size() < options.samples && tries < 50 * options.samples;
       ++tries) {
    const auto [f, begin] = candidates[random() % candidates.size()];
    const SourceFile& file = sources[f];
    const std::size_t end = line_end(file.text, begin);
    const std::string_view line =
        trimmed_right(std::string_view(file.text).substr(begin, end - begin));
    const std::size_t indent = line.find_first_not_of(" \t");
    if (is_prose(file, begin + indent)) continue;
    // Half of the cursors stand at the line's start, half a third in.
    const std::size_t into = (random() % 2 == 0) ? 0 : (line.size() - indent) / 3;
    const std::size_t offset = begin + indent + into;
    std::string text = file.text;
    text.erase(offset, begin + line.size() - offset);
    hidden.push_back(
        {file.path, file.language, std::make_shared<std::string>(std::move(text)), offset,
         1 + static_cast<std::size_t>(std::count(
                 file.text.begin(), file.text.begin() + static_cast<std::ptrdiff_t>(begin), '\n')),
         std::string(line.substr(indent + into)), occurrences[xxh3(trimmed(line))] == 1});
  }
  return hidden;
}

double edit_similarity(std::string_view a, std::string_view b) {
  if (a.empty() && b.empty()) return 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t up = row[j];
      row[j] = std::min({up + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = up;
    }
  }
  return 1 - static_cast<double>(row.back()) / static_cast<double>(std::max(a.size(), b.size()));
}

}  // namespace engram
