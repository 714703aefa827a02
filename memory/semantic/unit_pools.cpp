#include "memory/semantic/unit_pools.h"

#include "memory/semantic/pooled_diagnostic.h"

namespace engram {

namespace {

class UnitPools {
 public:
  UnitPools(const UnitFacts& facts, std::span<const SymbolNumber> symbols,
            std::span<const SourceNumber> sources)
      : facts_(facts), symbols_(symbols), sources_(sources) {
    for (const SourceNumber source : sources) by_file_.push_back(&pools_[source]);
  }

  std::map<SourceNumber, SourcePool> take() {
    add_uses();
    add_links();
    for (const DefinitionExtent& e : facts_.extents) {
      by_file_[e.file]->extents.push_back(
          {symbols_[e.symbol], e.begin, e.end, e.body_begin, e.body_end});
    }
    for (const Inclusion& i : facts_.inclusions) {
      by_file_[i.file]->inclusions.push_back({i.begin, i.end, source(i.target), i.angled});
    }
    for (const InactiveRegion& r : facts_.inactive) {
      by_file_[r.file]->inactive.push_back({r.begin, r.end});
    }
    add_diagnostics();
    for (auto& [source, pool] : pools_) pool.normalize();
    return std::move(pools_);
  }

 private:
  SymbolNumber symbol(std::uint32_t index) const {
    return index == kNone ? kNone : symbols_[index];
  }
  SourceNumber source(std::uint32_t file) const { return file == kNone ? kNone : sources_[file]; }

  void add_uses() {
    for (const Occurrence& o : facts_.occurrences) {
      by_file_[o.file]->uses.push_back(
          {symbols_[o.symbol], o.begin, o.end, symbol(o.container), o.roles});
    }
  }

  // Which file each symbol's links belong to.
  std::vector<std::uint32_t> files_of_symbols() const {
    std::vector<std::uint32_t> files(facts_.symbols.size(), 0);
    std::vector<int> rank(facts_.symbols.size(), 0);
    for (const Occurrence& o : facts_.occurrences) {
      const int better = (o.roles & kRoleDefinition) != 0    ? 3
                         : (o.roles & kRoleDeclaration) != 0 ? 2
                                                             : 1;
      if (better <= rank[o.symbol]) continue;
      rank[o.symbol] = better;
      files[o.symbol] = o.file;
    }
    return files;
  }

  void add_links() {
    const std::vector<std::uint32_t> files = files_of_symbols();
    for (const SymbolLink& link : facts_.links) {
      by_file_[files[link.from]]->links.push_back(
          {symbols_[link.from], link.kind, symbols_[link.to]});
    }
  }

  PooledDiagnostic pooled(const UnitDiagnostic& d) const {
    PooledDiagnostic out{d.level, source(d.file), d.begin, d.end, d.message, d.option, {}};
    for (const FixIt& fix : d.fixes) {
      out.fixes.push_back({sources_[fix.file], fix.begin, fix.end, fix.text});
    }
    return out;
  }

  void add_diagnostics() {
    const auto& all = facts_.diagnostics;
    for (std::size_t i = 0; i < all.size();) {
      const std::size_t file = all[i].file == kNone ? 0 : all[i].file;
      std::vector<PooledDiagnostic> group{pooled(all[i++])};
      while (i < all.size() && all[i].level == DiagnosticLevel::kNote) {
        group.push_back(pooled(all[i++]));
      }
      by_file_[file]->diagnostics.push_back(encode_diagnostics(group));
    }
  }

  const UnitFacts& facts_;
  std::span<const SymbolNumber> symbols_;
  std::span<const SourceNumber> sources_;
  std::map<SourceNumber, SourcePool> pools_;
  std::vector<SourcePool*> by_file_;
};

}  // namespace

std::map<SourceNumber, SourcePool> pools_of(const UnitFacts& facts,
                                            std::span<const SymbolNumber> symbols,
                                            std::span<const SourceNumber> sources) {
  return UnitPools(facts, symbols, sources).take();
}

}  // namespace engram
