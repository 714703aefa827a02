// lsp/local_socket.h: one client over a Unix socket, for `engram lsp --socket PATH`.
//
// The socket belongs to the user alone (mode 0600). A socket file that nobody listens on any more
// is replaced; anything else at that path is left alone.
//
// Threads: blocks its caller until a client connects.  Errors: kInvalidArgument, kBusy, kIo.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace engram::lsp {

// The connected descriptor, the caller's to close. The socket file is gone by then.
Result<int> accept_one_client(const std::filesystem::path& path);

}  // namespace engram::lsp
