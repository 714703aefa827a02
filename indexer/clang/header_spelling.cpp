#include "indexer/clang/header_spelling.h"

#include <clang/Format/Format.h>
#include <clang/Lex/HeaderSearch.h>
#include <llvm/Support/Path.h>

#include "indexer/clang/include_record.h"

namespace engram {

namespace {

std::string main_path(const clang::SourceManager& sources) {
  return include_path(sources, sources.getLocForStartOfFile(sources.getMainFileID()));
}

}  // namespace

HeaderSpelling::HeaderSpelling(const clang::Preprocessor& preprocessor, llvm::StringRef text)
    : preprocessor_(preprocessor),
      main_(main_path(preprocessor.getSourceManager())),
      includes_(main_, text, clang::format::getLLVMStyle().IncludeStyle) {}

std::string HeaderSpelling::of(const std::string& path) const {
  const auto entry = preprocessor_.getFileManager().getOptionalFileRef(path);
  if (!entry || path == main_) return {};
  bool angled = false;
  const std::string spelled =
      preprocessor_.getHeaderSearchInfo().suggestPathToFileForDiagnostics(*entry, main_, &angled);
  if (spelled.empty() || llvm::sys::path::is_absolute(spelled)) return {};
  return angled ? "<" + spelled + ">" : "\"" + spelled + "\"";
}

std::optional<LiveEdit> HeaderSpelling::insertion(llvm::StringRef spelled) const {
  const auto edit = includes_.insert(spelled.trim("<>\""), spelled.starts_with("<"),
                                     clang::tooling::IncludeDirective::Include);
  if (!edit) return std::nullopt;
  return LiveEdit{edit->getOffset(), edit->getOffset() + edit->getLength(),
                  edit->getReplacementText().str()};
}

}  // namespace engram
