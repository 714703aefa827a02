// bench_save DIR MODEL.gguf [SAVES]: from saving a file to recalling what was written, as JSON
// lines.
//
// DIR is copied, indexed and remembered as `engram index` does. Then, SAVES times, a file drawn by
// a seed gets a line nobody wrote before, and what the server does after didSave is timed: the
// facts (update_files), the engrams (update_engrams), the look-up that must find the line, and
// after it the vocabulary (sync_identifiers). Wall and CPU time, since other programs may run
// beside it.

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "assist/engrams/memory_tokens.h"
#include "assist/engrams/recall.h"
#include "assist/engrams/sync.h"
#include "bench/support/measurement.h"
#include "bench/support/scratch_directory.h"
#include "core/json.h"
#include "engine/gguf.h"
#include "engine/tokenizer/tokenizer.h"
#include "indexer/pipeline.h"
#include "memory/engrams/store.h"
#include "memory/identifiers/identifier_sync.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

double wall_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
double cpu_ms() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

// Times by name, one entry a save.
class Steps {
 public:
  template <class Work>
  auto time(const std::string& name, Work work) {
    const double wall = wall_ms(), cpu = cpu_ms();
    auto result = work();
    cpu_[name].push_back(cpu_ms() - cpu);
    add(name, wall_ms() - wall);
    return result;
  }
  void add(const std::string& name, double wall) { wall_[name].push_back(wall); }
  double last(const std::string& name) { return wall_[name].back(); }
  void print() {
    for (auto& [name, times] : wall_) {
      print_one(name + "_wall", times);
      if (cpu_.contains(name)) print_one(name + "_cpu", cpu_[name]);
    }
  }

 private:
  static void print_one(const std::string& name, std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    for (const auto& [suffix, at] : {std::pair{"p50", 50}, {"p95", 95}}) {
      fmt::print("{}\n", to_json({{"name", name + "_" + suffix},
                                  {"value", times[(times.size() - 1) * std::size_t(at) / 100]},
                                  {"unit", "ms"}}));
    }
  }
  std::map<std::string, std::vector<double>> wall_, cpu_;
};

bool is_recalled(EngramReader& reader, const Tokenizer& tokenizer, const std::string& before,
                 const std::string& after) {
  const EngramView view(need(reader.snapshot()), reader.vocabulary(), {}, {});
  for (const Continuation& c : recall(view, tokenizer, before).continuations) {
    if (c.text.starts_with(after)) return true;
  }
  return false;
}

void run(const fs::path& repository, const fs::path& model, int saves) {
  const auto tokenizer = need(Tokenizer::from_gguf(*need(GgufFile::open(model))));
  const auto vocabulary = engram_vocabulary(*tokenizer);
  const ScratchDirectory scratch;
  const fs::path root = scratch.path() / "tree", store = scratch.path() / "store";
  fs::copy(repository, root, fs::copy_options::recursive | fs::copy_options::skip_symlinks);
  const IndexReport indexed = need(index_workspace(root, store, {}));
  KeptEngrams kept;  // as the server keeps it, and the completer its reader
  const EngramReport remembered = need(sync_engrams(store, *tokenizer, {.kept = &kept}));
  EngramReader completing(store, vocabulary);
  const IdentifierReport counted = need(sync_identifiers(store));
  for (const auto& [what, n] : {std::pair{"files", indexed.counts.files},
                                {"tokens", remembered.counts.tokens},
                                {"identifier_keys", counted.keys}}) {
    fmt::print("{}\n", to_json({{"name", what}, {"value", n}, {"unit", ""}}));
  }
  need(completing.snapshot());
  const auto open_meanwhile = need(CatalogueReader::open(store));  // as the server has one
  std::vector<std::string> sources;
  for (const IndexedFile& f : need(open_meanwhile->files())) {
    const bool own = !is_foreign(f.entry.flags);  // foreign code is not recalled unasked
    if (own && !f.entry.language.empty() && f.entry.size < 100'000) sources.push_back(f.entry.path);
  }
  std::mt19937 random(3);
  Steps steps;
  for (int i = 0; i < saves; ++i) {
    const std::string& path = sources[random() % sources.size()];
    const std::string before = fmt::format("saved_line_{} = written_now(", random());
    const std::string after = fmt::format("{});", i);
    std::ofstream(root / path, std::ios::app) << before << after << '\n';
    steps.time("facts", [&] { return need(update_files(root, store, {path}, {})).files_parsed; });
    const EngramReport report = steps.time("engrams", [&] {
      return need(update_engrams(store, *tokenizer, {path}, {.kept = &kept}));
    });
    steps.add("engrams_committed", report.seconds * 1e3);
    if (!steps.time("recall", [&] { return is_recalled(completing, *tokenizer, before, after); })) {
      give_up(fmt::format("what was saved in {} is not recalled", path));
    }
    steps.add("save_to_recallable",
              steps.last("facts") + report.seconds * 1e3 + steps.last("recall"));
    steps.time("identifiers", [&] { return need(sync_identifiers(store)).counted; });
  }
  steps.print();
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_save DIR MODEL.gguf [SAVES]\n");
    return 2;
  }
  engram::run(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 100);
}
