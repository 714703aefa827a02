#include "memory/semantic/semantic_writer.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/atomic_file.h"
#include "core/path.h"
#include "memory/byte_codec.h"
#include "memory/lease.h"
#include "memory/semantic/semantic_schema.h"
#include "memory/semantic/source_writer.h"
#include "memory/semantic/stored_unit.h"
#include "memory/semantic/unit_pools.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

Result<std::uint32_t> read_counter(Database& db, std::string_view key) {
  std::uint32_t value = kNoNumber;
  Query row(db, "SELECT value FROM meta WHERE key = ?", key);
  if (row.next()) {
    const std::string_view text = row.blob(0);
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  ENGRAM_TRY_VOID(row.done());
  if (value == kNoNumber) return Error{Errc::kCorrupt, "the semantic store's counters are damaged"};
  return value;
}

using UnitId = std::pair<std::string, Sha256>;

class SqliteSemanticWriter final : public SemanticWriter {
 public:
  SqliteSemanticWriter(WriteLease lease, std::unique_ptr<Database> db, fs::path workspace,
                       const SemanticWriterOptions& options)
      : lease_(std::move(lease)),
        db_(std::move(db)),
        workspace_(std::move(workspace)),
        symbols_(*db_, options.sweep_after),
        sources_(*db_, symbols_) {}

  Result<void> load() {
    ENGRAM_TRY(next_source, read_counter(*db_, "next_source"));
    ENGRAM_TRY_VOID(symbols_.load());
    ENGRAM_TRY_VOID(sources_.load(next_source));
    ENGRAM_TRY(units, stored_units(*db_));
    for (StoredUnit& unit : units) {
      const UnitId id{unit.unit.file, unit.unit.command};
      units_.emplace(id, std::move(unit));
    }
    return {};
  }

  KnownUnits known() const override {
    KnownUnits out;
    std::unordered_map<SourceNumber, std::uint32_t> index;
    for (const auto& [number, source] : sources_.sources()) {
      index.emplace(number, static_cast<std::uint32_t>(out.sources.size()));
      out.sources.push_back(source);
    }
    for (const auto& [id, stored] : units_) {
      KnownUnit unit{stored.unit, {}};
      for (const UnitInput& input : stored.inputs) {
        const auto at = index.find(input.source);
        if (at == index.end()) continue;
        if (unit.inputs.empty() || unit.inputs.back() != at->second) {
          unit.inputs.push_back(at->second);
        }
      }
      out.units.push_back(std::move(unit));
    }
    return out;
  }

  Result<std::vector<HeldView>> views_without(const std::set<UnitId>& units) override {
    const auto asked_for = sources_read_by(units);
    std::vector<UnitInput> inputs;
    for (const auto& [id, unit] : units_) {
      if (units.contains(id)) continue;
      std::copy_if(unit.inputs.begin(), unit.inputs.end(), std::back_inserter(inputs),
                   [&](const UnitInput& input) { return asked_for.contains(input.source); });
    }
    std::sort(inputs.begin(), inputs.end());
    inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
    std::vector<HeldView> out;
    for (const UnitInput& input : inputs) {
      ENGRAM_TRY(key, sources_.key_of(input.source, input.view));
      const auto source = sources_.sources().find(input.source);
      if (key == ViewKey{} || source == sources_.sources().end()) continue;
      out.push_back({key, source->second.path, source->second.content});
    }
    return out;
  }

  Result<bool> has_views(const UnitFacts& facts) override {
    for (const FileView& view : facts.views) {
      if (view.told != ViewTold::kElsewhere) continue;
      ENGRAM_TRY(here, sources_.has_view(stored_source(facts.files[view.file]), view.key));
      if (!here) return false;
    }
    return true;
  }

  Result<void> put_unit(const SemanticUnit& unit, const UnitFacts& facts) override {
    return or_never_again([&] { return put(unit, facts); });
  }

  Result<void> drop_unit(std::string_view file, const Sha256& command) override {
    return or_never_again([&]() -> Result<void> {
      const UnitId id{std::string(file), command};
      const auto it = units_.find(id);
      if (it == units_.end()) return {};
      ENGRAM_TRY_VOID(drop_views(it->second));
      units_.erase(it);
      changed_.insert_or_assign(id, false);
      return {};
    });
  }

  Result<bool> move_source(const SemanticSource& from, const SemanticSource& to,
                           const PlaceMap& place) override {
    bool moved = false;
    ENGRAM_TRY_VOID(or_never_again([&]() -> Result<void> {
      ENGRAM_TRY(transaction, Transaction::begin(*db_, true));
      ENGRAM_TRY(done, sources_.move(from, to, place));
      moved = done;
      return transaction->commit();
    }));
    return moved;
  }

  Result<void> commit() override {
    return or_never_again([&]() -> Result<void> {
      if (changed_.empty()) return {};
      ENGRAM_TRY(transaction, Transaction::begin(*db_, true));
      ENGRAM_TRY_VOID(sources_.flush());
      ENGRAM_TRY_VOID(symbols_.flush());
      ENGRAM_TRY_VOID(write_units());
      ENGRAM_TRY_VOID(write_counter("next_source", sources_.next_number()));
      return transaction->commit();
    });
  }

 private:
  template <class Work>
  Result<void> or_never_again(Work work) {
    if (failed_) return *failed_;
    Result<void> result = work();
    if (!result) failed_ = result.error();
    return result;
  }

  // The sources whose paths these units read, in any contents; all, when one of them is new and may
  // read anything.
  std::unordered_set<SourceNumber> sources_read_by(const std::set<UnitId>& units) const {
    std::set<std::string_view> paths;
    bool all = false;
    for (const UnitId& id : units) {
      const auto unit = units_.find(id);
      all = all || unit == units_.end() || unit->second.inputs.empty();
      if (all) break;
      for (const UnitInput& input : unit->second.inputs) {
        const auto source = sources_.sources().find(input.source);
        if (source != sources_.sources().end()) paths.insert(source->second.path);
      }
    }
    std::unordered_set<SourceNumber> read;
    for (const auto& [number, source] : sources_.sources()) {
      if (all || paths.contains(source.path)) read.insert(number);
    }
    return read;
  }

  std::string stored_path(const std::string& path) const {
    return relative_path(workspace_, path).value_or(path);
  }

  SemanticSource stored_source(const UnitFile& file) const {
    return {stored_path(file.path), file.content, file.size, file.system};
  }

  Result<void> put(const SemanticUnit& unit, const UnitFacts& facts) {
    ENGRAM_TRY_VOID(symbols_.find(facts.symbols));
    std::vector<SymbolNumber> symbols(facts.symbols.size(), kNoNumber);
    for (const std::uint32_t index : symbols_by_place(facts)) {
      ENGRAM_TRY(number, symbols_.put(facts.symbols[index]));
      symbols[index] = number;
    }
    std::vector<SourceNumber> sources;
    for (const UnitFile& file : facts.files) {
      sources.push_back(sources_.number_of(stored_source(file)));
    }
    StoredUnit stored{unit, {}};
    stored.unit.file = stored_path(unit.file);
    ENGRAM_TRY_VOID(add_views(facts, symbols, sources, stored));
    const UnitId id{stored.unit.file, unit.command};
    const auto before = units_.find(id);
    if (before != units_.end()) ENGRAM_TRY_VOID(drop_views(before->second));
    units_.insert_or_assign(id, std::move(stored));
    changed_.insert_or_assign(id, true);
    return {};
  }

  Result<void> add_views(const UnitFacts& facts, std::span<const SymbolNumber> symbols,
                         std::span<const SourceNumber> sources, StoredUnit& stored) {
    const bool semantic = stored.unit.state == UnitState::kSemantic;
    const std::vector<ViewKey> keys = shared_views(facts);
    const std::vector<bool> elsewhere = told_elsewhere(facts);
    std::vector<FilePools> pools = pools_of(facts, symbols, sources);
    for (std::size_t i = 0; i < pools.size(); ++i) {
      auto view = elsewhere[i]
                      ? sources_.rely_on(sources[i], keys[i], semantic)
                      : sources_.add_view(sources[i], std::move(pools[i].view), semantic, keys[i]);
      if (!view) return view.error();
      stored.inputs.push_back({sources[i], *view});
      if (pools[i].own.size() == 0) continue;
      ENGRAM_TRY(own, sources_.add_view(sources[i], std::move(pools[i].own), semantic));
      stored.inputs.push_back({sources[i], own});
    }
    std::sort(stored.inputs.begin(), stored.inputs.end());
    return {};
  }

  Result<void> drop_views(const StoredUnit& unit) {
    for (const UnitInput& input : unit.inputs) {
      ENGRAM_TRY_VOID(sources_.drop_view(input.source, input.view));
    }
    return {};
  }

  Result<void> write_units() {
    for (const auto& [id, present] : changed_) {
      ENGRAM_TRY_VOID(present ? write_unit(*db_, units_.at(id))
                              : delete_unit(*db_, id.first, id.second));
    }
    changed_.clear();
    return {};
  }

  Result<void> write_counter(const char* key, std::uint32_t value) {
    return Query(*db_, "INSERT OR REPLACE INTO meta VALUES(?, ?)", key, std::to_string(value))
        .run();
  }

  WriteLease lease_;
  std::unique_ptr<Database> db_;
  fs::path workspace_;
  SymbolWriter symbols_;
  SourceWriter sources_;
  std::map<UnitId, StoredUnit> units_;
  std::map<UnitId, bool> changed_;  // since the last commit; false: gone
  std::optional<Error> failed_;
};

}  // namespace

Result<std::unique_ptr<SemanticWriter>> SemanticWriter::open(const fs::path& store,
                                                             const fs::path& workspace,
                                                             const SemanticWriterOptions& options) {
  const fs::path directory = semantic_directory(store);
  ENGRAM_TRY_VOID(make_private_directory(directory));
  ENGRAM_TRY_VOID(refuse_network_file_system(directory));
  ENGRAM_TRY(lease, WriteLease::acquire(directory));
  ENGRAM_TRY(db, open_database_for_writing(directory, kSemanticSchema));
  auto writer =
      std::make_unique<SqliteSemanticWriter>(std::move(lease), std::move(db), workspace, options);
  ENGRAM_TRY_VOID(writer->load());
  return std::unique_ptr<SemanticWriter>(std::move(writer));
}

Result<void> discard_semantic_store(const fs::path& store) {
  const fs::path directory = semantic_directory(store);
  std::error_code ec;
  if (!fs::exists(directory, ec)) return {};
  ENGRAM_TRY(lease, WriteLease::acquire(directory));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    fs::remove(directory / (std::string(kSemanticSchema.file) + suffix), ec);
    if (ec) {
      return Error{Errc::kIo, "cannot delete the semantic store in '" + directory.string() +
                                  "': " + ec.message()};
    }
  }
  return {};
}

}  // namespace engram
