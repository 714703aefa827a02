#include "lsp/server.h"

#include <unistd.h>

#include "core/executor.h"
#include "core/log.h"
#include "lsp/local_socket.h"
#include "lsp/serve.h"

namespace engram {

int run_language_server(const ServerOptions& options) {
  set_thread_name("engram-io");
  const auto assistant = lsp::make_local_assistant(options);
  if (!options.socket) return lsp::serve(options, *assistant, STDIN_FILENO, STDOUT_FILENO);
  const auto client = lsp::accept_one_client(*options.socket);
  if (!client) {
    log_error("{}", client.error().message);
    return 2;
  }
  const int status = lsp::serve(options, *assistant, *client, *client);
  ::close(*client);
  return status;
}

}  // namespace engram
