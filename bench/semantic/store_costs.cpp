#include "bench/semantic/store_costs.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <vector>

#include "core/json.h"

namespace engram {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void say(const std::string& name, double value, std::string_view unit) {
  fmt::print("{}\n",
             to_json({{"name", json_string(name)}, {"value", value}, {"unit", json_string(unit)}}));
}

template <class T>
T or_give_up(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "bench_semantic: {}\n", result.error().message);
  std::exit(3);
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// Go to definition: what stands at a place, then where that is defined or declared.
double definition_ms(SemanticReader& reader, const SemanticSource& source, std::uint32_t offset) {
  const auto start = Clock::now();
  const auto at = or_give_up(reader.uses_at(source.path, source.content, offset));
  if (!at.empty()) {
    static_cast<void>(
        or_give_up(reader.uses_of(at.front().symbol, kRoleDefinition | kRoleDeclaration)));
  }
  return seconds_since(start) * 1e3;
}

}  // namespace

StoreCosts::StoreCosts(const std::string& workspace)
    : writer_(or_give_up(SemanticWriter::open(folder_.path(), workspace))) {}

void StoreCosts::add(const std::string& file, const UnitOutcome& outcome) {
  const auto start = Clock::now();
  SemanticUnit unit;
  unit.file = file;
  unit.command = sha256(file + std::to_string(units_));
  unit.state =
      outcome.facts.certainty == Certainty::kSemantic ? UnitState::kSemantic : UnitState::kInferred;
  auto done = writer_->put_unit(unit, outcome.facts);
  if (done && ++units_ % 24 == 0) done = writer_->commit();
  if (!done) fmt::print(stderr, "bench_semantic: {}\n", done.error().message);
  seconds_ += seconds_since(start);
}

void StoreCosts::print(const std::string& name) {
  const auto start = Clock::now();
  const KnownUnits known = writer_->known();
  if (const auto done = writer_->commit(); !done) std::exit(3);
  seconds_ += seconds_since(start);
  writer_.reset();  // checkpoints
  const auto reader = or_give_up(SemanticReader::open(folder_.path()));
  const SemanticCounts counts = or_give_up(reader->counts());
  say(name + " store, occurrences", static_cast<double>(counts.occurrences), "");
  say(name + " store, symbols", static_cast<double>(counts.symbols), "");
  say(name + " store, bytes", static_cast<double>(counts.bytes), "B");
  say(name + " store, bytes per occurrence",
      static_cast<double>(counts.bytes) / static_cast<double>(counts.occurrences), "B");
  say(name + " store, filling", seconds_, "s");

  std::mt19937_64 random(1);
  std::vector<double> definitions;
  std::map<std::size_t, SymbolNumber> most_used;
  for (int i = 0; i < 2000; ++i) {
    const SemanticSource& source = known.sources[random() % known.sources.size()];
    definitions.push_back(definition_ms(
        *reader, source, static_cast<std::uint32_t>(random() % (source.size + std::uint64_t{1}))));
  }
  say(name + " store, definition p50", percentile(definitions, 0.5), "ms");
  say(name + " store, definition p99", percentile(definitions, 0.99), "ms");
  double slowest = 0;
  std::size_t most = 0;
  for (SymbolNumber n = 0; n < std::min<std::uint64_t>(counts.symbols, 20'000); ++n) {
    const auto begin = Clock::now();
    std::size_t uses = 0;
    for (const SourceUses& of : or_give_up(reader->uses_of(n))) uses += of.uses.size();
    if (uses <= most) continue;
    most = uses;
    slowest = seconds_since(begin) * 1e3;
  }
  say(name + " store, references of the most used symbol", slowest, "ms");
  say(name + " store, its uses", static_cast<double>(most), "");
}

}  // namespace engram
