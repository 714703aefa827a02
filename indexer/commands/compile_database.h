// indexer/commands/compile_database.h: reads compile_commands.json, entry by entry.
//
// The file is streamed: memory is bounded by its largest entry, whatever its size. Both forms of an
// entry are read, `arguments` and `command` (split by shell rules, never run). What an entry says
// is hostile: nothing here opens, expands or runs what it names. An entry that says too little is
// counted among the faults and the next one read.
//
// Threads: pure function.  Errors: kNotFound, kIo; kInvalidArgument "cannot read 'PATH': ..." for
// text that is no JSON array; kCancelled.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"

namespace engram {

struct DatabaseEntry {
  std::string directory;               // absolute, normalised
  std::string file;                    // absolute, normalised
  std::vector<std::string> arguments;  // as written, compiler first; never empty
};

struct DatabaseSummary {
  std::size_t entries = 0;          // handed over
  std::size_t faulty = 0;           // left out
  std::vector<std::string> faults;  // the first few of them: "entry 3: no 'directory'"
  std::uint64_t bytes = 0;
};

Result<DatabaseSummary> read_compile_database(const std::filesystem::path& file,
                                              const std::function<void(DatabaseEntry)>& on_entry,
                                              std::stop_token stop = {});

}  // namespace engram
