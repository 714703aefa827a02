// tests/memory/random_units.h: units of made-up facts, the same for the same seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>

#include "memory/semantic/semantic_writer.h"

namespace engram {

inline SymbolKey symbol_key_of(std::uint64_t n) {
  const Sha256 hash = sha256(std::to_string(n));
  SymbolKey key;
  std::copy_n(hash.bytes.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

inline SemanticUnit unit_named(const std::string& file, UnitState state = UnitState::kSemantic) {
  SemanticUnit unit;
  unit.file = file;
  unit.command = sha256("command of " + file);
  unit.state = state;
  return unit;
}

// Units that share headers and symbols, and tell of a header nearly but not quite the same.
class RandomUnits {
 public:
  explicit RandomUnits(std::uint64_t seed) : random_(seed) {}

  // A symbol has one of so many keys, as what is named by its place has another one after each
  // edit.
  std::uint32_t keys_a_symbol = 1;

  UnitFacts unit(std::uint32_t number) {
    UnitFacts facts;
    facts.files.push_back(file("/w/u" + std::to_string(number) + ".cpp", below(3)));
    for (std::uint32_t h = 0; h < 6; ++h) {
      if (below(3) > 0) facts.files.push_back(file("/w/h" + std::to_string(h) + ".h", below(2)));
    }
    if (below(2) == 0) facts.files.push_back(file("/usr/include/s.h", 0));
    std::map<SymbolKey, UnitSymbol> symbols;
    for (std::uint32_t i = 0; i < 60; ++i) {
      UnitSymbol s = symbol(below(200));
      symbols.emplace(s.key, s);
    }
    for (auto& [key, s] : symbols) facts.symbols.push_back(s);
    add_occurrences(facts);
    add_rest(facts);
    return facts;
  }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

 private:
  static UnitFile file(const std::string& path, std::uint32_t version) {
    return {path, sha256(path + std::to_string(version)), 1000, path.starts_with("/usr")};
  }

  UnitSymbol symbol(std::uint32_t n) {
    UnitSymbol s;
    s.key = symbol_key_of(n + (keys_a_symbol > 1 ? 1000 * below(keys_a_symbol) : 0));
    s.kind = n % 5 == 0 ? SymbolKind::kParameter : SymbolKind::kFunction;
    s.local = n % 5 == 0;
    s.name = "name" + std::to_string(n / 3);
    s.qualified_name = n % 2 == 0 ? "ns::" + s.name : "(anonymous)";
    if (below(2) == 0) s.signature = "void " + s.name + "()";
    return s;
  }

  // A place tells what stands there, so that units agree; now and then one does not.
  void add_occurrences(UnitFacts& facts) {
    const auto symbols = static_cast<std::uint32_t>(facts.symbols.size());
    for (std::uint32_t f = 0; f < facts.files.size(); ++f) {
      for (std::uint32_t at = 0; at < 900; at += 1 + below(40)) {
        Occurrence o;
        o.file = f;
        o.begin = at;
        o.end = at + below(3) * 4 + 1;
        o.symbol = (at * 7 + f) % symbols;
        o.container = below(4) == 0 ? kNoNumber : at / 200 % symbols;
        o.roles = static_cast<std::uint16_t>(1u << at % 14);
        facts.occurrences.push_back(o);
      }
    }
  }

  void add_rest(UnitFacts& facts) {
    const auto symbols = static_cast<std::uint32_t>(facts.symbols.size());
    const auto files = static_cast<std::uint32_t>(facts.files.size());
    std::set<SymbolLink> links;
    for (int i = 0; i < 40; ++i) {
      links.insert({below(symbols), static_cast<RelationKind>(below(6)), below(symbols)});
    }
    facts.links.assign(links.begin(), links.end());
    for (std::uint32_t f = 0; f < files; ++f) {
      facts.extents.push_back({below(symbols), f, 10, 500, 20, 500 - below(2)});
      facts.inclusions.push_back(
          {f, 5, 9, below(2) == 0 ? kNoNumber : below(files), below(2) == 0});
      facts.inactive.push_back({f, 700, 800 + below(2)});
    }
    facts.diagnostics = {
        {DiagnosticLevel::kError, below(files), 5, 6, "expected ';'", "", {{0, 6, 6, ";"}}},
        {DiagnosticLevel::kNote, 0, 7, 8, "to match this", "", {}},
        {DiagnosticLevel::kWarning, kNoNumber, 0, 0, "odd", "unused", {}}};
  }

  std::mt19937_64 random_;
};

}  // namespace engram
