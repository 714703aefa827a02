#include "bench/index/parsed_files.h"

#include "indexer/scan/scanner.h"
#include "indexer/scan/workspace_file.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/grammar.h"
#include "indexer/syntax/language.h"

namespace engram {

void for_each_parsed(const std::filesystem::path& root,
                     const std::function<void(const std::string& path, const std::string& text,
                                              const TSLanguage* grammar)>& visit) {
  const auto scan = scan_workspace(root, {});
  const auto directory = WorkspaceRoot::open(root);
  if (!scan || !directory) return;
  for (const FileEntry& entry : scan->files) {
    const auto read = directory->read(entry.path, ExtractLimits{}.max_bytes);
    if (!read || !inspect_contents(entry.path, read->text).skip_reason.empty()) continue;
    const TSLanguage* grammar = grammar_of(language_of(entry.path, read->text));
    if (grammar != nullptr) visit(entry.path, read->text, grammar);
  }
}

}  // namespace engram
