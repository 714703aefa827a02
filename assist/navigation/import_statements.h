// assist/navigation/import_statements.h: what a text brings in from other files, as it is written.
//
// One entry a name: `from a.b import c as d` is {local "d", module "a.b", name "c"}. Whatever is
// not understood is left out. Python, JavaScript, TypeScript, Go, Java, Kotlin, Scala, Rust, and
// the #includes of C, C++ and CUDA.
//
// Threads: pure function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/syntax/file_names.h"

namespace engram {

struct ImportedName {
  std::string local;   // the name here; empty: only the file is brought in (#include, import "x")
  std::string module;  // as written, without quotes: "./a", "os.path", "crate::a", "shape.h"
  std::string name;    // there; empty: the module itself; "*": all that it exports
  std::uint32_t begin = 0, end = 0;  // of the module in the text
};

std::vector<ImportedName> read_imports(std::string_view text, const FileNames& names);

// c, cpp and cuda are one family, as javascript, typescript and tsx; else the language itself.
std::string_view language_family(std::string_view language);

}  // namespace engram
