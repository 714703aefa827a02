// indexer/clang/header_names.h: the identifiers that headers are written with, and what each header
// comes to include: what a file may mean of a header, whatever the compiler made of it.
//
// Threads: confined to the parse.  Errors: a header that cannot be read has no names: nullopt.
#pragma once

#include <clang/Basic/IdentifierTable.h>
#include <clang/Frontend/CompilerInstance.h>

#include <map>
#include <optional>
#include <set>
#include <string>

namespace engram {

struct HeaderNotes;

using NameSet = std::set<std::string>;

class HeaderNames {
 public:
  // `headers`: by path, with who includes each; complete when something is asked.
  HeaderNames(const clang::CompilerInstance& compiler,
              const std::map<std::string, HeaderNotes>& headers);

  // The identifiers of a text: no comments, strings, keywords, directives or paths of inclusions.
  NameSet names_in(llvm::StringRef text) const;
  const std::optional<NameSet>& names_of(const std::string& path);
  // All that `path` comes to include.
  const NameSet& includes_of(const std::string& path);
  // Names of `path` and of all it includes, but for the files in `known`.
  std::optional<NameSet> names_brought(const std::string& path, const NameSet& known);

 private:
  const clang::CompilerInstance& compiler_;
  const std::map<std::string, HeaderNotes>& headers_;
  const clang::IdentifierTable keywords_;
  std::map<std::string, std::optional<NameSet>> names_;
  std::map<std::string, NameSet> includes_, all_includes_;
};

bool have_common(const NameSet& a, const NameSet& b);

}  // namespace engram
