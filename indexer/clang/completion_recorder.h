// indexer/clang/completion_recorder.h: Clang's code completions as plain values.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/Sema/CodeCompleteConsumer.h>

#include <string>

#include "indexer/clang/names_to_include.h"
#include "indexer/semantic/live_message.h"

namespace engram {

class CompletionRecorder final : public clang::CodeCompleteConsumer {
 public:
  // `typed`: of the identifier at the place.
  CompletionRecorder(const LiveRequest& request, llvm::StringRef typed,
                     const NamesToInclude& to_include, LiveReply& reply);

  void ProcessCodeCompleteResults(clang::Sema& sema, clang::CodeCompletionContext context,
                                  clang::CodeCompletionResult* results, unsigned count) override;
  void ProcessOverloadCandidates(clang::Sema& sema, unsigned argument,
                                 OverloadCandidate* candidates, unsigned count,
                                 clang::SourceLocation open, bool braced) override;
  clang::CodeCompletionAllocator& getAllocator() override { return unit_.getAllocator(); }
  clang::CodeCompletionTUInfo& getCodeCompletionTUInfo() override { return unit_; }

 private:
  LiveName name_of(clang::Sema& sema, const clang::CodeCompletionContext& context,
                   clang::CodeCompletionResult& result);

  const LiveRequest& request_;
  const std::string typed_;
  const NamesToInclude& to_include_;
  bool offered_ = false;
  LiveReply& reply_;
  clang::CodeCompletionTUInfo unit_;
};

}  // namespace engram
