#include "memory/semantic/unit_pools.h"

#include "memory/semantic/pooled_diagnostic.h"

namespace engram {

namespace {

class UnitPools {
 public:
  UnitPools(const UnitFacts& facts, std::span<const SymbolNumber> symbols,
            std::span<const SourceNumber> sources)
      : facts_(facts),
        symbols_(symbols),
        sources_(sources),
        elsewhere_(told_elsewhere(facts)),
        pools_(facts.files.size()) {}

  std::vector<FilePools> take() {
    for (const Occurrence& o : facts_.occurrences) {
      pools_[o.file].view.uses.push_back(
          {symbols_[o.symbol], o.begin, o.end, symbol(o.container), o.roles});
    }
    for (const SymbolLink& link : facts_.links) {
      pools_[link.file].view.links.push_back({symbols_[link.from], link.kind, symbols_[link.to]});
    }
    for (const DefinitionExtent& e : facts_.extents) {
      pools_[e.file].view.extents.push_back(
          {symbols_[e.symbol], e.begin, e.end, e.body_begin, e.body_end});
    }
    for (const Inclusion& i : facts_.inclusions) {
      pools_[i.file].view.inclusions.push_back({i.begin, i.end, source(i.target), i.angled});
    }
    for (const InactiveRegion& r : facts_.inactive) {
      pools_[r.file].view.inactive.push_back({r.begin, r.end});
    }
    add_diagnostics();
    for (std::size_t i = 0; i < pools_.size(); ++i) {
      if (elsewhere_[i]) pools_[i].view = {};  // inclusions are told by every unit
      pools_[i].view.normalize();
      pools_[i].own.normalize();
    }
    return std::move(pools_);
  }

 private:
  SymbolNumber symbol(std::uint32_t index) const {
    return index == kNoNumber ? kNoNumber : symbols_[index];
  }
  SourceNumber source(std::uint32_t file) const {
    return file == kNoNumber ? kNoNumber : sources_[file];
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
    const std::vector<ViewKey> shared = shared_views(facts_);
    for (std::size_t i = 0; i < all.size();) {
      const std::size_t file = all[i].file == kNoNumber ? 0 : all[i].file;
      bool of_this_unit = elsewhere_[file];
      std::vector<PooledDiagnostic> group{pooled(all[i++])};
      while (i < all.size() && all[i].level == DiagnosticLevel::kNote) {
        of_this_unit |= shared[file] != ViewKey{} && all[i].file != file;
        group.push_back(pooled(all[i++]));
      }
      FilePools& pools = pools_[file];
      (of_this_unit ? pools.own : pools.view).diagnostics.push_back(encode_diagnostics(group));
    }
  }

  const UnitFacts& facts_;
  std::span<const SymbolNumber> symbols_;
  std::span<const SourceNumber> sources_;
  const std::vector<bool> elsewhere_;
  std::vector<FilePools> pools_;
};

}  // namespace

std::vector<ViewKey> shared_views(const UnitFacts& facts) {
  std::vector<ViewKey> keys(facts.files.size());
  for (const FileView& view : facts.views) {
    const bool claimed = view.told == ViewTold::kHere && !facts.bodies_skipped;
    if (claimed || view.told == ViewTold::kElsewhere) keys[view.file] = view.key;
  }
  return keys;
}

std::vector<bool> told_elsewhere(const UnitFacts& facts) {
  std::vector<bool> elsewhere(facts.files.size());
  for (const FileView& view : facts.views) {
    elsewhere[view.file] = view.told == ViewTold::kElsewhere;
  }
  return elsewhere;
}

std::vector<FilePools> pools_of(const UnitFacts& facts, std::span<const SymbolNumber> symbols,
                                std::span<const SourceNumber> sources) {
  return UnitPools(facts, symbols, sources).take();
}

std::vector<std::uint32_t> symbols_by_place(const UnitFacts& facts) {
  std::vector<std::uint32_t> order;
  std::vector<bool> seen(facts.symbols.size());
  const auto add = [&](std::uint32_t symbol) {
    if (symbol == kNoNumber || seen[symbol]) return;
    seen[symbol] = true;
    order.push_back(symbol);
  };
  for (const Occurrence& o : facts.occurrences) add(o.symbol);
  for (std::uint32_t symbol = 0; symbol < facts.symbols.size(); ++symbol) add(symbol);
  return order;
}

}  // namespace engram
