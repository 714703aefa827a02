// indexer/syntax/raw_facts.h: what one walk over a tree found, in offsets, before it is text.
//
// Filled by FactCollector, turned into memory/facts.h by assemble_facts().
//
// Threads: plain values; the string_views point into the file's text.
#pragma once

#include <cstdint>
#include <vector>

#include "memory/facts.h"

namespace engram {

struct ByteRange {
  std::uint32_t begin = 0, end = 0;
  bool empty() const { return begin == end; }
};

struct RawSymbol {
  ByteRange extent;
  ByteRange name;
  ByteRange scope_text;    // written at the definition: "A::B" of A::B::f, Go's receiver; or empty
  ByteRange doc;           // a docstring, or empty
  std::uint32_t body = 0;  // where the signature ends; 0: at the extent's end
  std::uint16_t priority = 0;
  SymbolKind kind = SymbolKind::kUnknown;
  bool is_definition = true;
  bool is_local = false;
  bool is_container_only = false;  // gives its name to what is inside, is no symbol (Rust's impl)
  bool of_class = false;  // belongs to the nearest class, not to the method it stands in (self.x)
};

struct RawReference {
  ByteRange name;
  ReferenceKind kind = ReferenceKind::kUse;
  std::uint16_t priority = 0;  // of two at one place, the higher counts
};

struct RawScope {
  std::int32_t parent = -1;  // index into RawFacts::scopes; -1: the file
  bool is_class = false;
};

struct RawFacts {
  std::vector<RawSymbol> symbols;
  std::vector<RawReference> references;
  std::vector<std::uint32_t> dropped;  // indices of references to local names, sorted
  std::vector<ByteRange> comments;     // in order
  std::vector<ByteRange> attributes;   // in order
  std::uint32_t error_bytes = 0;
  bool too_deep = false;

  // Filled with CollectLimits::keep_scopes; scopes[0] is the file.
  std::vector<RawScope> scopes;
  std::vector<std::uint32_t> symbol_scopes;     // where each of `symbols` is defined
  std::vector<std::uint32_t> reference_scopes;  // where each of `references` stands
};

}  // namespace engram
