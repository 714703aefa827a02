// Whatever a repository says about how it is compiled: it is read, and what comes out is harmless.
//
// The first byte chooses what the rest is: a compile database, a command line (in three compilers'
// styles), a .clangd file or a path pattern.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/json_array_reader.h"
#include "indexer/commands/clangd_settings.h"
#include "indexer/commands/clean_command.h"
#include "indexer/commands/shell_words.h"
#include "indexer/commands/yaml.h"

namespace engram {

namespace {

// Arguments that name a path in the one after them.
bool takes_path(const std::string& argument) {
  for (const char* option :
       {"-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-F", "-iframework"}) {
    if (argument == option) return true;
  }
  return false;
}

void check(const CompileCommand& command) {
  const auto& arguments = command.arguments;
  if (arguments.size() < 4 || arguments.back() != command.file) __builtin_trap();
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.empty() || argument.find('\0') != std::string::npos) __builtin_trap();
    if (takes_path(argument)) {
      if (!arguments[++i].starts_with("/w")) __builtin_trap();
      continue;
    }
    if (argument == "-x") {
      ++i;
      continue;
    }
    if (argument[0] != '-') __builtin_trap();
    if (argument.starts_with("-I") && !argument.starts_with("-I/w")) __builtin_trap();
    for (const char* never :
         {"-Xclang", "-load",    "-fplugin",  "-fpass-plugin", "-fmodule", "-mllvm",
          "-o",      "-M",       "-B",        "-save",         "-Wl,",     "-Wp,",
          "-Wa,",    "--config", "-resource", "-ivfs",         "-vfs",     "-cc1",
          "-specs",  "-wrapper", "-fprofile", "-working"}) {
      if (argument.starts_with(never)) __builtin_trap();
    }
  }
}

void clean(std::vector<std::string> words) {
  if (words.empty()) return;
  static const Toolchain none;
  const PathPolicy policy({"/w"});
  FlagReport report;
  const auto cleaned =
      clean_command({"/w", "/w/a.cpp", std::move(words)}, {policy, none, ""}, report);
  if (cleaned.why_not.empty()) check(cleaned.command);
}

void fuzz(std::string_view data) {
  if (data.empty()) return;
  const std::string_view rest = data.substr(1);
  bool known = false;
  switch (data[0] % 6) {
    case 0: {
      JsonArrayReader reader([](const json::value& element) {
        if (const auto command = find_string(element, "command")) clean(split_words(*command));
      });
      if (reader.feed(rest.substr(0, rest.size() / 2)) &&
          reader.feed(rest.substr(rest.size() / 2))) {
        if (!reader.finish()) return;
      }
      return;
    }
    case 1:
      return clean(split_words("g++ " + std::string(rest)));
    case 2:
      return clean(split_words("clang-cl " + std::string(rest)));
    case 3:
      return clean(split_words("nvcc " + std::string(rest), QuoteRules::kResponseFile));
    case 4:
      if (const auto documents = parse_yaml(rest, "f"); !documents) {
        if (documents.error().message.find('\n') != std::string::npos) __builtin_trap();
      }
      return;
    default:
      matches_simple_pattern(rest.substr(0, rest.size() / 2), rest.substr(rest.size() / 2), known);
  }
}

}  // namespace

}  // namespace engram

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  engram::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
