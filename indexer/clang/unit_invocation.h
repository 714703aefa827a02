// indexer/clang/unit_invocation.h: how Clang is called for a file, whoever asks: its arguments,
// what is taken out of them, and the files it finds.
//
// Threads: confined to the parse.  Errors: nullptr; the diagnostics say why.
#pragma once

#include <clang/Basic/Diagnostic.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <memory>
#include <string>
#include <vector>

#include "indexer/semantic/unit_message.h"

namespace engram {

// Unsaved text in front of `files`. One that says what `files` says is left out. The time of an
// unsaved file is a hash of its text: who compares times sees every change.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> with_unsaved(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, const std::vector<UnsavedFile>& unsaved);

// Parses the one file that `arguments` name, and writes, loads and runs nothing. Bodies of
// functions are left out where the consumer says so (shouldSkipFunctionBody).
std::shared_ptr<clang::CompilerInvocation> unit_invocation(
    const std::vector<std::string>& arguments,
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, clang::DiagnosticConsumer& diagnostics);

// Equal for two that differ in nothing but the file they are about.
std::vector<std::string> form_of(clang::CompilerInvocation invocation);

// Clang expects of a module's own units that modules have their meaning, and crashes where they
// have none: a file that may declare one gets it. Others do not, as it costs every look-up of a
// name. Reads the file.
void allow_named_module(clang::CompilerInvocation& invocation, llvm::vfs::FileSystem& files);
// The same of a file that is known to need it: it imports, or is imported.
void allow_modules(clang::CompilerInvocation& invocation);

// A missing header or module is no reason to stop: Clang skips all templates after a fatal error.
void go_on_without_headers(clang::DiagnosticsEngine& diagnostics);

}  // namespace engram
