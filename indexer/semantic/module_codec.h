// indexer/semantic/module_codec.h: how the sources of modules are compiled, as bytes of a message.
//
// Threads: pure functions.  Errors: a reader that failed (memory/byte_codec.h).
#pragma once

#include <string>
#include <vector>

#include "indexer/commands/compile_command.h"
#include "memory/byte_codec.h"

namespace engram {

void append_strings(std::string& out, const std::vector<std::string>& strings);
std::vector<std::string> read_strings(ByteReader& in);
// Each has a name and names a file.
void append_modules(std::string& out, const std::vector<ModuleSource>& modules);
std::vector<ModuleSource> read_modules(ByteReader& in);

}  // namespace engram
