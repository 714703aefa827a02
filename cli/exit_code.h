// cli/exit_code.h: what the program's exit status means to scripts (docs/cli.md).
#pragma once

#include "core/result.h"

namespace engram::cli {

enum ExitCode : int {
  kDone = 0,        // no match is done, with an empty list
  kFindings = 1,    // findings, a refused refactoring, a failed check
  kUsage = 2,       // wrong usage
  kUnreadable = 3,  // unreadable or corrupt input: model, store, repository
  kInterrupted = 130
};

// Bad arguments are usage; everything unreadable, missing, corrupt or busy is kUnreadable.
constexpr ExitCode exit_code_of(Errc code) {
  switch (code) {
    case Errc::kInvalidArgument:
      return kUsage;
    case Errc::kCancelled:
      return kInterrupted;
    case Errc::kNotFound:
    case Errc::kCorrupt:
    case Errc::kIo:
    case Errc::kDevice:
    case Errc::kBusy:
      return kUnreadable;
  }
  return kUnreadable;
}

}  // namespace engram::cli
