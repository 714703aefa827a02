#include "indexer/clang/header_names.h"

#include <clang/Lex/Lexer.h>

#include <algorithm>
#include <vector>

#include "indexer/clang/include_record.h"

namespace engram {

HeaderNames::HeaderNames(const clang::CompilerInstance& compiler,
                         const std::map<std::string, HeaderNotes>& headers)
    : compiler_(compiler), headers_(headers), keywords_(compiler.getLangOpts()) {}

NameSet HeaderNames::names_in(llvm::StringRef text) const {
  const std::string copy = text.str();  // the lexer wants an end
  clang::Lexer lexer(clang::SourceLocation(), compiler_.getLangOpts(), copy.data(), copy.data(),
                     copy.data() + copy.size());
  NameSet names;
  clang::Token token;
  bool more = true, after_hash = false, in_inclusion = false;
  while (more) {
    more = !lexer.LexFromRawLexer(token);
    if (token.isAtStartOfLine()) in_inclusion = false;
    const bool is_directive = std::exchange(after_hash, false) && !token.isAtStartOfLine();
    if (token.is(clang::tok::hash)) after_hash = token.isAtStartOfLine();
    if (token.isNot(clang::tok::raw_identifier) || in_inclusion) continue;
    const llvm::StringRef name = token.getRawIdentifier();
    if (is_directive) {
      in_inclusion = name.starts_with("include") || name == "import";
    } else if (name != "defined" && keywords_.find(name) == keywords_.end()) {
      names.insert(name.str());
    }
  }
  return names;
}

const std::optional<NameSet>& HeaderNames::names_of(const std::string& path) {
  const auto [at, added] = names_.try_emplace(path);
  if (!added) return at->second;
  const auto entry = compiler_.getFileManager().getOptionalFileRef(path);
  if (!entry) return at->second;
  const auto text = compiler_.getSourceManager().getMemoryBufferForFileOrNone(*entry);
  if (text) at->second = names_in(text->getBuffer());
  return at->second;
}

const NameSet& HeaderNames::includes_of(const std::string& path) {
  if (includes_.empty()) {
    for (const auto& [target, notes] : headers_) {
      for (const std::string& includer : notes.included_by) includes_[includer].insert(target);
    }
  }
  const auto [at, added] = all_includes_.try_emplace(path);
  if (!added) return at->second;
  std::vector<std::string> open = {path};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    for (const std::string& target : includes_[next]) {
      if (at->second.insert(target).second) open.push_back(target);
    }
  }
  return at->second;
}

std::optional<NameSet> HeaderNames::names_brought(const std::string& path, const NameSet& known) {
  NameSet all;
  NameSet files = includes_of(path);
  files.insert(path);
  for (const std::string& file : files) {
    if (file != path && known.contains(file)) continue;
    const auto& names = names_of(file);
    if (!names) return std::nullopt;
    all.insert(names->begin(), names->end());
  }
  return all;
}

bool have_common(const NameSet& a, const NameSet& b) {
  const NameSet& few = a.size() < b.size() ? a : b;
  const NameSet& many = a.size() < b.size() ? b : a;
  return std::any_of(few.begin(), few.end(), [&](const auto& name) { return many.contains(name); });
}

}  // namespace engram
