// lsp/serve.h: a session on a pair of descriptors: which thread runs what, and how all of it ends.
//
//   io thread (the caller)      messages, documents, request table; never blocks
//   "complete" (1 thread)       completions and warming up, one at a time
//   "index" (1, background)     runs of the indexer, which has workers of its own
//   "understand" (1, background) runs of the Clang workers, which are processes of their own
//   "load" (1)                  opens the model
//
// At the end the session goes first, which stops all work by its stop tokens; the pools then join;
// only then the loop that their last messages were posted to goes.
//
// Threads: blocks its caller.  Errors: none; the exit status is as in server.h.
#pragma once

#include "lsp/assistant.h"
#include "lsp/server.h"

namespace engram::lsp {

int serve(const ServerOptions& options, Assistant& assistant, int in, int out);

}  // namespace engram::lsp
