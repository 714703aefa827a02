// assist/navigation/module_files.h: the files of the workspace that an import names.
//
// Follows each language's own convention from names alone: nothing is executed, no package manager
// is asked, and what lies outside the workspace is not looked for.
//
// Threads: as SourceTexts.
#pragma once

#include <string>
#include <vector>

#include "assist/navigation/import_statements.h"
#include "assist/navigation/source_texts.h"

namespace engram {

// Most likely first; Go's packages are all their files. `import` stands in the file `from`.
std::vector<std::string> files_of_import(SourceTexts& texts, const std::string& from,
                                         std::string_view language, const ImportedName& import);

// By its ending: what C, C++ and CUDA include.
bool is_header_path(const std::string& path);

// Header of a source file, source of a header: the same stem, the nearest first.
std::vector<std::string> counterparts(SourceTexts& texts, const std::string& path);

// How many directories two paths have in common, for ranking.
std::size_t shared_directories(std::string_view a, std::string_view b);

}  // namespace engram
