// indexer/semantic/header_sizes.h: how much text a system header brings with it, as far as text
// tells.
//
// An estimate of what reading it costs, before the compiler has read anything: names are looked for
// in the command's folders and where this system keeps its headers, conditions are not looked at.
//
// Threads: confined to one thread at a time.  Errors: none; one that is not found brings nothing.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "indexer/commands/compile_command.h"

namespace engram {

// The folders of the newest C++ library here, of C's, and of the system.
std::vector<std::string> system_include_folders();

class HeaderSizes {
 public:
  // Looked for in the folders of `command` (absolute ones) and in those.
  HeaderSizes(const CompileCommand& command, std::vector<std::string> folders);

  using Read = std::vector<bool>;  // files that were read, by number
  // Bytes of the files that including <name> adds; they count as read from then on.
  std::uint64_t add(const std::string& name, Read& read);
  std::uint64_t would_add(const std::string& name, Read read) { return add(name, read); }

 private:
  static constexpr std::uint32_t kNotFound = UINT32_MAX;
  struct File {
    std::string path;
    std::uint64_t size = 0;
    bool known = false;
    std::vector<std::uint32_t> includes;
  };
  std::uint32_t find(const std::string& name, const std::string& beside);
  void look_into(std::uint32_t number);

  std::vector<std::string> folders_;
  std::vector<File> files_;
  std::unordered_map<std::string, std::uint32_t> by_name_, by_path_;
};

}  // namespace engram
