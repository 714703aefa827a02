// indexer/clang/live_parse.h: one parse of an open file, which may be kept: what stands in it can
// then be described without another one.
//
// Threads: confined to one.  Errors: none; what was asked for is in the action.
#pragma once

#include <clang/Frontend/CompilerInstance.h>

#include <memory>
#include <optional>

#include "indexer/clang/live_action.h"
#include "indexer/semantic/live_message.h"

namespace engram {

class LiveParse {
 public:
  // `diagnostics` need not outlive run(). `text`: of the file, when `files` do not say it.
  LiveParse(std::shared_ptr<clang::CompilerInvocation> invocation,
            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, LiveDiagnostics& diagnostics,
            ParsedSpan wanted, std::function<bool()> unwanted);
  ~LiveParse();
  LiveParse(const LiveParse&) = delete;
  LiveParse& operator=(const LiveParse&) = delete;

  LiveAction& action() { return action_; }
  void run();
  // After run(): what it read from now on belongs to it.
  void keep(std::unique_ptr<llvm::MemoryBuffer> text) { text_ = std::move(text); }
  // After run(), of the whole file: as a LiveDescriber says it. nullopt: it was not noted; only a
  // parse can tell, as of a macro's use.
  std::optional<LiveDetails> describe(std::uint32_t offset);
  // Whether the files that this parse itself read (of no preamble) are as they were.
  bool is_current() const;

 private:
  std::unique_ptr<llvm::MemoryBuffer> text_;
  clang::IgnoringDiagConsumer silence_;
  clang::CompilerInstance compiler_;
  LiveAction action_;
  bool begun_ = false;
};

}  // namespace engram
