// assist/models/child_process.h: runs one program to its end, without a shell, and can be stopped.
//
// The program is looked up in PATH and runs in `directory`, never in the user's workspace, so that
// nothing lying there is picked up. Its output is kept in a file beside; stdin is empty.
//
// Threads: blocks the caller.  Errors: kNotFound no such program; kIo it failed (with the last line
// it wrote); kCancelled (its whole process group is ended first).
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"

namespace engram {

struct ChildProcess {
  std::vector<std::string> command;  // program and arguments
  std::filesystem::path directory;   // must exist; also the program's TMPDIR
  std::function<void()> on_wait;     // called a few times a second
};

Result<void> run_child(const ChildProcess& child, std::stop_token stop);

}  // namespace engram
