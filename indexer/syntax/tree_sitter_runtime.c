// The tree-sitter runtime, with a larger buffer for the state of external scanners.
//
// The scanners of several grammars check the buffer's size loosely: YAML's and Python's write one or
// two bytes past it when nesting is deep, Ruby's likewise with many here-documents. The grammars are
// compiled as they are and believe in 1024 bytes; the runtime gives them 16 KiB, so that what they
// write too much lands in memory nobody else uses. scanner_guard.h keeps out what would need more.
#include <tree_sitter/api.h>

#include "parser.h"

#undef TREE_SITTER_SERIALIZATION_BUFFER_SIZE
#define TREE_SITTER_SERIALIZATION_BUFFER_SIZE 16384

#include "lib.c"
