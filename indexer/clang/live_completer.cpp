#include "indexer/clang/live_completer.h"

#include <clang/Frontend/CompilerInstance.h>

#include <algorithm>

#include "indexer/clang/completion_recorder.h"
#include "indexer/clang/live_action.h"

namespace engram {

bool keep_only_inclusion(std::unique_ptr<llvm::MemoryBuffer>& text, std::uint32_t offset) {
  const llvm::StringRef whole = text->getBuffer();
  const std::size_t at = std::min<std::size_t>(offset, whole.size());
  const std::size_t begin = whole.substr(0, at).rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t end = std::min(whole.find('\n', at), whole.size());
  llvm::StringRef line = whole.slice(begin, at).ltrim(" \t");
  if (!line.consume_front("#")) return false;
  line = line.ltrim(" \t");
  if (!line.starts_with("include") || line.find_first_of("<\"") == llvm::StringRef::npos) {
    return false;
  }
  std::string kept = whole.str();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if ((i < begin || i >= end) && kept[i] != '\n') kept[i] = ' ';
  }
  text = llvm::MemoryBuffer::getMemBufferCopy(kept, text->getBufferIdentifier());
  return true;
}

void complete_names(const LiveRequest& request, llvm::StringRef text, const IncludeRecord* included,
                    std::shared_ptr<clang::CompilerInvocation> invocation,
                    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                    const std::function<bool()>& unwanted, LiveReply& reply) {
  clang::FrontendOptions& frontend = invocation->getFrontendOpts();
  const llvm::StringRef before = text.substr(0, request.begin);
  frontend.CodeCompletionAt.FileName = frontend.Inputs[0].getFile().str();
  frontend.CodeCompletionAt.Line = static_cast<unsigned>(before.count('\n')) + 1;
  frontend.CodeCompletionAt.Column = static_cast<unsigned>(before.size() - before.rfind('\n'));
  if (before.rfind('\n') == llvm::StringRef::npos) {
    frontend.CodeCompletionAt.Column = static_cast<unsigned>(before.size()) + 1;
  }
  invocation->getLangOpts().SpellChecking = false;
  invocation->getDiagnosticOpts().IgnoreWarnings = true;
  clang::IgnoringDiagConsumer nobody;
  clang::CompilerInstance compiler;
  compiler.setInvocation(std::move(invocation));
  compiler.createDiagnostics(&nobody, /*ShouldOwnClient=*/false);
  compiler.createFileManager(std::move(files));
  const NamesToInclude to_include(request, text, included);
  compiler.setCodeCompletionConsumer(
      new CompletionRecorder(request, text.slice(request.begin, request.end), to_include, reply));
  LiveAction action({}, nullptr, unwanted);
  compiler.ExecuteAction(action);
  if (action.given_up()) {
    reply = {};
    reply.given_up = true;
  }
}

}  // namespace engram
