// memory/semantic/source_writer.h: which sources there are, and the views units have of them.
// Private to memory/.
//
// Views are counted: one that no unit has any more goes at the next flush, with the facts that only
// it had; a source without views goes whole. A pool is only read and written again when its set of
// views changes, once a flush.
//
// Threads: confined to one thread.  Errors: those of Database; kCorrupt.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.h"
#include "memory/semantic/moved_pool.h"
#include "memory/semantic/source_codec.h"
#include "memory/semantic/symbol_writer.h"
#include "memory/sqlite.h"
#include "memory/term_index.h"

namespace engram {

class SourceWriter {
 public:
  SourceWriter(Database& db, SymbolWriter& symbols) : db_(db), symbols_(symbols) {}

  Result<void> load(SourceNumber next);
  SourceNumber number_of(const SemanticSource& source);  // a new one, if need be
  // One more unit tells this of the source; the view's number. With a key other units may rely on
  // it without telling it; zero: nobody may.
  Result<std::uint32_t> add_view(SourceNumber source, SourcePool view, bool semantic,
                                 const ViewKey& key = {});
  // One more unit has a view that another told; kCorrupt when there is no such view.
  Result<std::uint32_t> rely_on(SourceNumber source, const ViewKey& key, bool semantic);
  Result<bool> has_view(const SemanticSource& source, const ViewKey& key);
  Result<ViewKey> key_of(SourceNumber source, std::uint32_t view);
  // One unit fewer; kCorrupt when it has none.
  Result<void> drop_view(SourceNumber source, std::uint32_t view);
  // What was told of `from` holds of other contents of that path, at the places of `place`. False,
  // and nothing is done: there is no such source, those contents are a source already, or `from`
  // has views that are not written yet. Writes at once.
  Result<bool> move(const SemanticSource& from, const SemanticSource& to, const PlaceMap& place);
  Result<void> flush();

  SourceNumber next_number() const { return next_; }
  const std::map<SourceNumber, SemanticSource>& sources() const { return sources_; }

 private:
  struct Views {
    std::vector<SourceView> views;
    std::uint32_t next_number = 0;
    bool touched = false;
    bool stored = false;                        // has rows
    std::map<std::uint32_t, SourcePool> fresh;  // by number; not in the pool yet
  };

  static std::string source_key(const SemanticSource& source);
  Result<Views*> views_of(SourceNumber source);
  Result<void> remove(SourceNumber source);
  Result<void> write(SourceNumber number, Views& views);
  Result<DecodedPool> stored_pool(SourceNumber number);
  Result<void> write_pool(SourceNumber number, Views& views);
  Result<void> post_symbols(SourceNumber number, const SourcePool& before, const SourcePool& now);
  void post(SymbolNumber symbol, SourceNumber source, std::uint8_t roles);

  Database& db_;
  SymbolWriter& symbols_;
  SourceNumber next_ = 0;
  std::map<SourceNumber, SemanticSource> sources_;
  std::unordered_map<std::string, SourceNumber> numbers_;  // by hash and path
  std::unordered_map<SourceNumber, Views> views_;          // as far as they were asked for
  TermBatch postings_;                                     // of this flush
};

}  // namespace engram
