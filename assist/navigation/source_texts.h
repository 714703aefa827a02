// assist/navigation/source_texts.h: every file as it is now: open buffers over changed files over
// the store.
//
// A buffer stands for its file in every answer. A stored file whose size or time on disk differs is
// read and parsed again before a position in it is shown; one that is gone is left out. Files are
// named by workspace-relative path; a buffer outside the workspace by its absolute path or URI.
//
// Threads: confined to one thread at a time.  Errors: those of the catalogue; a text that cannot be
// read is absent.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "assist/navigation/read_ahead.h"
#include "core/hash.h"
#include "core/result.h"
#include "core/text.h"
#include "indexer/scan/workspace_file.h"
#include "indexer/syntax/file_names.h"
#include "memory/catalogue.h"

namespace engram {

// Larger files are not read. More than the syntax tier parses (ExtractLimits): compilers read
// generated sources that it leaves out, and what they tell has places in those.
inline constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;

struct OpenText {
  std::string path;
  std::string language;  // empty: no grammar for it
  std::shared_ptr<const std::string> text;
};

// One file's text at one moment: what offsets in an answer count in.
struct SourceText {
  std::string path;
  std::string language;
  Sha256 content;
  std::shared_ptr<const std::string> text;
  LineIndex lines;
};
using SourceSnapshot = std::shared_ptr<const SourceText>;
using NamesSnapshot = std::shared_ptr<const FileNames>;

class SourceTexts {
 public:
  // `store`: empty when there is no memory; it may come into being later.
  SourceTexts(std::filesystem::path root, std::filesystem::path store);

  void set_open(std::vector<OpenText> open);  // replaces the last ones; unchanged ones stay parsed
  void begin_query();                         // what was seen of the disk is looked at again
  void store_changed();  // the store was written: what was cached of its files is dropped

  SourceSnapshot find(const std::string& path);  // null: no such file
  // find() will be asked for these: what must be read for it is read now, by all cores.
  void read_ahead(const std::vector<std::string>& paths);
  // Its names as they are now; null: no grammar, too large to parse, or no such file.
  NamesSnapshot find_names(const std::string& path, std::stop_token stop = {});

  // The text that the store has, whatever the file is now.
  struct StoredText {
    Sha256 content;
    std::shared_ptr<const std::string> text;
  };
  std::optional<StoredText> stored(const std::string& path);
  // As find(); of an absolute path (a system header that a compiler read) only while its contents
  // are `content`.
  SourceSnapshot find_or_read(const std::string& path, const Sha256& content);

  bool is_open(std::string_view path) const;
  // The store's facts about it are not what the file is now.
  bool is_overlaid(const std::string& path);
  bool exists(const std::string& path);  // in a buffer, in the store or on the disk

  // By name, with overlays in place of stored files: non-local definitions and declarations.
  Result<std::vector<SymbolHit>> symbols(const std::string& name, std::size_t limit);
  // The same by sub-sequence, best first.
  Result<std::vector<SymbolHit>> matching_symbols(const std::string& pattern, std::size_t limit);
  // The definition or declaration whose name begins there, as the syntax tier sees it; fast when
  // `name` is that name.
  std::optional<Symbol> symbol_named_at(const std::string& path, const std::string& name,
                                        std::uint32_t begin);
  Result<std::vector<ReferenceHit>> references(const std::string& name, std::size_t limit);
  // Stored and open paths whose file name is `name`, sorted.
  std::vector<std::string> paths_named(std::string_view name);
  // The same by directory: paths directly in it ("" is the root).
  std::vector<std::string> paths_in(std::string_view directory);

  const std::vector<OpenText>& open() const { return open_; }
  const std::filesystem::path& root() const { return root_; }

 private:
  struct Parsed {
    std::shared_ptr<const std::string> text;
    NamesSnapshot names;
    std::uint64_t used = 0;
  };
  CatalogueReader* reader();
  struct KnownFile {
    Sha256 content;
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
  };
  // `text`: becomes the file's, where it is read to find out; it is else looked at alone.
  const std::optional<KnownFile>& unchanged(const std::string& path,
                                            std::optional<std::string>* text = nullptr);
  std::optional<std::string> read_if_still(const std::string& path, const KnownFile& file);
  std::optional<std::string> text_of(const std::string& path, const KnownFile& file);
  const OpenText* find_open(std::string_view path) const;
  WorkspaceRoot* disk();  // null: no root, or it is gone
  bool changed_on_disk(const IndexedFile& file) const;
  std::optional<std::string> read_from_disk(const std::string& path) const;
  void list_paths();
  SourceSnapshot keep(const std::string& path, SourceSnapshot source);
  template <class Hit>
  std::vector<std::string> drop_overlaid(std::vector<Hit>& hits);

  std::filesystem::path root_, store_;
  std::unique_ptr<CatalogueReader> reader_;
  std::vector<OpenText> open_;
  std::map<std::string, SourceSnapshot, std::less<>> sources_;  // of this query
  // Stored texts of earlier queries, as long as their files stay as they were.
  std::map<std::string, SourceSnapshot, std::less<>> kept_;
  std::size_t kept_bytes_ = 0;
  // Of this query: a stored file that is as it was; none: overlaid.
  std::map<std::string, std::optional<KnownFile>, std::less<>> unchanged_;
  std::optional<WorkspaceRoot> disk_;
  ReadAhead ahead_;  // of this query
  std::map<std::string, Parsed, std::less<>> parsed_;
  std::uint64_t clock_ = 0;
  bool listed_ = false;
  std::map<std::string, std::vector<std::string>, std::less<>> by_name_, by_directory_;
};

}  // namespace engram
