// memory/engrams/byte_sink.h: where a segment is written: a new file, or memory.
//
// Bytes are appended; the first ones may be replaced at the end, when the header is known. A file
// appears under its name only in finish(): written under a temporary name, synced, renamed; the
// name is durable once the directory is synced, as replacing the manifest that names it does.
// Without finish() nothing is left behind.
//
// Threads: confined to one thread.  Errors: kIo naming the file and the system's reason, at once or
// in finish(); after an error further calls do nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

// Whether a file survives the machine's failure at once, or only after sync_file(). Another
// process, and kill -9, see the same either way.
enum class Durability { kNow, kLater };

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void append(std::string_view bytes) = 0;
  virtual void replace_beginning(std::string_view bytes) = 0;  // REQUIRES: that many were appended
  virtual Result<void> finish() = 0;
};

std::unique_ptr<ByteSink> make_file_sink(const std::filesystem::path& file,
                                         Durability durability = Durability::kNow);
std::unique_ptr<ByteSink> make_string_sink(std::string& out);
Result<void> sync_file(const std::filesystem::path& file);

}  // namespace engram
