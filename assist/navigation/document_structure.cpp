#include "assist/navigation/document_structure.h"

#include <algorithm>
#include <map>

#include "assist/navigation/import_statements.h"
#include "assist/navigation/module_files.h"
#include "indexer/syntax/syntax_tree.h"

namespace engram {

namespace {

constexpr std::size_t kMaxFolds = 20'000;

class Folding {
 public:
  explicit Folding(const SourceText& source) : source_(source) {}

  void add(std::size_t begin, std::size_t end, FoldKind kind) {
    if (end <= begin) return;
    std::size_t first = source_.lines.line_of(begin);
    std::size_t last = source_.lines.line_of(end - 1);
    // A closing bracket or word on a line of its own stays visible.
    if (kind == FoldKind::kCode && last > first && closes(last)) --last;
    if (last <= first) return;
    auto& fold = by_line_[first];
    if (fold.last < last) fold = {first, last, kind};
  }

  std::vector<FoldingLines> take() const {
    std::vector<FoldingLines> out;
    for (const auto& [line, fold] : by_line_) {
      if (out.size() < kMaxFolds) out.push_back(fold);
    }
    return out;
  }

 private:
  bool closes(std::size_t line) const {
    const std::string_view text = *source_.text;
    const std::size_t begin = source_.lines.line_start(line);
    std::string_view content = text.substr(begin, source_.lines.line_end(text, line) - begin);
    while (!content.empty() && (content[0] == ' ' || content[0] == '\t')) content.remove_prefix(1);
    return !content.empty() &&
           (content[0] == '}' || content[0] == ')' || content[0] == ']' ||
            content.starts_with("end") || content.starts_with("fi") || content.starts_with("done"));
  }

  const SourceText& source_;
  std::map<std::size_t, FoldingLines> by_line_;
};

}  // namespace

Result<std::vector<FoldingLines>> folding_lines(const SourceText& source, const FileNames& names) {
  Folding folding(source);
  ENGRAM_TRY(tree, SyntaxTree::parse(source.language, *source.text));
  for (const SyntaxRange& block : tree.blocks())
    folding.add(block.begin, block.end, FoldKind::kCode);
  for (const Symbol& s : names.symbols) {
    if (!s.is_local || s.end_line > s.line) folding.add(s.name_begin, s.end, FoldKind::kCode);
  }
  for (const SyntaxRange& comment : tree.comments()) {
    folding.add(comment.begin, comment.end, FoldKind::kComment);
  }
  // Imports on consecutive lines.
  const std::vector<ImportedName> imports = read_imports(*source.text, names);
  std::size_t begin = 0, end = 0;
  for (const ImportedName& import : imports) {
    const bool follows =
        end != 0 && source.lines.line_of(import.begin) <= source.lines.line_of(end - 1) + 1;
    if (!follows) {
      folding.add(begin, end, FoldKind::kImports);
      begin = import.begin;
    }
    end = std::max<std::size_t>(end, import.end);
  }
  folding.add(begin, end, FoldKind::kImports);
  return folding.take();
}

Result<std::vector<std::vector<TextSpan>>> selection_spans(
    const SourceText& source, const std::vector<std::size_t>& offsets) {
  ENGRAM_TRY(tree, SyntaxTree::parse(source.language, *source.text));
  const std::size_t size = source.text->size();
  std::vector<std::vector<TextSpan>> out;
  for (const std::size_t offset : offsets) {
    auto around = tree.ancestors(offset);
    const auto is_word = [&](std::size_t at) {
      const char c = (*source.text)[at];
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    // Behind a word the word is meant.
    if (offset > 0 && is_word(offset - 1) && (offset == size || !is_word(offset))) {
      around = tree.ancestors(offset - 1);
    }
    std::vector<TextSpan> spans;
    for (const SyntaxRange& range : around) {
      const TextSpan span{range.begin, std::min(range.end, size)};
      const bool holds = span.begin <= offset && offset <= span.end;
      if (holds && (spans.empty() || !(spans.back() == span))) spans.push_back(span);
    }
    const TextSpan whole{0, size};
    if (spans.empty() || !(spans.back() == whole)) spans.push_back(whole);
    out.push_back(std::move(spans));
  }
  return out;
}

std::vector<DocumentLink> document_links(SourceTexts& texts, const SourceText& source,
                                         const FileNames& names) {
  std::vector<DocumentLink> out;
  for (ImportedName import : read_imports(*source.text, names)) {
    if (!out.empty() && out.back().begin == import.begin) continue;
    const std::string_view family = language_family(source.language);
    if (family == "python" || family == "rust") import.name.clear();
    const auto files = files_of_import(texts, source.path, source.language, import);
    if (!files.empty()) out.push_back({import.begin, import.end, files.front()});
  }
  return out;
}

}  // namespace engram
