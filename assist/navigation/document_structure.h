// assist/navigation/document_structure.h: the shape of one text: what folds, what a selection grows
// to, where links lead.
//
// Threads: pure functions, but for document_links (as SourceTexts).  Errors: those of SyntaxTree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assist/navigation/source_texts.h"
#include "core/result.h"

namespace engram {

enum class FoldKind : unsigned char { kCode, kComment, kImports };

struct FoldingLines {
  std::size_t first = 0, last = 0;  // 0-based lines; first stays visible
  FoldKind kind = FoldKind::kCode;
};

// Blocks, definitions, comments of several lines and runs of imports, in order; one a first line.
Result<std::vector<FoldingLines>> folding_lines(const SourceText& source, const FileNames& names);

// The ranges that a selection at each offset grows through, innermost first, the text last.
struct TextSpan {
  std::size_t begin = 0, end = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};
Result<std::vector<std::vector<TextSpan>>> selection_spans(const SourceText& source,
                                                           const std::vector<std::size_t>& offsets);

struct DocumentLink {
  std::uint32_t begin = 0, end = 0;  // what is written
  std::string path;                  // the file of the workspace that it names
};
std::vector<DocumentLink> document_links(SourceTexts& texts, const SourceText& source,
                                         const FileNames& names);

}  // namespace engram
