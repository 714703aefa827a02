// indexer/clang/live_completer.h: what Clang says may stand at a place of an open file, and what
// the call around it may be.
//
// Names are matched with what is typed (its start, else its letters in order) and put in order of
// match, then of Clang's priority, which knows scope and type.
//
// Threads: confined to the parse.  Errors: none: no names.
#pragma once

#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <functional>
#include <memory>

#include "indexer/clang/include_record.h"
#include "indexer/semantic/live_message.h"

namespace engram {

// When the place is inside an inclusion: blanks out all else, since nothing else decides about it.
bool keep_only_inclusion(std::unique_ptr<llvm::MemoryBuffer>& text, std::uint32_t offset);

// Fills in `reply`. `included`: what the preamble came to include, or null. The invocation has its
// preamble or its text already.
void complete_names(const LiveRequest& request, llvm::StringRef text, const IncludeRecord* included,
                    std::shared_ptr<clang::CompilerInvocation> invocation,
                    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                    const std::function<bool()>& unwanted, LiveReply& reply);

}  // namespace engram
