// memory/catalogue.h: the facts of one workspace, in SQLite.
//
// Only memory/ includes <sqlite3.h>; everybody else sees the structs of facts.h and below.
// A reader sees a file's old facts or its new ones, never half of each (WAL, one transaction per
// batch of files). Contents are named by SHA-256 and shared: reverting a file, or the same file at
// two paths, costs no parsing. Paths are relative: the store moves with its tree, can be mounted
// read-only, exported and imported. docs/formats/catalogue.md has the schema.
//
// Threads: a CatalogueWriter or a CatalogueReader is confined to one thread at a time; any number
// of readers, in any process, beside one writer (the lease).
// Errors: kBusy another process holds the write lease (message names its pid); kCorrupt the store
// is damaged or of another version (the caller deletes it and re-indexes); kIo disk full, etc.
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

#include "core/hash.h"
#include "core/result.h"
#include "memory/facts.h"
#include "memory/prepared_file.h"

namespace engram {

// Default place of a workspace's store: cache_home()/<name>-<hash of the absolute path>.
std::filesystem::path default_store_directory(const std::filesystem::path& workspace);

struct IndexedFile {  // as the store has it
  FileEntry entry;
  Sha256 content;
};

struct SymbolHit {
  std::string path;
  std::string language;
  Symbol symbol;
  Certainty certainty = Certainty::kSyntactic;
  std::uint32_t flags = 0;  // FileFlag bits of its file
};

struct ReferenceHit {
  std::string path;
  Reference reference;
  Certainty certainty = Certainty::kTextual;
};

struct ChunkHit {
  std::string path;
  std::string language;
  Chunk chunk;
  std::string text;  // as indexed: the store keeps it, the working tree is not read
  double score = 0;  // BM25 over sub-words, larger is better
  std::uint32_t flags = 0;
};

struct StoreCounts {
  std::uint64_t files = 0, bytes = 0, chunks = 0, symbols = 0, references = 0;
  std::uint64_t store_bytes_facts = 0;  // on disk
};

class CatalogueWriter {
 public:
  // Creates the directory (mode 0700) and the store if missing; takes the write lease.
  static Result<std::unique_ptr<CatalogueWriter>> open(const std::filesystem::path& directory);
  virtual ~CatalogueWriter() = default;

  // Everything the store holds about paths, for deciding what changed.
  virtual Result<std::vector<IndexedFile>> files() = 0;
  virtual Result<bool> has_content(const Sha256& content, std::string_view language) = 0;

  // Replaces everything known about `entry.path`; visible to readers at the next commit().
  // The fast way: prepare_file() on the worker pool, then put_prepared(), which only inserts.
  virtual Result<void> put_prepared(const FileEntry& entry, const Sha256& content,
                                    const PreparedFile& prepared) = 0;
  // REQUIRES: has_content(content, entry.language). Links the facts already stored.
  virtual Result<void> link_file(const FileEntry& entry, const Sha256& content) = 0;
  // Both in one, on the calling thread; `facts` may be null when has_content().
  Result<void> put_file(const FileEntry& entry, const Sha256& content, const FileFacts* facts,
                        std::string_view text);
  virtual Result<void> touch_file(const FileEntry& entry) = 0;  // same content, new mtime/flags
  virtual Result<void> remove_file(std::string_view path) = 0;
  virtual Result<void> set_skipped(std::span<const SkippedFile> skipped) = 0;  // replaces the list
  virtual Result<void> set_meta(std::string_view key, std::string_view value) = 0;
  virtual Result<void> commit() = 0;  // durable afterwards; kill -9 loses only what came later
  // Drops unreferenced contents, merges segments, gives space back; may take seconds. Commits.
  virtual Result<void> optimize() = 0;
  // The same, only when it pays: unreferenced contents outweigh a quarter of the referenced ones,
  // or the store is larger than `cap` times the source it is about. True when it was done.
  virtual Result<bool> optimize_when_due(double cap = 4.0) = 0;
};

class CatalogueReader {
 public:
  // kNotFound when there is no store yet. Works on a read-only mount.
  static Result<std::unique_ptr<CatalogueReader>> open(const std::filesystem::path& directory);
  virtual ~CatalogueReader() = default;

  // False: another store is, or may be, in this one's place; open anew. A reader that is kept
  // sees new commits, and remembers names for the next fuzzy search.
  virtual bool is_current() const = 0;
  // Another number after each commit; cheap.
  virtual Result<std::uint64_t> version() = 0;
  virtual Result<StoreCounts> counts() = 0;
  virtual Result<std::optional<std::string>> meta(std::string_view key) = 0;
  virtual Result<std::vector<IndexedFile>> files() = 0;
  virtual Result<std::optional<IndexedFile>> file(std::string_view path) = 0;
  // Paths of all files with the content of this one, it among them; none where it is not known.
  virtual Result<std::vector<std::string>> twins(std::string_view path) = 0;
  virtual Result<std::vector<SkippedFile>> skipped() = 0;
  virtual Result<std::string> text(std::string_view path) = 0;  // as indexed
  // `comments` comes back as one string of distinct words, lower-cased.
  virtual Result<FileFacts> facts(std::string_view path) = 0;

  struct SymbolQuery {
    std::string name = {};  // exact, or a pattern with `fuzzy`
    bool fuzzy = false;     // sub-sequence match, camel/snake aware, ranked
    bool include_locals = false;
    bool definitions_only = false;
    std::optional<SymbolKind> kind = {};
    std::size_t limit = 100;
  };
  virtual Result<std::vector<SymbolHit>> symbols(const SymbolQuery& query) = 0;
  // Those of one file that `name` names, in order.
  virtual Result<std::vector<Symbol>> symbols_in(std::string_view path, std::string_view name) = 0;
  // Symbols directly inside `container` ("Buffer", "ns::Buffer"), wherever they are defined; of a
  // very common name only the most likely few hundred files are looked at.
  virtual Result<std::vector<SymbolHit>> members(std::string_view container, std::size_t limit) = 0;
  virtual Result<std::vector<ReferenceHit>> references(std::string_view name,
                                                       std::size_t limit) = 0;

  struct ChunkQuery {
    std::vector<std::string> identifiers = {};    // split into sub-words by the store
    std::vector<std::string> exclude_paths = {};  // the file being completed
    bool include_foreign = false;                 // vendored and differently licensed code
    std::size_t limit = 8;
  };
  virtual Result<std::vector<ChunkHit>> similar_chunks(const ChunkQuery& query) = 0;
  // Words in comments and identifiers (FTS5); for `search --word` ranking and explain.
  virtual Result<std::vector<ChunkHit>> full_text(std::string_view words, std::size_t limit) = 0;
};

// One compressed file holding the whole store, for CI caches. Import checks all of it (header,
// checksum, schema, every page, every path) before anything is replaced; readers see the old store
// or the new one. kBusy when another process writes the store; kCorrupt for a bad archive.
Result<void> export_store(const std::filesystem::path& directory,
                          const std::filesystem::path& archive);
Result<void> import_store(const std::filesystem::path& archive,
                          const std::filesystem::path& directory);

// Deletes a store's own files (never others), after CatalogueWriter::open said kCorrupt. kBusy when
// another process writes it.
Result<void> discard_store(const std::filesystem::path& directory);

// Who holds the write lease now, if anybody (a dead holder's lease is nobody's).
struct LeaseHolder {
  std::int64_t pid = 0;
  std::string command;
};
std::optional<LeaseHolder> lease_holder(const std::filesystem::path& directory);

}  // namespace engram
