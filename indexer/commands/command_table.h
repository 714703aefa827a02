// indexer/commands/command_table.h: the commands of many files, in little memory.
//
// A database of 100,000 entries says the same few hundred things over and over: each string and
// each list of arguments is kept once.
//
// Threads: immutable after the last add.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/commands/compile_command.h"

namespace engram {

class CommandTable {
 public:
  CommandTable() = default;
  CommandTable(CommandTable&&) = default;  // nodes of maps stay where they are
  CommandTable& operator=(CommandTable&&) = default;

  // Every different configuration of a file is kept; false when the file has this one already.
  bool add(const CompileCommand& command);

  std::vector<CompileCommand> of(const std::string& file) const;  // in the order added
  bool contains(const std::string& file) const { return files_.contains(file); }
  std::vector<std::string> files() const;  // sorted
  std::size_t file_count() const { return files_.size(); }
  std::size_t command_count() const { return commands_; }
  std::size_t argument_lists() const { return lists_.size(); }

 private:
  struct Record {
    std::uint32_t arguments = 0, directory = 0, source = 0;
    CommandOrigin origin = CommandOrigin::kExact;
    bool stand_in_headers = false;
    friend bool operator==(const Record&, const Record&) = default;
  };
  std::uint32_t id_of(const std::string& text);

  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<const std::string*> strings_;  // by id; nodes of ids_ do not move
  std::map<std::vector<std::uint32_t>, std::uint32_t> list_ids_;
  std::vector<const std::vector<std::uint32_t>*> lists_;  // arguments but for the file
  std::map<std::string, std::vector<Record>, std::less<>> files_;
  std::size_t commands_ = 0;
};

}  // namespace engram
