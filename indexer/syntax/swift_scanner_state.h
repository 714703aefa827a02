/* indexer/syntax/swift_scanner_state.h: included by force into tree-sitter-swift's scanner.c, whose
 * create function asks calloc for *zero* states and then writes to one: a write past the allocation
 * (found by ASan). Every calloc there is for one state. */
#pragma once

#include <stdlib.h>

#define calloc(count, size) calloc(1, size)
