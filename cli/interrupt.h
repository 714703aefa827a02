// cli/interrupt.h: Ctrl-C and SIGTERM as a stop request.
//
// The first signal requests stop, so that long work keeps what is done and returns; the second
// ends the process at once (kill -9 safe stores make that harmless).
#pragma once

#include <stop_token>

namespace engram::cli {

// Installs the handlers; `source` must outlive the program's work.
void stop_on_interrupt(std::stop_source& source);

}  // namespace engram::cli
