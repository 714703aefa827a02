// indexer/commands/module_names.h: which C++20 module a source declares and which it imports, read
// out of its text without a preprocessor.
//
// Such a line begins with its word ([cpp.module], [cpp.import]); text in comments and literals is
// none. Conditions are not looked at: all of their branches count. Names that a macro makes, and
// what an included header imports, are not seen.
//
// Threads: pure function.  Errors: none; a line that is not finished is none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engram {

struct ModuleNames {
  std::string module;                // "shapes", "shapes:details"; empty: it declares none
  bool importable = false;           // an interface or a partition, no implementation unit
  std::vector<std::string> imports;  // whole names, sorted; of an implementation unit its interface
  friend bool operator==(const ModuleNames&, const ModuleNames&) = default;
};

ModuleNames module_names(std::string_view text);

}  // namespace engram
