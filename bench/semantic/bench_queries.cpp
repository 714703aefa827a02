// bench_queries [--in DIR] [SYMBOLS]: how fast a large workspace answers an editor, as JSON lines
// with the goals beside: go to definition, references of a symbol with 10,000 uses, workspace
// symbols, and what one changed file costs the store of compiler facts.
//
// The workspace (made_workspace.h; a million symbols unless told) is written to disk, its facts
// through the stores' writers. Questions go through the Navigator as the language server's do: the
// file that is asked about is open, every place of an answer is turned into UTF-16 positions. Each
// answer is checked. Times are processor milliseconds of this process. With --in the workspace is
// made in DIR and stays there, nothing is saved in it, and one that is there already (of as many
// symbols) is only asked.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>

#include "assist/navigation/navigator.h"
#include "assist/navigation/stored_compiler_facts.h"
#include "bench/semantic/made_workspace.h"
#include "bench/support/measurement.h"
#include "bench/support/scratch_directory.h"
#include "core/json.h"
#include "core/process_costs.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostSymbols = 100;  // as workspace/symbol

class Times {
 public:
  template <class Work>
  auto of(Work work) {
    const double before = own_processor_seconds();
    const auto begun = std::chrono::steady_clock::now();
    auto result = work();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begun;
    ms_.push_back((own_processor_seconds() - before) * 1e3);
    clock_ms_.push_back(taken.count());
    return result;
  }
  // By the clock: where several threads work, or the kernel waits.
  void print_clock(const std::string& name) { print(clock_ms_, name + ", by the clock", 0); }
  void print(const std::string& name, double goal_ms) { print(ms_, name, goal_ms); }

 private:
  static void print(std::vector<double> times, const std::string& name, double goal_ms) {
    std::sort(times.begin(), times.end());
    for (const auto& [suffix, share] : {std::pair{"p50", 0.5}, {"p99", 0.99}}) {
      const double ms =
          times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
      boost::json::object line{
          {"name", json_string(name + " " + suffix)}, {"value", ms}, {"unit", "ms"}};
      if (goal_ms > 0) line["goal"] = goal_ms;
      fmt::print("{}\n", to_json(line));
    }
    std::fflush(stdout);
  }

  std::vector<double> ms_, clock_ms_;
};

class QueryBench {
 public:
  QueryBench(const fs::path& scratch, std::uint64_t symbols)
      : store_(scratch / "store"),
        made_(scratch / "tree", symbols),
        header_(made_.header()),
        navigator_(made_.root(), store_, stored_compiler_facts(store_)) {}

  void run(bool stays) {
    if (!fs::exists(store_)) fill();
    definitions();
    references();
    workspace_symbols();
    if (!stays) save();
  }

 private:
  FileEntry write_file(const MadeFile& file) {
    const fs::path path = made_.root() / file.path;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << file.text;
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) give_up("cannot write " + path.string());
    FileEntry entry;
    entry.path = file.path;
    entry.size = file.text.size();
    entry.language = "cpp";
    entry.mtime_ns =
        static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
    return entry;
  }

  void put_file(CatalogueWriter& catalogue, const MadeFile& file) {
    const FileFacts facts = MadeWorkspace::facts(file);
    need(catalogue.put_file(write_file(file), sha256(file.text), &facts, file.text));
  }

  void fill() {
    const double before = own_processor_seconds();
    auto catalogue = need(CatalogueWriter::open(store_));
    auto semantic = need(SemanticWriter::open(store_, made_.root()));
    put_file(*catalogue, header_);
    for (std::uint64_t i = 0; i < made_.file_count(); ++i) {
      const MadeFile file = made_.file(i);
      put_file(*catalogue, file);
      need(semantic->put_unit(made_.unit(file), made_.unit_facts(file)));
      if (i % 64 != 63) continue;
      need(catalogue->commit());
      need(semantic->commit());
    }
    need(catalogue->commit());
    need(semantic->commit());
    catalogue.reset();
    semantic.reset();  // checkpoints
    const SemanticCounts counts = need(need(SemanticReader::open(store_))->counts());
    print("files", static_cast<double>(made_.file_count() + 1), "files");
    print("symbols", static_cast<double>(counts.symbols), "symbols");
    print("occurrences", static_cast<double>(counts.occurrences), "");
    print("semantic store", static_cast<double>(counts.bytes) / 1e6, "MB");
    print("filling, processor", own_processor_seconds() - before, "s");
  }

  void open(const MadeFile& file) {
    navigator_.set_open({{file.path, "cpp", std::make_shared<const std::string>(file.text)}});
  }

  // What the answer to an editor says of each.
  static std::size_t positions(const std::vector<FoundPlace>& places) {
    std::size_t sum = 0;
    for (const FoundPlace& place : places) {
      for (const std::uint32_t offset : {place.begin, place.end}) {
        sum += place.source->lines.position_utf16(*place.source->text, offset).line;
      }
    }
    return sum;
  }

  void definitions() {
    Times times;
    for (int i = 0; i < 1000; ++i) {
      const MadeFile file = made_.file(random_() % made_.file_count());
      const MadeUse& use = file.uses[random_() % file.uses.size()];
      const auto found = times.of([&] {
        open(file);
        auto places = need(navigator_.definition({file.path, use.begin}));
        positions(places);
        return places;
      });
      if (found.size() != 1) give_up(fmt::format("{} definitions", found.size()));
      const FoundPlace& place = found.front();
      const std::string name = MadeWorkspace::name_of(use.function);
      if (place.certainty != Certainty::kSemantic ||
          place.source->text->substr(place.begin, place.end - place.begin) != name) {
        give_up("a wrong definition of " + name);
      }
    }
    times.print("definition", 20);
  }

  void references() {
    Times first, times;
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t files = std::min(made_.file_count(), MadeWorkspace::kCommonFiles);
      const MadeFile file = made_.file(random_() % files);
      const auto use = std::find_if(file.uses.begin(), file.uses.end(), [](const MadeUse& u) {
        return u.function == MadeWorkspace::kCommon;
      });
      const std::size_t found = (i == 0 ? first : times).of([&] {
        open(file);
        const auto places = need(navigator_.references({file.path, use->begin}, {}));
        positions(places);
        return places.size();
      });
      const std::uint64_t each = MadeWorkspace::kCommonUses / MadeWorkspace::kCommonFiles;
      if (found != files * each + 1) give_up(fmt::format("{} references", found));
    }
    first.print("references of a symbol with 10,000 uses, the first", 50);
    first.print_clock("references of a symbol with 10,000 uses, the first");
    times.print("references of a symbol with 10,000 uses", 50);
  }

  // As somebody types: the first letters, initials, words out of the middle.
  std::string pattern() {
    const std::string name =
        MadeWorkspace::name_of(random_() % (made_.file_count() * MadeWorkspace::kFunctions));
    switch (random_() % 4) {
      case 0:
        return name.substr(0, 1 + random_() % 6);
      case 1:
        return name.substr(name.size() / 2, 4);
      case 2: {
        std::string out;
        for (std::size_t i = 0; i < name.size(); i += 1 + random_() % 4) out += name[i];
        return out;
      }
      default:
        return name;
    }
  }

  void workspace_symbols() {
    Times first, times;
    const auto ask = [&](const std::string& pattern) {
      navigator_.set_open({});
      auto found = need(navigator_.workspace_symbols(pattern, kMostSymbols));
      std::size_t lines = 0;
      for (const FoundSymbol& f : found) {
        for (const std::uint32_t offset : {f.hit.symbol.name_begin, f.hit.symbol.name_end}) {
          lines += f.source->lines.position_utf16(*f.source->text, offset).line;
        }
      }
      if (found.size() > 1 && lines == 0) give_up("all stand in the first line");
      return found;
    };
    first.of([&] { return ask("get"); });
    first.print("workspace symbol, the first", 0);
    for (int i = 0; i < 500; ++i) {
      const std::string wanted = pattern();
      if (times.of([&] { return ask(wanted); }).empty()) give_up("nothing fits " + wanted);
    }
    times.print("workspace symbol", 30);
  }

  // One file is saved: what it costs the store, and the first questions afterwards.
  void save() {
    Times facts, asking, opening, held, putting;
    for (int i = 0; i < 10; ++i) {
      MadeFile file = made_.file(random_() % made_.file_count());
      file.text += fmt::format("// saved {}\n", i);
      {
        auto catalogue = need(CatalogueWriter::open(store_));
        put_file(*catalogue, file);
        need(catalogue->commit());
      }
      const SemanticUnit unit = made_.unit(file);
      facts.of([&] {
        auto writer = opening.of([&] { return need(SemanticWriter::open(store_, made_.root())); });
        held.of([&] { return need(writer->views_without({{file.path, unit.command}})).size(); });
        putting.of([&] {
          need(writer->put_unit(unit, made_.unit_facts(file)));
          need(writer->commit());
          return 0;
        });
        return 0;
      });
      navigator_.store_changed();
      asking.of([&] {
        navigator_.set_open({});
        return need(navigator_.workspace_symbols("parse", kMostSymbols)).size();
      });
    }
    facts.print("a saved file, store of compiler facts", 0);
    opening.print("a saved file, opening its writer", 0);
    held.print("a saved file, views that stay", 0);
    putting.print("a saved file, its facts", 0);
    asking.print("workspace symbol after a save", 0);
  }

  fs::path store_;
  MadeWorkspace made_;
  MadeFile header_;
  Navigator navigator_;
  std::mt19937_64 random_{1};
};

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool stays = arguments.size() >= 2 && arguments[0] == "--in";
  const std::size_t next = stays ? 2 : 0;
  const std::uint64_t symbols =
      arguments.size() > next ? std::strtoull(arguments[next].c_str(), nullptr, 10) : 1'000'000;
  const engram::ScratchDirectory scratch;
  const std::filesystem::path where = stays ? std::filesystem::path(arguments[1]) : scratch.path();
  if (symbols == 0) engram::give_up("usage: bench_queries [--in DIR] [SYMBOLS]");
  engram::QueryBench(where, symbols).run(stays);
}
