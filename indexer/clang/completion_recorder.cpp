#include "indexer/clang/completion_recorder.h"

#include <clang/Lex/Lexer.h>
#include <clang/Sema/Sema.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "indexer/clang/symbol_table.h"
#include "indexer/semantic/typed_match.h"

namespace engram {

namespace {

using TextChunk = clang::CodeCompletionString::Chunk;

clang::CodeCompleteOptions completion_options(LiveQuestion question) {
  clang::CodeCompleteOptions options;
  const bool names = question == LiveQuestion::kComplete;
  options.IncludeMacros = names;
  // Signatures are looked up by name; all that headers declare, which is offered beside them and
  // not wanted, stays in the preamble.
  options.IncludeGlobals = options.LoadExternal = names;
  options.IncludeBriefComments = true;
  options.IncludeFixIts = true;
  return options;
}

// What nobody means to write: names of the implementation, and operators by name.
bool is_noise(llvm::StringRef name, llvm::StringRef typed) {
  if (name.starts_with("operator") && !llvm::isAlnum(name.back())) {
    return !typed.starts_with("op");
  }
  const bool reserved =
      name.starts_with("__") || (name.size() > 1 && name[0] == '_' && llvm::isUpper(name[1]));
  return name.empty() || (name[0] == '~' && !typed.starts_with("~")) ||
         (reserved && !typed.starts_with("_"));
}

LiveNameSort sort_of(const clang::CodeCompletionResult& result) {
  switch (result.Kind) {
    case clang::CodeCompletionResult::RK_Declaration:
      return LiveNameSort::kDeclaration;
    case clang::CodeCompletionResult::RK_Keyword:
      return LiveNameSort::kKeyword;
    case clang::CodeCompletionResult::RK_Macro:
      return LiveNameSort::kMacro;
    case clang::CodeCompletionResult::RK_Pattern:
      return LiveNameSort::kPattern;
  }
  return LiveNameSort::kPattern;
}

void add_chunk(const TextChunk& chunk, bool& named, LiveName& name) {
  switch (chunk.Kind) {
    case clang::CodeCompletionString::CK_Optional:  // default arguments
      break;
    case clang::CodeCompletionString::CK_TypedText:
      named = true;
      name.name += chunk.Text;
      break;
    case clang::CodeCompletionString::CK_ResultType:
      name.result += chunk.Text;
      break;
    case clang::CodeCompletionString::CK_Informative:
      if (named) name.remark += chunk.Text;
      break;
    case clang::CodeCompletionString::CK_Placeholder:
    case clang::CodeCompletionString::CK_CurrentParameter:
      name.after.push_back({chunk.Text, true});
      break;
    default:
      if (!named) {
        name.qualifier += chunk.Text;
      } else if (!name.after.empty() && !name.after.back().to_fill_in) {
        name.after.back().text += chunk.Text;
      } else {
        name.after.push_back({chunk.Text, false});
      }
  }
}

std::string brief_comment(const clang::ASTContext& context, const clang::NamedDecl* declaration) {
  if (declaration == nullptr) return {};
  const clang::RawComment* comment = clang::getCompletionComment(context, declaration);
  return comment != nullptr ? comment->getBriefText(context) : "";
}

void add_to_signature(const clang::CodeCompletionString& text, LiveSignature& signature,
                      std::string& result) {
  for (const TextChunk& chunk : text) {
    if (chunk.Kind == clang::CodeCompletionString::CK_Optional) {
      add_to_signature(*chunk.Optional, signature, result);
      continue;
    }
    if (chunk.Kind == clang::CodeCompletionString::CK_ResultType) {
      result = chunk.Text;
      continue;
    }
    const auto begin = static_cast<std::uint32_t>(signature.label.size());
    signature.label += chunk.Text;
    if (chunk.Kind == clang::CodeCompletionString::CK_Placeholder ||
        chunk.Kind == clang::CodeCompletionString::CK_CurrentParameter) {
      signature.parameters.push_back({begin, static_cast<std::uint32_t>(signature.label.size())});
    }
  }
}

}  // namespace

CompletionRecorder::CompletionRecorder(const LiveRequest& request, llvm::StringRef typed,
                                       const NamesToInclude& to_include, LiveReply& reply)
    : CodeCompleteConsumer(completion_options(request.question)),
      request_(request),
      typed_(typed),
      to_include_(to_include),
      reply_(reply),
      unit_(std::make_shared<clang::GlobalCodeCompletionAllocator>()) {}

LiveName CompletionRecorder::name_of(clang::Sema& sema, const clang::CodeCompletionContext& context,
                                     clang::CodeCompletionResult& result) {
  LiveName name;
  name.sort = sort_of(result);
  name.priority = result.Priority;
  name.deprecated = result.Availability == CXAvailability_Deprecated;
  if (result.Declaration != nullptr) {
    name.kind = symbol_kind(*result.Declaration);
  }
  const clang::CodeCompletionString* text = result.CreateCodeCompletionString(
      sema, context, getAllocator(), unit_, includeBriefComments());
  if (text == nullptr) return name;
  bool named = false;
  for (const TextChunk& chunk : *text) add_chunk(chunk, named, name);
  name.scope = text->getParentContextName().str();
  if (text->getBriefComment() != nullptr) name.doc = text->getBriefComment();
  const clang::SourceManager& sources = sema.getSourceManager();
  for (const clang::FixItHint& hint : result.FixIts) {
    const auto range =
        clang::Lexer::makeFileCharRange(hint.RemoveRange, sources, sema.getLangOpts());
    const auto begin = sources.getDecomposedLoc(range.getBegin());
    const auto end = sources.getDecomposedLoc(range.getEnd());
    if (begin.first != sources.getMainFileID() || end.first != begin.first) return {};
    name.edits.push_back({begin.second, end.second, hint.CodeToInsert});
  }
  return name;
}

void CompletionRecorder::ProcessCodeCompleteResults(clang::Sema& sema,
                                                    clang::CodeCompletionContext context,
                                                    clang::CodeCompletionResult* results,
                                                    unsigned count) {
  if (request_.question != LiveQuestion::kComplete) return;
  struct Match {
    TypedMatch how;
    unsigned priority;
    clang::CodeCompletionResult* result;
    std::size_t order;
    bool operator<(const Match& other) const {
      return std::tie(how, priority, order) < std::tie(other.how, other.priority, other.order);
    }
  };
  std::vector<Match> matches;
  std::string kept;
  for (clang::CodeCompletionResult& result : llvm::MutableArrayRef(results, count)) {
    if (result.Hidden || result.Availability == CXAvailability_NotAvailable ||
        result.Availability == CXAvailability_NotAccessible) {
      continue;
    }
    const llvm::StringRef name = result.getOrderedName(kept);
    if (is_noise(name, typed_)) continue;
    const TypedMatch how = typed_match(name, typed_);
    if (how != TypedMatch::kNone)
      matches.push_back({how, result.Priority, &result, matches.size()});
  }
  std::sort(matches.begin(), matches.end());
  const std::size_t room =
      request_.most - std::min<std::size_t>(request_.most, reply_.names.size());
  if (matches.size() > room) reply_.more_names = true;
  matches.resize(std::min(matches.size(), room));
  for (const Match& match : matches) {
    LiveName name = name_of(sema, context, *match.result);
    if (context.getKind() == clang::CodeCompletionContext::CCC_IncludedFile) {
      name.sort = LiveNameSort::kFile;
    }
    if (!name.name.empty()) reply_.names.push_back(std::move(name));
  }
  if (!std::exchange(offered_, true)) to_include_.add(sema, context, reply_);
}

void CompletionRecorder::ProcessOverloadCandidates(clang::Sema& sema, unsigned argument,
                                                   OverloadCandidate* candidates, unsigned count,
                                                   clang::SourceLocation, bool braced) {
  if (request_.question != LiveQuestion::kSignatures) return;
  reply_.signatures.clear();  // the innermost call comes last
  reply_.active_parameter = argument;
  reply_.active_signature = 0;
  for (unsigned i = 0; i < std::min<unsigned>(count, 50); ++i) {
    const clang::CodeCompletionString* text = candidates[i].CreateSignatureString(
        argument, sema, getAllocator(), unit_, includeBriefComments(), braced);
    if (text == nullptr) continue;
    LiveSignature signature;
    std::string result;
    add_to_signature(*text, signature, result);
    if (!result.empty()) signature.label += " -> " + result;
    signature.doc = brief_comment(sema.getASTContext(), candidates[i].getFunction());
    reply_.signatures.push_back(std::move(signature));
  }
  // The first that has the parameter.
  for (std::uint32_t i = 0; i < reply_.signatures.size(); ++i) {
    if (reply_.signatures[i].parameters.size() <= argument) continue;
    reply_.active_signature = i;
    break;
  }
}

}  // namespace engram
