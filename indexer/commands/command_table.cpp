#include "indexer/commands/command_table.h"

#include <algorithm>

namespace engram {

std::uint32_t CommandTable::id_of(const std::string& text) {
  const auto [it, added] = ids_.try_emplace(text, static_cast<std::uint32_t>(strings_.size()));
  if (added) strings_.push_back(&it->first);
  return it->second;
}

bool CommandTable::add(const CompileCommand& command) {
  std::vector<std::uint32_t> list;
  for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i) {
    list.push_back(id_of(command.arguments[i]));
  }
  const auto [it, added] =
      list_ids_.try_emplace(std::move(list), static_cast<std::uint32_t>(lists_.size()));
  if (added) lists_.push_back(&it->first);
  const Record record{it->second, id_of(command.directory), id_of(command.source), command.origin,
                      command.stand_in_headers};
  auto& records = files_[command.file];
  if (std::find(records.begin(), records.end(), record) != records.end()) return false;
  records.push_back(record);
  ++commands_;
  return true;
}

std::vector<CompileCommand> CommandTable::of(const std::string& file) const {
  std::vector<CompileCommand> out;
  const auto it = files_.find(file);
  if (it == files_.end()) return out;
  for (const Record& record : it->second) {
    CompileCommand command;
    command.directory = *strings_[record.directory];
    command.file = file;
    command.origin = record.origin;
    command.source = *strings_[record.source];
    command.stand_in_headers = record.stand_in_headers;
    for (const std::uint32_t id : *lists_[record.arguments]) {
      command.arguments.push_back(*strings_[id]);
    }
    command.arguments.push_back(file);
    out.push_back(std::move(command));
  }
  return out;
}

std::vector<std::string> CommandTable::files() const {
  std::vector<std::string> out;
  out.reserve(files_.size());
  for (const auto& [file, records] : files_) out.push_back(file);
  return out;
}

}  // namespace engram
