// bench_guess TRUE_STORE GUESSED_STORE: what facts found with guessed commands are worth,
// as JSON lines.
//
// Both stores are of the same tree (`engram index --store`), one made with its compile database,
// one without. Compared are occurrences (file, place, symbol) in the workspace's files: how many of
// the true ones the guess has, how many of its own are true, and how many names it says another
// symbol of than the truth does; the same of definitions.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "bench/support/measurement.h"
#include "memory/catalogue.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

struct Place {
  std::uint32_t begin = 0, end = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};
using Names = std::map<Place, std::set<std::string>>;

struct Agreement {
  std::size_t truth = 0, guess = 0, both = 0, other_symbol = 0;

  void add(const Names& truth_names, const Names& guess_names) {
    for (const auto& [place, symbols] : truth_names) truth += symbols.size();
    for (const auto& [place, symbols] : guess_names) {
      guess += symbols.size();
      const auto it = truth_names.find(place);
      if (it == truth_names.end()) continue;
      std::size_t same = 0;
      for (const std::string& symbol : symbols) same += it->second.contains(symbol);
      both += same;
      other_symbol += same == 0;
    }
  }
  void tell(const std::string& what) const {
    print(what + ", true", static_cast<double>(truth), "");
    print(what + ", guessed", static_cast<double>(guess), "");
    const auto of = [](std::size_t part, std::size_t whole) {
      return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
    };
    print(what + ", found", of(both, truth), "of the true ones");
    print(what + ", right", of(both, guess), "of the guessed ones");
    print(what + ", another symbol", static_cast<double>(other_symbol), "places");
  }
};

template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}

Names names_in(SemanticReader& reader, const std::string& path, const Sha256& content,
               std::uint16_t roles) {
  Names names;
  const auto facts = must(reader.facts(path, content));
  if (!facts) return names;
  std::vector<SymbolNumber> numbers;
  for (const SemanticUse& use : facts->uses) numbers.push_back(use.symbol);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::map<SymbolNumber, std::string> keys;
  for (const SemanticSymbol& symbol : must(reader.symbols(numbers))) {
    const auto& bytes = symbol.facts.key.bytes;
    keys[symbol.number] = std::string(bytes.begin(), bytes.end());
  }
  for (const SemanticUse& use : facts->uses) {
    if ((use.roles & roles) != 0) names[{use.begin, use.end}].insert(keys[use.symbol]);
  }
  return names;
}

void units(SemanticReader& reader) {
  std::size_t units = 0, without_errors = 0;
  for (const SemanticUnit& unit : must(reader.units())) {
    ++units;
    const bool facts = unit.state == UnitState::kSemantic || unit.state == UnitState::kInferred;
    without_errors += facts && unit.errors == 0;
  }
  print("guessed units", static_cast<double>(units), "");
  print("guessed units without errors", static_cast<double>(without_errors), "");
}

void bench(const fs::path& true_store, const fs::path& guessed_store) {
  const auto catalogue = must(CatalogueReader::open(guessed_store));
  const auto truth = must(SemanticReader::open(true_store));
  const auto guess = must(SemanticReader::open(guessed_store));
  units(*guess);
  Agreement all, definitions;
  for (const IndexedFile& file : must(catalogue->files())) {
    const std::string& path = file.entry.path;
    all.add(names_in(*truth, path, file.content, kAllRoles),
            names_in(*guess, path, file.content, kAllRoles));
    definitions.add(names_in(*truth, path, file.content, kRoleDefinition),
                    names_in(*guess, path, file.content, kRoleDefinition));
  }
  all.tell("occurrences");
  definitions.tell("definitions");
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  if (argc != 3) engram::give_up("usage: bench_guess TRUE_STORE GUESSED_STORE");
  engram::bench(argv[1], argv[2]);
  return 0;
}
