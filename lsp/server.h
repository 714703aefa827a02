// lsp/server.h: the language server as one call, for `engram lsp`.
//
// Speaks LSP 3.18 on stdin and stdout (or one client of a Unix socket) until the client says exit,
// its end closes, or its process dies. docs/protocol.md lists what is spoken beyond the standard.
//
// Threads: blocks its caller, which becomes the io thread; starts its workers and joins them.
// Errors: none to the caller: the return value is the exit status of the process (0 after a proper
// shutdown or when the editor is gone, 1 after exit without shutdown, 2 when the socket cannot be
// used).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "assist/completion/completion.h"
#include "indexer/commands/compile_commands.h"
#include "indexer/scan/scanner.h"

namespace engram {

// What the settings say for one workspace: read after initialize, when its root is known.
struct WorkspaceSettings {
  ScanOptions scan;
  CompileCommandsOptions commands;  // its workspace comes later
  std::size_t max_tokens = 64;
  std::vector<std::string> messages;  // for the user: what was ignored in .engram.toml, and why
};

struct ServerOptions {
  std::string version;                          // told to the client
  std::optional<std::string> model;             // name or path; absent: the best one present
  bool no_model = false;                        // memory completes alone
  bool no_memory = false;                       // no index
  bool navigation = true;                       // offered; answered when asked all the same
  bool semantic = true;                         // Clang reads the workspace in the background
  bool clang = true;                            // diagnostics, completions and fixes of open files
  bool include_hints = true;                    // of inclusions that are unused or missing
  std::filesystem::path store;                  // empty: the workspace's default place
  std::filesystem::path workspace;              // empty: what the client says
  std::string kernels;                          // empty: the best
  bool mixed_activations = false;               // see EngineOptions
  unsigned threads = 0;                         // of the engine; 0: number of cores
  CompleterOptions completion;                  // what the user set; store and model come later
  std::optional<std::filesystem::path> socket;  // a Unix socket to listen on instead of stdio
  std::function<WorkspaceSettings(const std::filesystem::path& root)> settings;  // may be empty
};

int run_language_server(const ServerOptions& options);

}  // namespace engram
