// indexer/clang/header_spelling.h: how a header is written in an #include of the open file, and
// where that line goes.
//
// Threads: confined to the parse.  Errors: empty: no search path finds it.
#pragma once

#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Inclusions/HeaderIncludes.h>

#include <optional>
#include <string>

#include "indexer/semantic/live_message.h"

namespace engram {

class HeaderSpelling {
 public:
  // `text`: of the open file, whole.
  HeaderSpelling(const clang::Preprocessor& preprocessor, llvm::StringRef text);

  // "\"memory/facts.h\"" for an absolute path.
  std::string of(const std::string& path) const;
  // The edit that includes it; nullopt when the text already has that line.
  std::optional<LiveEdit> insertion(llvm::StringRef spelled) const;

 private:
  const clang::Preprocessor& preprocessor_;
  std::string main_;
  clang::tooling::HeaderIncludes includes_;
};

}  // namespace engram
