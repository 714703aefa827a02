// memory/semantic/unit_facts.h: what Clang knows about one translation unit, as plain values.
//
// Made by engram-clang-worker, sent through indexer/semantic/unit_codec.h, kept by SemanticWriter.
// Every position is a file of `files` and byte offsets into its contents; every symbol, file and
// container is an index into the vectors beside it, checked by the decoder.
//
// A symbol is known by its key: 128 bits of the SHA-256 of its USR (Clang's name for an entity
// across translation units). What only one file can see (internal linkage, locals, C's tags and
// typedefs of a source file) has the file's path hashed in, relative to the workspace; macros are
// named by file and name. Instantiations have no symbols: what refers to one refers to its pattern.
//
// A header is told once (indexer/semantic/header_claims.h): `views` says for each one which view of
// it was had, and whether what stands in it is told here or was told by another unit.
//
// Threads: plain values.  Errors: none.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/certainty.h"
#include "core/hash.h"
#include "memory/facts.h"

namespace engram {

struct SymbolKey {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const SymbolKey&, const SymbolKey&) = default;
  friend auto operator<=>(const SymbolKey&, const SymbolKey&) = default;
};

constexpr std::uint32_t kNoNumber = UINT32_MAX;  // no such symbol or file

struct UnitFile {
  std::string path;  // absolute, without "." and ".."
  Sha256 content;    // of the bytes Clang read; zero when it never read them
  std::uint32_t size = 0;
  bool system = false;  // found through a system include path
  friend bool operator==(const UnitFile&, const UnitFile&) = default;
};

// A header as one context makes it: path, contents, the language, the macros it met with their
// definitions, what its conditions and inclusions came to; of all its readings, when it was read
// several times. Equal keys: equal facts. The first four bytes are of path and contents alone.
struct ViewKey {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const ViewKey&, const ViewKey&) = default;
  friend auto operator<=>(const ViewKey&, const ViewKey&) = default;
};

enum class ViewTold : std::uint8_t {
  kHere,           // what stands in it is among these facts
  kHereUnclaimed,  // too, but perhaps not all: after an error, or with bodies left out
  kElsewhere,      // by a unit that told this key; here only what the unit itself needs of it
};

struct FileView {
  std::uint32_t file = 0;
  ViewKey key;
  ViewTold told = ViewTold::kHere;
  friend bool operator==(const FileView&, const FileView&) = default;
  friend auto operator<=>(const FileView&, const FileView&) = default;
};

// A view that others may rely on, and whose it is.
struct HeldView {
  ViewKey key;
  std::string path;  // as in UnitFile
  Sha256 content;
  friend bool operator==(const HeldView&, const HeldView&) = default;
};

struct UnitSymbol {
  SymbolKey key;
  SymbolKind kind = SymbolKind::kUnknown;
  bool local = false;          // seen only inside its function
  std::string name;            // "push_back", "operator=="; empty: unnamed
  std::string qualified_name;  // "std::vector::push_back"
  std::string signature;  // "void push_back(const T &value)"; empty for system symbols not used
  std::string doc;        // without comment marks
  friend bool operator==(const UnitSymbol&, const UnitSymbol&) = default;
};

// What an occurrence does; several may hold.
enum OccurrenceRole : std::uint16_t {
  kRoleDeclaration = 1 << 0,
  kRoleDefinition = 1 << 1,  // of macros, too
  kRoleReference = 1 << 2,
  kRoleRead = 1 << 3,
  kRoleWrite = 1 << 4,
  kRoleCall = 1 << 5,
  kRoleDynamic = 1 << 6,  // a call through a vtable
  kRoleAddressOf = 1 << 7,
  kRoleImplicit = 1 << 8,    // not written there: a conversion, a destructor, a default argument
  kRoleExpansion = 1 << 9,   // of a macro
  kRoleUndefine = 1 << 10,   // #undef
  kRoleFromMacro = 1 << 11,  // comes out of a macro's body; the place is the macro's use
  kRoleInferred = 1 << 12,   // a dependent name, resolved by a guess
  kRoleNameOnly = 1 << 13,   // names the entity without using it: a constructor's class
};
constexpr std::uint16_t kAllRoles = (1 << 14) - 1;

struct Occurrence {
  std::uint32_t file = 0;
  std::uint32_t begin = 0, end = 0;  // the name
  std::uint32_t symbol = 0;
  std::uint32_t container = kNoNumber;  // the function, class or variable it stands in
  std::uint16_t roles = 0;
  friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

enum class RelationKind : std::uint8_t {
  kMemberOf,     // of a class, namespace, enumeration or function
  kDerivesFrom,  // to the base
  kOverrides,    // to the function overridden
  kCalls,        // to the function called
  kSpecialises,  // to the template
  kTypeOf,       // a value's type, a function's result, an alias's target: to the type's symbol
};

struct SymbolLink {
  std::uint32_t from = 0;
  RelationKind kind = RelationKind::kMemberOf;
  std::uint32_t to = 0;
  std::uint32_t file = 0;  // where it is told
  friend bool operator==(const SymbolLink&, const SymbolLink&) = default;
  friend auto operator<=>(const SymbolLink&, const SymbolLink&) = default;
};

struct Inclusion {
  std::uint32_t file = 0;
  std::uint32_t begin = 0, end = 0;  // the file name with its quotes
  std::uint32_t target = kNoNumber;  // kNoNumber: not found, or refused
  bool angled = false;
  friend bool operator==(const Inclusion&, const Inclusion&) = default;
};

// From the first to the last byte of a definition.
struct DefinitionExtent {
  std::uint32_t symbol = 0;
  std::uint32_t file = 0;
  std::uint32_t begin = 0, end = 0;
  std::uint32_t body_begin = 0, body_end = 0;  // with braces; equal when there is none
  friend bool operator==(const DefinitionExtent&, const DefinitionExtent&) = default;
};

// Text that the preprocessor left out.
struct InactiveRegion {
  std::uint32_t file = 0;
  std::uint32_t begin = 0, end = 0;
  friend bool operator==(const InactiveRegion&, const InactiveRegion&) = default;
};

struct FixIt {
  std::uint32_t file = 0;
  std::uint32_t begin = 0, end = 0;  // replaced by
  std::string text;
  friend bool operator==(const FixIt&, const FixIt&) = default;
};

enum class DiagnosticLevel : std::uint8_t { kNote, kRemark, kWarning, kError, kFatal };

struct UnitDiagnostic {
  DiagnosticLevel level = DiagnosticLevel::kError;  // a note belongs to the last that is none
  std::uint32_t file = kNoNumber;  // kNoNumber: about the command, not about a place
  std::uint32_t begin = 0, end = 0;
  std::string message;
  std::string option;  // "unused-variable"; empty when no option controls it
  std::vector<FixIt> fixes;
  friend bool operator==(const UnitDiagnostic&, const UnitDiagnostic&) = default;
};

// What a store knows of a unit.
enum class UnitState : std::uint8_t {
  kSemantic,     // its own command, and no errors
  kInferred,     // borrowed command, or errors
  kFailed,       // nothing to parse
  kQuarantined,  // it ended its worker twice
};

struct UnitFacts {
  Certainty certainty = Certainty::kSemantic;  // kInferred when borrowed or broken
  bool bodies_skipped = false;
  std::uint32_t errors = 0;             // how many; not all need be among the diagnostics
  std::vector<UnitFile> files;          // the main file first
  std::vector<FileView> views;          // ascending, one a file; none of the main file
  std::vector<UnitSymbol> symbols;      // in order of key, each once
  std::vector<Occurrence> occurrences;  // in order of file, begin, end, symbol
  std::vector<SymbolLink> links;        // ascending, each once
  std::vector<Inclusion> inclusions;    // in the order Clang met them
  std::vector<DefinitionExtent> extents;
  std::vector<InactiveRegion> inactive;
  std::vector<UnitDiagnostic> diagnostics;
  friend bool operator==(const UnitFacts&, const UnitFacts&) = default;
};

}  // namespace engram
