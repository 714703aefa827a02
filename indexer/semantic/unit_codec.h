// indexer/semantic/unit_codec.h: UnitFacts as bytes, and back with every promise of unit_facts.h
// checked: indices, orders, enumerators, and that no place lies outside its file.
//
// Threads: pure functions.  Errors: a reader that failed (memory/byte_codec.h); what was read until
// then is of no use.
#pragma once

#include <string>

#include "memory/byte_codec.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

void append_unit(std::string& out, const UnitFacts& facts);
UnitFacts read_unit(ByteReader& in);

}  // namespace engram
