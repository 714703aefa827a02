// memory/facts.h: what is known about one file's contents: symbols, references, chunks.
//
// Plain values, produced by indexer/ and kept by the catalogue. Offsets are bytes into the
// contents; lines are 1-based, columns are 1-based UTF-8 bytes, as compilers print them.
// Source: docs/formats/catalogue.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/certainty.h"

namespace engram {

enum class SymbolKind : std::uint8_t {
  kUnknown,
  kModule,
  kNamespace,
  kPackage,
  kClass,
  kStruct,
  kUnion,
  kInterface,
  kTrait,
  kEnum,
  kEnumMember,
  kFunction,
  kMethod,
  kConstructor,
  kField,
  kProperty,
  kVariable,
  kConstant,
  kTypeAlias,
  kTypeParameter,
  kParameter,
  kMacro,
  kLabel,
  kKey,
  kHeading,
  kSelector,
  kElement,
};
std::string_view to_string(SymbolKind kind);         // "function", "type_alias", ...
SymbolKind symbol_kind_from(std::string_view name);  // kUnknown when not a kind

enum class ReferenceKind : std::uint8_t {
  kUse,
  kCall,
  kType,
  kImport,
  kInherit,
  kWrite,
  kMacroUse,
};
std::string_view to_string(ReferenceKind kind);

struct Symbol {
  std::string name;       // as written: "push_back", "operator=="
  std::string container;  // enclosing scopes joined by "::" or ".", as the language writes them
  SymbolKind kind = SymbolKind::kUnknown;
  bool is_definition = true;  // false: a declaration (prototype, extern, forward class)
  bool is_local = false;      // visible only inside its function: never listed workspace-wide
  std::uint32_t begin = 0, end = 0;            // whole definition, body included
  std::uint32_t name_begin = 0, name_end = 0;  // the name itself
  std::uint32_t line = 0, column = 0;          // of the name
  std::uint32_t end_line = 0;                  // last line of the definition
  std::string signature;     // the head of the definition, white space folded, at most 400 bytes
  std::string doc;           // doc comment text without comment marks, at most 2000 bytes
  std::int32_t parent = -1;  // index of the enclosing symbol in FileFacts::symbols, or -1
};

struct Reference {
  std::string name;
  ReferenceKind kind = ReferenceKind::kUse;
  std::uint32_t begin = 0, end = 0;
  std::uint32_t line = 0, column = 0;
};

// A span of whole syntax nodes, small enough for a prompt, that covers no other chunk's bytes.
struct Chunk {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t line = 0, end_line = 0;
  std::string scope;  // enclosing scopes, outermost first: "namespace a > class B > f()"
};

struct FileFacts {
  std::string language;  // "cpp", "python", ...: indexer/syntax/language.h
  Certainty certainty = Certainty::kSyntactic;
  std::vector<Symbol> symbols;        // in order of `begin`; parents before children
  std::vector<Reference> references;  // in order of `begin`
  std::vector<Chunk> chunks;          // in order, disjoint
  std::vector<std::string> comments;  // comment and docstring words, for full-text search
  std::uint32_t lines = 0;
  std::uint32_t error_bytes = 0;  // bytes inside ERROR nodes: a measure of trust
};

enum class FileFlag : std::uint32_t {
  kNone = 0,
  kVendored = 1,
  kGenerated = 2,
  kOtherLicence = 4,
  kTest = 8,
  kUntracked = 16,
};

// Of FileFlag bits: code that is not the project's own.
inline constexpr std::uint32_t kForeignFlags = static_cast<std::uint32_t>(FileFlag::kVendored) |
                                               static_cast<std::uint32_t>(FileFlag::kOtherLicence);
constexpr bool is_foreign(std::uint32_t flags) { return (flags & kForeignFlags) != 0; }

struct FileEntry {
  std::string path;  // workspace-relative, '/'-separated
  std::int64_t mtime_ns = 0;
  std::uint64_t size = 0;
  std::string language;     // empty: text that no grammar claims (still searchable)
  std::uint32_t flags = 0;  // FileFlag bits
  std::string licence;      // SPDX expression found in the file, or empty
};

struct SkippedFile {
  std::string path;
  std::string reason;  // stable code: "binary", "too_large", "secret", "ignored_cap",
                       // "unreadable", "invalid_utf8", "parse_timeout", "vanished", ...
  std::string detail;  // for a person
};

}  // namespace engram
