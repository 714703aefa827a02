#include "indexer/clang/live_parse.h"

#include <clang/Basic/TargetInfo.h>

#include "indexer/clang/unit_invocation.h"

namespace engram {

LiveParse::LiveParse(std::shared_ptr<clang::CompilerInvocation> invocation,
                     llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                     LiveDiagnostics& diagnostics, ParsedSpan wanted,
                     std::function<bool()> unwanted)
    : action_(wanted, &diagnostics, std::move(unwanted)) {
  compiler_.setInvocation(std::move(invocation));
  compiler_.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  go_on_without_headers(compiler_.getDiagnostics());
  compiler_.createFileManager(std::move(files));
}

LiveParse::~LiveParse() {
  if (begun_) action_.EndSourceFile();
}

// As CompilerInstance::ExecuteAction, but for the end, after which nothing would be left.
void LiveParse::run() {
  begun_ = action_.PrepareToExecute(compiler_) && compiler_.createTarget() &&
           action_.BeginSourceFile(compiler_, compiler_.getFrontendOpts().Inputs[0]);
  if (begun_) {
    if (llvm::Error error = action_.Execute()) llvm::consumeError(std::move(error));
    action_.finish();
  }
  compiler_.getDiagnostics().setClient(&silence_, /*ShouldOwnClient=*/false);
}

std::optional<LiveDetails> LiveParse::describe(std::uint32_t offset) {
  LiveDescriber describer;
  if (!begun_ || action_.given_up()) return std::nullopt;
  if (!describer.find(compiler_, offset)) return LiveDetails{};
  if (action_.uses_macro_at(describer.name_begin())) return std::nullopt;
  for (clang::Decl* one : action_.declarations()) describer.declared(clang::DeclGroupRef(one));
  describer.end(compiler_);
  return describer.take();
}

bool LiveParse::is_current() const {
  const clang::SourceManager& sources = compiler_.getSourceManager();
  for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
    const clang::SrcMgr::SLocEntry& entry = sources.getLocalSLocEntry(i);
    if (!entry.isFile()) continue;
    const clang::OptionalFileEntryRef file = entry.getFile().getContentCache().OrigEntry;
    if (!file || &file->getFileEntry() == sources.getFileEntryForID(sources.getMainFileID())) {
      continue;  // the text, which whoever asks compares
    }
    const auto now = compiler_.getVirtualFileSystem().status(file->getName());
    if (!now || static_cast<off_t>(now->getSize()) != file->getSize() ||
        llvm::sys::toTimeT(now->getLastModificationTime()) != file->getModificationTime()) {
      return false;
    }
  }
  return true;
}

}  // namespace engram
