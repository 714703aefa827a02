#include "tests/memory/semantic_oracle.h"

#include <fmt/format.h>

#include <span>

#include <algorithm>

#include "tests/support/catch.h"

namespace engram {

namespace {

// The half that the store keeps.
std::string hex(const SymbolKey& key) {
  std::string out;
  for (const std::uint8_t byte : std::span(key.bytes).first<8>())
    out += fmt::format("{:02x}", byte);
  return out;
}

std::string source_name(const std::string& path, const Sha256& content) {
  return path + "@" + content.hex().substr(0, 12);
}

template <class Use>
std::string use_line(const std::string& source, const Use& use, const std::string& symbol,
                     const std::string& container) {
  return fmt::format("use {} {}-{} {} in {} roles {}", source, use.begin, use.end, symbol,
                     container, use.roles);
}

std::string link_line(const std::string& from, RelationKind kind, const std::string& to) {
  return fmt::format("link {} {} {}", from, static_cast<int>(kind), to);
}

template <class Extent>
std::string extent_line(const std::string& source, const Extent& e, const std::string& symbol) {
  return fmt::format("extent {} {} {}-{} body {}-{}", source, symbol, e.begin, e.end, e.body_begin,
                     e.body_end);
}

void add(FactLines& lines, const std::string& line, Certainty certainty) {
  const auto [it, is_new] = lines.emplace(line, certainty);
  it->second = std::max(it->second, certainty);
}

std::string diagnostic_line(const SemanticDiagnostic& d) {
  std::string line = fmt::format("{} {} {}-{} '{}' {}", static_cast<int>(d.level), d.path, d.begin,
                                 d.end, d.message, d.option);
  for (const SemanticFix& fix : d.fixes) {
    line += fmt::format(" fix {} {}-{} '{}'", fix.path, fix.begin, fix.end, fix.text);
  }
  for (const SemanticDiagnostic& note : d.notes) line += " note " + diagnostic_line(note);
  return line;
}

// Keys of numbers, looked up once.
class Keys {
 public:
  explicit Keys(SemanticReader& reader) : reader_(reader) {}
  std::string of(SymbolNumber number) {
    if (number == kNoNumber) return "none";
    std::string& key = keys_[number];
    if (key.empty()) {
      const auto symbol = reader_.symbol(number);
      REQUIRE(symbol);
      key = hex(symbol->facts.key);
    }
    return key;
  }

 private:
  SemanticReader& reader_;
  std::map<SymbolNumber, std::string> keys_;
};

}  // namespace

void SemanticOracle::put(const SemanticUnit& unit, const UnitFacts& facts) {
  units_[unit.file] = {unit.state, facts};
}

std::string SemanticOracle::path(const std::string& absolute) const {
  return absolute.starts_with(workspace_ + "/") ? absolute.substr(workspace_.size() + 1) : absolute;
}

FactLines SemanticOracle::facts() const {
  FactLines lines;
  for (const auto& [name, unit] : units_) {
    const UnitFacts& f = unit.facts;
    const Certainty certainty =
        unit.state == UnitState::kSemantic ? Certainty::kSemantic : Certainty::kInferred;
    const auto source = [&](std::uint32_t file) {
      return source_name(path(f.files[file].path), f.files[file].content);
    };
    const auto key = [&](std::uint32_t symbol) {
      return symbol == kNoNumber ? std::string("none") : hex(f.symbols[symbol].key);
    };
    for (const Occurrence& o : f.occurrences) {
      add(lines, use_line(source(o.file), o, key(o.symbol), key(o.container)), certainty);
    }
    for (const SymbolLink& link : f.links) {
      add(lines, link_line(key(link.from), link.kind, key(link.to)), Certainty::kSemantic);
    }
    for (const DefinitionExtent& e : f.extents) {
      add(lines, extent_line(source(e.file), e, key(e.symbol)), Certainty::kSemantic);
    }
    for (const Inclusion& i : f.inclusions) {
      const std::string target = i.target == kNoNumber ? "nothing" : source(i.target);
      add(lines,
          fmt::format("include {} {}-{} {} {}", source(i.file), i.begin, i.end, target, i.angled),
          Certainty::kSemantic);
    }
    for (const InactiveRegion& r : f.inactive) {
      add(lines, fmt::format("inactive {} {}-{}", source(r.file), r.begin, r.end),
          Certainty::kSemantic);
    }
    std::vector<SemanticDiagnostic> groups;
    std::vector<std::uint32_t> files;
    for (const UnitDiagnostic& d : f.diagnostics) {
      SemanticDiagnostic out{d.level,   d.file == kNoNumber ? "" : path(f.files[d.file].path),
                             d.begin,   d.end,
                             d.message, d.option,
                             {},        {}};
      for (const FixIt& fix : d.fixes) {
        out.fixes.push_back({path(f.files[fix.file].path), fix.begin, fix.end, fix.text});
      }
      if (d.level == DiagnosticLevel::kNote && !groups.empty()) {
        groups.back().notes.push_back(std::move(out));
      } else {
        groups.push_back(std::move(out));
        files.push_back(d.file == kNoNumber ? 0 : d.file);
      }
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      add(lines, "diagnostic " + source(files[i]) + " " + diagnostic_line(groups[i]),
          Certainty::kSemantic);
    }
  }
  return lines;
}

std::size_t SemanticOracle::occurrences() const {
  const FactLines lines = facts();
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [](const auto& line) { return line.first.starts_with("use "); }));
}

std::set<std::pair<std::string, Sha256>> SemanticOracle::sources() const {
  std::set<std::pair<std::string, Sha256>> out;
  for (const auto& [name, unit] : units_) {
    for (const UnitFile& file : unit.facts.files) out.emplace(path(file.path), file.content);
  }
  return out;
}

std::set<SymbolKey> SemanticOracle::symbols() const {
  std::set<SymbolKey> out;
  for (const auto& [name, unit] : units_) {
    for (const UnitSymbol& symbol : unit.facts.symbols) out.insert(symbol.key);
  }
  return out;
}

FactLines stored_facts(SemanticReader& reader, const SourceSet& sources) {
  FactLines lines;
  Keys keys(reader);
  for (const auto& [path, content] : sources) {
    INFO(path);
    const auto facts = reader.facts(path, content);
    REQUIRE(facts);
    REQUIRE(*facts);
    const SourceFacts& f = **facts;
    const std::string source = source_name(path, content);
    for (const SemanticUse& use : f.uses) {
      add(lines, use_line(source, use, keys.of(use.symbol), keys.of(use.container)), use.certainty);
    }
    for (const SemanticLink& link : f.links) {
      add(lines, link_line(keys.of(link.from), link.kind, keys.of(link.to)), Certainty::kSemantic);
    }
    for (const SemanticExtent& e : f.extents) {
      add(lines, extent_line(source, e, keys.of(e.symbol)), Certainty::kSemantic);
    }
    for (const SemanticInclusion& i : f.includes) {
      const std::string target =
          i.target ? source_name(i.target->path, i.target->content) : "nothing";
      add(lines, fmt::format("include {} {}-{} {} {}", source, i.begin, i.end, target, i.angled),
          Certainty::kSemantic);
    }
    for (const SemanticRegion& r : f.inactive) {
      add(lines, fmt::format("inactive {} {}-{}", source, r.begin, r.end), Certainty::kSemantic);
    }
    for (const SemanticDiagnostic& d : f.diagnostics) {
      add(lines, "diagnostic " + source + " " + diagnostic_line(d), Certainty::kSemantic);
    }
  }
  return lines;
}

FactLines stored_facts_by_symbol(SemanticReader& reader, const SemanticOracle& oracle) {
  FactLines lines;
  Keys keys(reader);
  for (const SymbolKey& key : oracle.symbols()) {
    const auto number = reader.number_of(key);
    REQUIRE(number);
    if (!*number) continue;  // nothing mentions it, or its lines are missed
    const auto uses = reader.uses_of(**number);
    REQUIRE(uses);
    for (const SourceUses& of : *uses) {
      const std::string source = source_name(of.source.path, of.source.content);
      for (const SemanticUse& use : of.uses) {
        add(lines, use_line(source, use, keys.of(use.symbol), keys.of(use.container)),
            use.certainty);
      }
    }
    const auto extents = reader.extents_of(**number);
    REQUIRE(extents);
    for (const SourceExtent& e : *extents) {
      add(lines, extent_line(source_name(e.source.path, e.source.content), e.extent, hex(key)),
          Certainty::kSemantic);
    }
    // Each link is found from both its ends.
    const auto from = reader.links_from(**number);
    const auto to = reader.links_to(**number);
    REQUIRE(from);
    REQUIRE(to);
    for (const SemanticLink& link : *from) {
      add(lines, link_line(keys.of(link.from), link.kind, keys.of(link.to)), Certainty::kSemantic);
    }
    for (const SemanticLink& link : *to) {
      add(lines, link_line(keys.of(link.from), link.kind, keys.of(link.to)) + " (to)",
          Certainty::kSemantic);
    }
  }
  return lines;
}

FactLines lines_by_symbol(const FactLines& facts) {
  FactLines out;
  for (const auto& [line, certainty] : facts) {
    if (line.starts_with("link ")) {
      out.emplace(line, certainty);
      out.emplace(line + " (to)", certainty);
    } else if (line.starts_with("use ") || line.starts_with("extent ")) {
      out.emplace(line, certainty);
    }
  }
  return out;
}

std::string difference_of(const FactLines& expected, const FactLines& have) {
  std::string out;
  std::size_t shown = 0;
  for (const auto& [line, certainty] : expected) {
    const auto it = have.find(line);
    if (it != have.end() && it->second == certainty) continue;
    if (++shown <= 5) {
      out += fmt::format("{} ({}): {}\n", it == have.end() ? "lost" : "of another certainty",
                         to_string(certainty), line);
    }
  }
  for (const auto& [line, certainty] : have) {
    if (!expected.contains(line) && ++shown <= 10) out += "never told: " + line + "\n";
  }
  return out;
}

}  // namespace engram
