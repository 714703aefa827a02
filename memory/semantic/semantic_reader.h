// memory/semantic/semantic_reader.h: what Clang said about a workspace, asked for by place, symbol
// or name.
//
// Everything is about *sources*: one path with one content. A header that many units read is one
// source, and its facts are the union of what all of them told: each distinct fact once. While a
// changed header waits to be read again, its path has two sources; ask with the SHA-256 of the
// contents you show and old positions never meet new text.
//
// Paths are relative to the workspace, '/'-separated, or absolute when they lie outside. A symbol
// is known by a number that holds as long as the store is not built anew, or by its key, which
// always holds. `certainty`: kSemantic when a unit with its own flags and without errors told the
// fact, else kInferred. What does not occur is an empty answer.
//
// Threads: a reader is confined to one thread at a time; any number of them, in any process, beside
// one writer. Each call sees the last commit.
// Errors: kNotFound there is no semantic store yet; kCorrupt damaged, or of another version; kIo.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

using SymbolNumber = std::uint32_t;  // kNoNumber: no symbol

struct SemanticSource {
  std::string path;
  Sha256 content;
  std::uint32_t size = 0;
  bool system = false;  // found through a system include path
  friend bool operator==(const SemanticSource&, const SemanticSource&) = default;
};

struct SemanticSymbol {
  SymbolNumber number = kNoNumber;
  UnitSymbol facts;  // key, kind, names, signature, doc
};

struct SemanticUse {
  std::uint32_t begin = 0, end = 0;  // the name
  SymbolNumber symbol = kNoNumber;
  SymbolNumber container = kNoNumber;  // the function, class or variable it stands in
  std::uint16_t roles = 0;             // OccurrenceRole bits
  Certainty certainty = Certainty::kSemantic;
  friend bool operator==(const SemanticUse&, const SemanticUse&) = default;
};

struct SourceUses {
  SemanticSource source;
  std::vector<SemanticUse> uses;  // in order of begin, end, symbol
};

struct SemanticLink {
  SymbolNumber from = kNoNumber;
  RelationKind kind = RelationKind::kMemberOf;
  SymbolNumber to = kNoNumber;
  friend bool operator==(const SemanticLink&, const SemanticLink&) = default;
  friend auto operator<=>(const SemanticLink&, const SemanticLink&) = default;
};

struct SemanticExtent {  // from the first to the last byte of a definition
  SymbolNumber symbol = kNoNumber;
  std::uint32_t begin = 0, end = 0;
  std::uint32_t body_begin = 0, body_end = 0;  // with braces; equal when there is none
  friend bool operator==(const SemanticExtent&, const SemanticExtent&) = default;
  friend auto operator<=>(const SemanticExtent&, const SemanticExtent&) = default;
};

struct SourceExtent {
  SemanticSource source;
  SemanticExtent extent;
};

struct SemanticInclusion {
  std::uint32_t begin = 0, end = 0;           // the file name with its quotes
  std::optional<SemanticSource> target = {};  // none: not found, or refused
  bool angled = false;
};

struct SemanticRegion {
  std::uint32_t begin = 0, end = 0;
  friend bool operator==(const SemanticRegion&, const SemanticRegion&) = default;
  friend auto operator<=>(const SemanticRegion&, const SemanticRegion&) = default;
};

struct SemanticFix {
  std::string path;
  std::uint32_t begin = 0, end = 0;  // replaced by
  std::string text;
};

struct SemanticDiagnostic {
  DiagnosticLevel level = DiagnosticLevel::kError;
  std::string path;  // of a note perhaps another file; empty: about the command
  std::uint32_t begin = 0, end = 0;
  std::string message;
  std::string option;
  std::vector<SemanticFix> fixes;
  std::vector<SemanticDiagnostic> notes;
};

// Everything about one source, decoded once: for semantic tokens, highlights, outlines.
struct SourceFacts {
  SemanticSource source;
  std::vector<SemanticUse> uses;            // in order of begin, end, symbol
  std::vector<SemanticLink> links;          // of symbols declared here
  std::vector<SemanticExtent> extents;      // in order of begin
  std::vector<SemanticInclusion> includes;  // in order of begin
  std::vector<SemanticRegion> inactive;     // left out by at least one unit
  std::vector<SemanticDiagnostic> diagnostics;
};

struct SemanticUnit {
  std::string file;
  Sha256 command;
  UnitState state = UnitState::kSemantic;
  bool bodies_skipped = false;
  std::uint32_t errors = 0;
  std::string reason;  // why there are no facts
};

struct SemanticCounts {
  std::uint64_t units = 0, semantic = 0, inferred = 0, without_facts = 0;
  std::uint64_t sources = 0, symbols = 0, occurrences = 0;  // distinct ones
  std::uint64_t bytes = 0;                                  // on disk
};

class SemanticReader {
 public:
  // `store`: the workspace's store; the facts are in its folder `semantic`. Works read-only.
  static Result<std::unique_ptr<SemanticReader>> open(const std::filesystem::path& store);
  virtual ~SemanticReader() = default;

  virtual Result<SemanticCounts> counts() = 0;
  virtual Result<std::vector<SemanticUnit>> units() = 0;
  // Main files of the units that read `path`, whatever its content then was.
  virtual Result<std::vector<std::string>> units_reading(std::string_view path) = 0;
  virtual Result<std::vector<SemanticSource>> sources_of(std::string_view path) = 0;

  // --- by place
  // What stands at a byte offset (an offset just behind a name counts), shortest name first.
  virtual Result<std::vector<SemanticUse>> uses_at(std::string_view path, const Sha256& content,
                                                   std::uint32_t offset) = 0;
  // No such source: nullopt.
  virtual Result<std::optional<SourceFacts>> facts(std::string_view path,
                                                   const Sha256& content) = 0;

  // --- by symbol
  // `name`, when known, finds it through the names; else, and for locals, every key is looked at.
  virtual Result<std::optional<SymbolNumber>> number_of(const SymbolKey& key,
                                                        std::string_view name = {}) = 0;
  // In the order asked for; kCorrupt for a number that the store never gave.
  virtual Result<std::vector<SemanticSymbol>> symbols(std::span<const SymbolNumber> numbers) = 0;
  Result<SemanticSymbol> symbol(SymbolNumber number);
  // Every place with any of `roles`, by path; stops after the source that reaches `limit`.
  virtual Result<std::vector<SourceUses>> uses_of(SymbolNumber symbol,
                                                  std::uint16_t roles = kAllRoles,
                                                  std::size_t limit = SIZE_MAX) = 0;
  virtual Result<std::vector<SourceExtent>> extents_of(SymbolNumber symbol) = 0;
  virtual Result<std::vector<SemanticLink>> links_from(SymbolNumber symbol) = 0;
  virtual Result<std::vector<SemanticLink>> links_to(SymbolNumber symbol) = 0;

  // --- by name: symbols that are not local and still occur somewhere
  virtual Result<std::vector<SymbolNumber>> named(std::string_view name) = 0;  // exactly
  // Every name beginning with `prefix` (all, when empty) in byte order, with the kinds it has as
  // bits 1 << SymbolKind; names that occur nowhere any more may be among them. Until false.
  using NameVisitor = std::function<bool(std::string_view name, std::uint32_t kinds)>;
  virtual Result<void> scan_names(std::string_view prefix, const NameVisitor& visit) = 0;
};

}  // namespace engram
