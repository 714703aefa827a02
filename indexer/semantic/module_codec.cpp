#include "indexer/semantic/module_codec.h"

namespace engram {

void append_strings(std::string& out, const std::vector<std::string>& strings) {
  append_varint(out, strings.size());
  for (const std::string& string : strings) append_bytes(out, string);
}

std::vector<std::string> read_strings(ByteReader& in) {
  std::vector<std::string> strings;
  const std::size_t count = in.count();
  for (std::size_t i = 0; i < count && in.ok(); ++i) strings.emplace_back(in.bytes());
  return strings;
}

void append_modules(std::string& out, const std::vector<ModuleSource>& modules) {
  append_varint(out, modules.size());
  for (const ModuleSource& module : modules) {
    append_bytes(out, module.name);
    append_bytes(out, module.directory);
    append_strings(out, module.arguments);
  }
}

std::vector<ModuleSource> read_modules(ByteReader& in) {
  std::vector<ModuleSource> modules;
  const std::size_t count = in.count(3);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    ModuleSource module;
    module.name = in.bytes();
    module.directory = in.bytes();
    module.arguments = read_strings(in);
    if (module.name.empty() || module.arguments.empty()) in.fail();
    modules.push_back(std::move(module));
  }
  return modules;
}

}  // namespace engram
