#include "memory/semantic/semantic_reader.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "memory/segments.h"
#include "memory/semantic/free_symbols.h"
#include "memory/semantic/semantic_schema.h"
#include "memory/semantic/source_codec.h"
#include "memory/semantic/source_facts.h"
#include "memory/semantic/stored_source.h"
#include "memory/semantic/stored_unit.h"
#include "memory/semantic/symbol_block.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

class SqliteSemanticReader final : public SemanticReader {
 public:
  SqliteSemanticReader(fs::path directory, std::unique_ptr<Database> db)
      : directory_(std::move(directory)), db_(std::move(db)) {}

  Result<SemanticCounts> counts() override {
    return in_snapshot([&]() -> Result<SemanticCounts> {
      SemanticCounts out;
      Query units(*db_, "SELECT state, count(*) FROM units GROUP BY state");
      while (units.next()) {
        const std::int64_t state = units.integer(0);
        out.units += units.id(1);
        (state == static_cast<int>(UnitState::kSemantic)   ? out.semantic
         : state == static_cast<int>(UnitState::kInferred) ? out.inferred
                                                           : out.without_facts) += units.id(1);
      }
      ENGRAM_TRY_VOID(units.done());
      Query sources(*db_, "SELECT count(*), coalesce(sum(uses), 0) FROM sources");
      if (sources.next()) {
        out.sources = sources.id(0);
        out.occurrences = sources.id(1);
      }
      ENGRAM_TRY_VOID(sources.done());
      ENGRAM_TRY(symbols, symbol_count());
      ENGRAM_TRY(unused, free_symbol_count(*db_));
      out.symbols = symbols - std::min(symbols, unused);
      for (const char* suffix : {"", "-wal"}) {
        std::error_code ec;
        const auto size =
            fs::file_size(directory_ / (std::string(kSemanticSchema.file) + suffix), ec);
        if (!ec) out.bytes += size;
      }
      return out;
    });
  }

  Result<std::vector<SemanticUnit>> units() override {
    ENGRAM_TRY(stored, stored_units(*db_));
    std::vector<SemanticUnit> out;
    for (StoredUnit& unit : stored) out.push_back(std::move(unit.unit));
    return out;
  }

  Result<std::vector<std::string>> units_reading(std::string_view path) override {
    return in_snapshot([&]() -> Result<std::vector<std::string>> {
      ENGRAM_TRY(sources, numbered_sources(*db_, path));
      ENGRAM_TRY(units, stored_units(*db_));
      std::vector<std::string> out;
      for (const StoredUnit& unit : units) {
        const bool reads =
            std::any_of(unit.inputs.begin(), unit.inputs.end(), [&](const UnitInput& input) {
              return std::any_of(sources.begin(), sources.end(),
                                 [&](const NumberedSource& s) { return s.number == input.source; });
            });
        if (reads && (out.empty() || out.back() != unit.unit.file)) out.push_back(unit.unit.file);
      }
      return out;
    });
  }

  Result<std::vector<SemanticSource>> sources_of(std::string_view path) override {
    ENGRAM_TRY(numbered, numbered_sources(*db_, path));
    std::vector<SemanticSource> out;
    for (NumberedSource& s : numbered) out.push_back(std::move(s.source));
    return out;
  }

  Result<std::vector<SemanticUse>> uses_at(std::string_view path, const Sha256& content,
                                           std::uint32_t offset) override {
    return in_snapshot([&]() -> Result<std::vector<SemanticUse>> {
      std::vector<SemanticUse> out;
      ENGRAM_TRY(source, source_of(*db_, path, content));
      if (!source) return out;
      ENGRAM_TRY(symbol_limit, next_symbol());
      ENGRAM_TRY(found, decode_blob_of(*source, [&](std::string_view blob) {
                   return decode_uses_at(blob, {symbol_limit, source->source.size}, offset);
                 }));
      out = std::move(found);
      std::sort(out.begin(), out.end(), [](const SemanticUse& a, const SemanticUse& b) {
        return std::tuple(a.end - a.begin, by_place(a)) < std::tuple(b.end - b.begin, by_place(b));
      });
      return out;
    });
  }

  Result<std::optional<SourceFacts>> facts(std::string_view path, const Sha256& content) override {
    return in_snapshot([&]() -> Result<std::optional<SourceFacts>> {
      ENGRAM_TRY(source, source_of(*db_, path, content));
      if (!source) return std::optional<SourceFacts>();
      ENGRAM_TRY(symbol_limit, next_symbol());
      ENGRAM_TRY(decoded, pool_of(*source, symbol_limit));
      ENGRAM_TRY(out, source_facts(*db_, *source, decoded));
      return std::optional<SourceFacts>(std::move(out));
    });
  }

  Result<std::optional<SymbolNumber>> number_of(const SymbolKey& key,
                                                std::string_view name) override {
    return in_snapshot([&]() -> Result<std::optional<SymbolNumber>> {
      std::optional<SymbolNumber> out;
      if (!name.empty()) {
        ENGRAM_TRY(postings, find_postings(*db_, TermKind::kSymbolNames, name));
        for (const TermPosting& posting : postings) {
          Query row(*db_, "SELECT block, keys FROM symbol_blocks WHERE block = ?",
                    posting.id / kSymbolsPerBlock);
          if (row.next()) out = number_in_block(row, key);
          ENGRAM_TRY_VOID(row.done());
          if (out) return out;
        }
      }
      Query rows(*db_, "SELECT block, keys FROM symbol_blocks");
      while (!out && rows.next()) out = number_in_block(rows, key);
      ENGRAM_TRY_VOID(rows.done());
      return out;
    });
  }

  Result<std::vector<SemanticSymbol>> symbols(std::span<const SymbolNumber> numbers) override {
    return in_snapshot([&]() -> Result<std::vector<SemanticSymbol>> {
      std::map<SymbolNumber, std::vector<StoredSymbol>> blocks;
      std::vector<SemanticSymbol> out;
      for (const SymbolNumber number : numbers) {
        auto& block = blocks[number / kSymbolsPerBlock];
        if (block.empty()) {
          ENGRAM_TRY(loaded, block_of(number));
          block = std::move(loaded);
        }
        if (number % kSymbolsPerBlock >= block.size()) return damaged_row("numbering of symbols");
        out.push_back({number, block[number % kSymbolsPerBlock].facts});
      }
      return out;
    });
  }

  Result<std::vector<SourceUses>> uses_of(SymbolNumber symbol, std::uint16_t roles,
                                          std::size_t limit) override {
    return in_snapshot([&]() -> Result<std::vector<SourceUses>> {
      std::vector<SourceUses> out;
      std::size_t found = 0;
      ENGRAM_TRY(sources, sources_with(symbol, wanted_sources(roles)));
      ENGRAM_TRY(symbol_limit, next_symbol());
      for (NumberedSource& s : sources) {
        if (found >= limit) break;
        ENGRAM_TRY(uses, uses_in_source(s, symbol, symbol_limit));
        std::erase_if(uses, [&](const SemanticUse& use) { return (use.roles & roles) == 0; });
        if (uses.empty()) continue;
        sort_by_place(uses);
        found += uses.size();
        out.push_back({std::move(s.source), std::move(uses)});
      }
      return out;
    });
  }

  Result<std::vector<SourceExtent>> extents_of(SymbolNumber symbol) override {
    return in_snapshot([&]() -> Result<std::vector<SourceExtent>> {
      std::vector<SourceExtent> out;
      ENGRAM_TRY(sources, sources_with(symbol, kSourceExtent));
      ENGRAM_TRY(symbol_limit, next_symbol());
      for (const NumberedSource& s : sources) {
        ENGRAM_TRY(decoded, pool_of(s, symbol_limit));
        for (const SemanticExtent& extent : decoded.pool.extents) {
          if (extent.symbol == symbol) out.push_back({s.source, extent});
        }
      }
      return out;
    });
  }

  Result<std::vector<SemanticLink>> links_from(SymbolNumber symbol) override {
    return links(symbol, kSourceLinksFrom,
                 [symbol](const SemanticLink& link) { return link.from == symbol; });
  }

  Result<std::vector<SemanticLink>> links_to(SymbolNumber symbol) override {
    return links(symbol, kSourceLinksTo,
                 [symbol](const SemanticLink& link) { return link.to == symbol; });
  }

  Result<std::vector<SymbolNumber>> named(std::string_view name) override {
    return in_snapshot([&]() -> Result<std::vector<SymbolNumber>> {
      std::vector<SymbolNumber> out;
      ENGRAM_TRY(postings, find_postings(*db_, TermKind::kSymbolNames, name));
      for (const TermPosting& posting : postings) {
        if (posting.id >= kNoNumber) return damaged_row("list of names");
        const auto number = static_cast<SymbolNumber>(posting.id);
        ENGRAM_TRY(sources, sources_with(number, kAnySourceRole));
        if (!sources.empty()) out.push_back(number);
      }
      std::sort(out.begin(), out.end());
      out.erase(std::unique(out.begin(), out.end()), out.end());
      return out;
    });
  }

  Result<void> scan_names(std::string_view prefix, const NameVisitor& visit) override {
    ENGRAM_TRY(transaction, Transaction::begin(*db_, false));
    return scan_prefix(*db_, TermKind::kSymbolNames, prefix, visit);
  }

 private:
  static constexpr std::uint8_t kAnySourceRole = 0xff;

  template <class Work>
  auto in_snapshot(Work work) -> decltype(work()) {
    ENGRAM_TRY(transaction, Transaction::begin(*db_, false));
    return work();
  }

  // Columns block, keys.
  static std::optional<SymbolNumber> number_in_block(const Query& row, const SymbolKey& key) {
    const auto keys = decode_symbol_keys(row.blob(1));
    if (!keys) return {};
    const auto found = std::find(keys->begin(), keys->end(), stored_key(key));
    if (found == keys->end()) return {};
    return static_cast<SymbolNumber>(row.id(0) * kSymbolsPerBlock) +
           static_cast<SymbolNumber>(found - keys->begin());
  }

  // Which sources may have uses with these roles.
  static std::uint8_t wanted_sources(std::uint16_t roles) {
    unsigned wanted = 0;
    if ((roles & kRoleDeclaration) != 0) wanted |= kSourceDeclares;
    if ((roles & kRoleDefinition) != 0) wanted |= kSourceDefines;
    if ((roles & ~(kRoleDeclaration | kRoleDefinition)) != 0) wanted |= kSourceUses;
    return static_cast<std::uint8_t>(wanted);
  }

  Result<std::uint64_t> symbol_count() {
    std::uint64_t count = 0;
    Query row(*db_, "SELECT block, keys FROM symbol_blocks ORDER BY block DESC LIMIT 1");
    if (row.next()) {
      ENGRAM_TRY(keys, decode_symbol_keys(row.blob(1)));
      count = row.id(0) * kSymbolsPerBlock + keys.size();
    }
    ENGRAM_TRY_VOID(row.done());
    return count;
  }

  Result<SymbolNumber> next_symbol() {
    ENGRAM_TRY(count, symbol_count());
    if (count >= kNoNumber) return damaged_row("numbering of symbols");
    return static_cast<SymbolNumber>(count);
  }

  // Those that are still there, by path.
  Result<std::vector<NumberedSource>> sources_with(SymbolNumber symbol, std::uint8_t roles) {
    ENGRAM_TRY(postings, find_postings(*db_, TermKind::kSymbolSources, source_term(symbol)));
    ENGRAM_TRY(block, block_of(symbol));
    if (symbol % kSymbolsPerBlock >= block.size()) return damaged_row("numbering of symbols");
    std::vector<std::uint64_t> numbers;
    for (const TermPosting& posting : postings) {
      if ((posting.value & roles) != 0) numbers.push_back(posting.id);
    }
    const SourceNumber home = block[symbol % kSymbolsPerBlock].home;
    if (home != kNoNumber) numbers.push_back(home);
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    std::vector<NumberedSource> out;
    for (const std::uint64_t number : numbers) {
      ENGRAM_TRY(source, source_numbered(*db_, number));
      if (source) out.push_back(std::move(*source));
    }
    std::sort(out.begin(), out.end(), [](const NumberedSource& a, const NumberedSource& b) {
      return std::tie(a.source.path, a.number) < std::tie(b.source.path, b.number);
    });
    return out;
  }

  Result<std::vector<StoredSymbol>> block_of(SymbolNumber number) {
    Query row(*db_, "SELECT keys, data FROM symbol_blocks WHERE block = ?",
              number / kSymbolsPerBlock);
    if (!row.next()) {
      ENGRAM_TRY_VOID(row.done());
      return damaged_row("numbering of symbols");
    }
    return decode_symbol_block(row.blob(0), row.blob(1));
  }

  template <class Decode>
  auto decode_blob_of(const NumberedSource& source, Decode decode)
      -> decltype(decode(std::string_view())) {
    Query row(*db_, "SELECT pool FROM source_pools WHERE number = ?", source.number);
    if (!row.next()) {
      ENGRAM_TRY_VOID(row.done());
      return damaged_row("list of sources");
    }
    return decode(row.blob(0));
  }

  Result<DecodedPool> pool_of(const NumberedSource& source, SymbolNumber symbol_limit) {
    return decode_blob_of(source, [&](std::string_view blob) {
      return decode_pool(blob, {symbol_limit, source.source.size});
    });
  }

  Result<std::vector<SemanticUse>> uses_in_source(const NumberedSource& source, SymbolNumber symbol,
                                                  SymbolNumber limit) {
    return decode_blob_of(source, [&](std::string_view blob) {
      return decode_uses_of(blob, {limit, source.source.size}, symbol);
    });
  }

  template <class Wanted>
  Result<std::vector<SemanticLink>> links(SymbolNumber symbol, std::uint8_t role, Wanted wanted) {
    return in_snapshot([&]() -> Result<std::vector<SemanticLink>> {
      std::vector<SemanticLink> out;
      ENGRAM_TRY(sources, sources_with(symbol, role));
      ENGRAM_TRY(symbol_limit, next_symbol());
      for (const NumberedSource& s : sources) {
        ENGRAM_TRY(decoded, pool_of(s, symbol_limit));
        std::copy_if(decoded.pool.links.begin(), decoded.pool.links.end(), std::back_inserter(out),
                     wanted);
      }
      std::sort(out.begin(), out.end());
      out.erase(std::unique(out.begin(), out.end()), out.end());
      return out;
    });
  }

  fs::path directory_;
  std::unique_ptr<Database> db_;
};

}  // namespace

Result<SemanticSymbol> SemanticReader::symbol(SymbolNumber number) {
  ENGRAM_TRY(found, symbols({&number, 1}));
  return std::move(found.front());
}

Result<std::unique_ptr<SemanticReader>> SemanticReader::open(const fs::path& store) {
  const fs::path directory = semantic_directory(store);
  ENGRAM_TRY(db, open_database_for_reading(directory, kSemanticSchema));
  return std::unique_ptr<SemanticReader>(
      std::make_unique<SqliteSemanticReader>(directory, std::move(db)));
}

}  // namespace engram
