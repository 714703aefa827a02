// A whole project through the store twice, headers told once and told by every unit; then edited,
// again and again. `make campaign NAME=claims`.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>

#include "core/json.h"
#include "tests/clang/index_rig.h"
#include "tests/memory/semantic_oracle.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

class Project {
 public:
  Project(fs::path root, bool each_header_once)
      : root_(std::move(root)), each_header_once_(each_header_once) {}

  SemanticIndexReport index() {
    SemanticIndexOptions options = index_options(root_, store_.path());
    options.each_header_once = each_header_once_;
    return index_units_of(root_, options);
  }

  KnownUnits known() const {
    const auto writer = SemanticWriter::open(store_.path(), root_.string());
    REQUIRE(writer);
    return (*writer)->known();
  }

  FactLines facts() const {
    SourceSet sources;
    for (const SemanticSource& s : known().sources) sources.emplace(s.path, s.content);
    const auto reader = SemanticReader::open(store_.path());
    REQUIRE(reader);
    return stored_facts(**reader, sources);
  }

  SemanticCounts counts() const {
    const auto reader = SemanticReader::open(store_.path());
    REQUIRE(reader);
    return *(*reader)->counts();
  }

 private:
  fs::path root_;
  bool each_header_once_;
  TemporaryDirectory store_;
};

// Changes some files of the project as a developer, or an accident, might.
class Edits {
 public:
  Edits(const fs::path& root, const KnownUnits& known, unsigned seed) : random_(seed) {
    for (const SemanticSource& source : known.sources) {
      const bool ours = !source.path.starts_with('/') && source.content != Sha256{};
      if (ours && source.path.ends_with(".h")) headers_.push_back(root / source.path);
    }
    for (const KnownUnit& unit : known.units) units_.push_back(root / unit.unit.file);
    REQUIRE(!headers_.empty());
    REQUIRE(units_.size() > 2);
  }

  std::string make(int round) {
    const char* const kinds[] = {"headers moved", "units changed", "units gone", "units crash",
                                 "units broken"};
    const int kind = round % 5;
    for (int i = 0; i < 3; ++i) {
      const fs::path& file = pick(kind == 0 ? headers_ : units_);
      if (kind == 0) prepend(file, "/* moved */\n");
      if (kind == 1) prepend(file, fmt::format("#define EDITED_{} 1\n", round));
      if (kind == 2) fs::remove(file);
      if (kind == 3) std::ofstream(file, std::ios::app) << "\n#pragma clang __debug crash\n";
      if (kind == 4) prepend(file, "int wrong = ;\n");
    }
    return kinds[kind];
  }

 private:
  const fs::path& pick(const std::vector<fs::path>& files) {
    for (;;) {
      const fs::path& file = files[random_() % files.size()];
      if (fs::exists(file)) return file;
    }
  }
  static void prepend(const fs::path& file, const std::string& text) {
    std::ifstream in(file, std::ios::binary);
    const std::string rest((std::istreambuf_iterator<char>(in)), {});
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text << rest;
  }

  std::mt19937 random_;
  std::vector<fs::path> headers_, units_;
};

std::size_t missing(const FactLines& of, const FactLines& in) {
  return static_cast<std::size_t>(std::count_if(of.begin(), of.end(), [&](const auto& line) {
    const auto it = in.find(line.first);
    return it == in.end() || it->second < line.second;
  }));
}

// All of them, where ENGRAM_CLAIMS_DIFFERENCES names a file.
void write_differences(const FactLines& all, const FactLines& have) {
  const char* const path = std::getenv("ENGRAM_CLAIMS_DIFFERENCES");
  if (path == nullptr) return;
  std::ofstream out(path, std::ios::app);
  for (const auto& [line, certainty] : all) {
    const auto found = have.find(line);
    if (found == have.end() || found->second != certainty) out << "lost " << line << "\n";
  }
  for (const auto& [line, certainty] : have) {
    if (!all.contains(line)) out << "never told " << line << "\n";
  }
}

}  // namespace

// ENGRAM_CLAIMS_WORKSPACE=DIR test_clang "[.claims]"; DIR is changed.
TEST_CASE("claims campaign: a project's store is the same with headers told once", "[.claims]") {
  const char* const workspace = std::getenv("ENGRAM_CLAIMS_WORKSPACE");
  if (workspace == nullptr) SKIP("ENGRAM_CLAIMS_WORKSPACE names no workspace");
  const char* const rounds = std::getenv("ENGRAM_CLAIMS_ROUNDS");
  const fs::path root = fs::canonical(workspace);
  Project once(root, true), always(root, false);
  std::optional<Edits> edits;
  std::string edit = "none";
  for (int round = 0; round <= (rounds == nullptr ? 0 : std::atoi(rounds)); ++round) {
    if (round > 0) edit = edits->make(round - 1);
    const SemanticIndexReport with = once.index(), without = always.index();
    CHECK(with.parsed == without.parsed);
    if (!edits) edits.emplace(root, once.known(), 20261128);
    const FactLines have = once.facts(), all = always.facts();
    CHECK(difference_of(all, have) == "");
    write_differences(all, have);
    const SemanticCounts counts = once.counts();
    fmt::print("{}\n", to_json({{"round", round},
                                {"edit", json_string(edit)},
                                {"units", counts.units},
                                {"without_facts", counts.without_facts},
                                {"parsed", with.parsed},
                                {"facts", all.size()},
                                {"occurrences", always.counts().occurrences},
                                {"lost", missing(all, have)},
                                {"never_told", missing(have, all)},
                                {"cpu_seconds", with.worker_cpu_seconds},
                                {"cpu_seconds_without_claims", without.worker_cpu_seconds},
                                {"bytes", counts.bytes},
                                {"bytes_without_claims", always.counts().bytes}}));
  }
}

}  // namespace engram
