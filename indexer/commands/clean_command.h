// indexer/commands/clean_command.h: one entry of a compile database as a clean Clang 19 invocation.
//
// The entry is taken apart into a closed set of arguments and written anew (option_table.h,
// flag_lists.h): whatever is not recognised is left out and counted, never passed on. The result
// parses only (-fsyntax-only), finds the system's headers in folders named one by one
// (toolchain.h), reads no configuration file of Clang's, and its paths lie in the folders the
// policy allows.
//
// Who runs it must not let the driver probe for precompiled headers (Driver::setProbePrecompiled,
// which libTooling does already) and must clear the environment (CPATH, CCC_OVERRIDE_OPTIONS).
//
// Threads: as PathPolicy.  Errors: none; an entry that is no C, C++, Objective-C or CUDA says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "indexer/commands/ask_driver.h"
#include "indexer/commands/compile_command.h"
#include "indexer/commands/compile_database.h"
#include "indexer/commands/flag_report.h"
#include "indexer/commands/path_policy.h"
#include "indexer/commands/toolchain.h"

namespace engram {

struct CleaningContext {
  const PathPolicy& policy;
  const Toolchain& toolchain;
  std::string cuda_headers;  // folder of the stand-in headers (cuda_headers.h); empty: none
  const DriverAnswers* drivers = nullptr;  // of the compilers that the user allowed to be asked
};

struct CleanedCommand {
  CompileCommand command;  // `origin` and `source` are the caller's to set
  std::string why_not;     // why there is no command; empty when there is
};

CleanedCommand clean_command(const DatabaseEntry& entry, const CleaningContext& context,
                             FlagReport& report);

// Clang's name (-x) for the language of a file, by its extension; empty: none of the C family.
// `cxx`: .c and .h are C++, as g++ has it.
std::string_view c_family_language(std::string_view path, bool cxx);
bool is_c_family_header(std::string_view path);

}  // namespace engram
