// lsp/language_id.h: the editors' names of languages, in ours (indexer/syntax/language.h).
#pragma once

#include <string>
#include <string_view>

namespace engram::lsp {

// Needed only for buffers without a file name; an id that no language claims gives "".
std::string language_from_id(std::string_view language_id);

}  // namespace engram::lsp
