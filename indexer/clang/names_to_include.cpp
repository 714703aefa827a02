#include "indexer/clang/names_to_include.h"

#include <clang/AST/Decl.h>
#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Inclusions/StandardLibrary.h>
#include <llvm/Support/Path.h>

#include <set>

#include "indexer/clang/file_places.h"
#include "indexer/clang/header_spelling.h"
#include "indexer/semantic/typed_match.h"

namespace engram {

namespace {

namespace stdlib = clang::tooling::stdlib;

constexpr std::size_t kShortest = 3;  // letters typed
constexpr std::size_t kMostStandard = 30;

bool may_name_anything(const clang::CodeCompletionContext& context) {
  using Context = clang::CodeCompletionContext;
  switch (context.getKind()) {
    case Context::CCC_TopLevel:
    case Context::CCC_ClassStructUnion:
    case Context::CCC_Statement:
    case Context::CCC_Expression:
    case Context::CCC_ParenthesizedExpression:
    case Context::CCC_Type:
    case Context::CCC_Symbol:
    case Context::CCC_SymbolOrNewName:
    case Context::CCC_TopLevelOrExpression:
    case Context::CCC_Recovery:
      return true;
    default:
      return false;
  }
}

// "a::b" of what is written before the name: "a::b::na". nullopt: nothing is; "": "::na".
std::optional<std::string> written_scope(llvm::StringRef before) {
  if (!before.consume_back("::")) return std::nullopt;
  std::size_t begin = before.size();
  while (begin > 0 && (llvm::isAlnum(before[begin - 1]) || before[begin - 1] == '_' ||
                       before[begin - 1] == ':')) {
    --begin;
  }
  llvm::StringRef scope = before.substr(begin);
  scope.consume_front("::");
  return scope.str();
}

std::string scope_around(const clang::DeclContext* context) {
  while (context != nullptr && !context->isFileContext()) context = context->getParent();
  const auto* space = llvm::dyn_cast_or_null<clang::NamespaceDecl>(context);
  while (space != nullptr && space->isAnonymousNamespace()) {
    space = llvm::dyn_cast<clang::NamespaceDecl>(space->getParent());
  }
  return space != nullptr ? space->getQualifiedNameAsString() : std::string();
}

bool is_part_of(std::string_view outer, std::string_view scope) {
  return outer.empty() || scope == outer ||
         (scope.starts_with(outer) && scope.substr(outer.size()).starts_with("::"));
}

struct Place {
  std::optional<std::string> written;  // before the name
  std::string around;
};

// How a name of `scope` is written at the place; nullopt: it cannot be.
std::optional<std::string> qualifier_at(const Place& place, const std::string& scope) {
  if (!place.written) return qualifier_from(place.around, scope);
  std::string from = place.around;
  while (true) {  // as names are looked up, outwards
    if ((from.empty() || place.written->empty() ? from + *place.written
                                                : from + "::" + *place.written) == scope) {
      return "";
    }
    if (from.empty()) return std::nullopt;
    const std::size_t cut = from.rfind("::");
    from.resize(cut == std::string::npos ? 0 : cut);
  }
}

}  // namespace

std::string qualifier_from(std::string_view here, std::string_view scope) {
  while (!is_part_of(here, scope)) {
    if (is_part_of(scope, here)) return "";
    const std::size_t cut = here.rfind("::");
    here = here.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
  if (here.size() == scope.size()) return "";
  return std::string(scope.substr(here.empty() ? 0 : here.size() + 2)) + "::";
}

void NamesToInclude::add(clang::Sema& sema, const clang::CodeCompletionContext& context,
                         LiveReply& reply) const {
  const llvm::StringRef typed = text_.slice(request_.begin, request_.end);
  if (!may_name_anything(context) || request_.question != LiveQuestion::kComplete) return;
  const Place place{written_scope(text_.substr(0, request_.begin)), scope_around(sema.CurContext)};
  if (typed.empty() || (typed.size() < kShortest && !place.written)) return;
  const clang::Preprocessor& preprocessor = sema.getPreprocessor();
  const HeaderSpelling spelling(preprocessor, text_);
  std::set<std::string> known;  // qualified where it matters
  for (const LiveName& name : reply.names) known.insert(name.qualifier + name.name);
  const auto offer = [&](LiveName name, const std::string& scope, const std::string& header) {
    const auto qualifier = qualifier_at(place, scope);
    if (!qualifier || header.empty()) return false;
    name.qualifier = *qualifier;
    if (!known.insert(name.qualifier + name.name).second) return false;
    const auto edit = spelling.insertion(header);
    if (!edit) return false;
    name.scope = scope;
    name.header = header;
    name.edits = {*edit};
    reply.names.push_back(std::move(name));
    return true;
  };
  for (const LiveCandidate& candidate : request_.candidates) {
    if (included_ != nullptr && included_->headers.contains(candidate.path)) continue;
    LiveName name;
    name.kind = candidate.kind;
    if (candidate.kind == SymbolKind::kMacro) name.sort = LiveNameSort::kMacro;
    name.name = candidate.name;
    if (typed_match(name.name, typed.str()) > TypedMatch::kBeginsFolded) continue;
    offer(std::move(name), candidate.scope, spelling.of(candidate.path));
  }
  const auto language = sema.getLangOpts().CPlusPlus ? stdlib::Lang::CXX : stdlib::Lang::C;
  std::size_t count = 0;
  for (const stdlib::Symbol& symbol : stdlib::Symbol::all(language)) {
    if (count >= kMostStandard) break;
    if (!symbol.name().starts_with(typed) || !symbol.header()) continue;
    llvm::StringRef scope = symbol.scope();
    if (language == stdlib::Lang::CXX && scope.empty()) continue;  // the C library's own spelling
    scope.consume_back("::");
    LiveName name;
    name.name = symbol.name().str();
    if (offer(std::move(name), scope.str(), symbol.header()->name().str())) ++count;
  }
}

}  // namespace engram
