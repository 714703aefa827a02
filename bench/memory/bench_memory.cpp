// bench_memory DIR [LIMIT_MB]: what the store costs and how fast it answers, as JSON lines.
//
// Facts come from a lexer, so that only the store is timed: prepare (worker threads) and insert
// (the writer) as CPU milliseconds per MB of source. Answers are checked before they are timed.

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/memory/lexical_facts.h"
#include "core/atomic_file.h"
#include "core/json.h"
#include "memory/catalogue.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

struct Source {
  std::string path, text;
};

double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double wall_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void print(std::string_view name, double value, std::string_view unit) {
  fmt::print("{}\n",
             to_json({{"name", json_string(name)}, {"value", value}, {"unit", json_string(unit)}}));
  std::fflush(stdout);
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "bench_memory: {}\n", why);
  std::exit(3);
}

template <class T>
T need(Result<T> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}
void need(const Result<void>& result) {
  if (!result) give_up(result.error().message);
}

std::vector<Source> load(const fs::path& root, std::size_t limit) {
  std::vector<fs::path> files;
  for (const auto& e : fs::recursive_directory_iterator(root)) {
    const std::string extension = e.path().extension().string();
    const bool code = extension == ".h" || extension == ".hpp" || extension == ".cpp" ||
                      extension == ".cc" || extension == ".c" || extension == ".inc" ||
                      extension == ".def" || extension.empty();
    if (code && e.is_regular_file() && e.file_size() < (4u << 20)) files.push_back(e.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Source> sources;
  std::size_t bytes = 0;
  for (const fs::path& f : files) {
    if (bytes >= limit) break;
    sources.push_back({f.lexically_relative(root).string(), need(read_file(f))});
    bytes += sources.back().text.size();
  }
  return sources;
}

void report_latency(std::string_view name, std::size_t n,
                    const std::function<void(std::size_t)>& f) {
  std::vector<double> ms(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double start = wall_ms();
    f(i);
    ms[i] = wall_ms() - start;
  }
  std::sort(ms.begin(), ms.end());
  print(fmt::format("{}_p50", name), ms[n / 2], "ms");
  print(fmt::format("{}_p99", name), ms[std::min(n - 1, n * 99 / 100)], "ms");
}

struct WriteCost {
  double bytes = 0, prepare = 0, insert = 0, wall = 0;
};

WriteCost write_store(const fs::path& store, const std::vector<Source>& sources) {
  constexpr std::size_t kBatchBytes = 8 << 20;
  WriteCost cost;
  auto writer = need(CatalogueWriter::open(store));
  std::size_t batch = 0;
  for (const Source& s : sources) {
    const FileFacts facts = lexical_facts(s.text);
    const Sha256 sha = sha256(s.text);
    double start = cpu_seconds();
    const PreparedFile prepared = prepare_file(facts, s.text);
    cost.prepare += cpu_seconds() - start;
    FileEntry entry;
    entry.path = s.path;
    entry.size = s.text.size();
    entry.language = "cpp";
    start = cpu_seconds();
    need(writer->put_prepared(entry, sha, prepared));
    batch += s.text.size();
    cost.bytes += static_cast<double>(s.text.size());
    if (batch >= kBatchBytes) {
      need(writer->commit());
      batch = 0;
    }
    cost.insert += cpu_seconds() - start;
  }
  const double start = cpu_seconds();
  need(writer->commit());
  cost.insert += cpu_seconds() - start;
  return cost;
}

void bench_queries(const fs::path& store, const std::vector<Source>& sources) {
  auto reader = need(CatalogueReader::open(store));
  std::map<std::string, std::size_t> frequency;
  std::vector<std::vector<std::string>> contexts;
  for (std::size_t i = 0; i < sources.size(); i += std::max<std::size_t>(1, sources.size() / 200)) {
    const FileFacts facts = lexical_facts(sources[i].text);
    std::vector<std::string> context;
    for (const Reference& r : facts.references) {
      ++frequency[r.name];
      if (context.size() < 60) context.push_back(r.name);
    }
    contexts.push_back(std::move(context));
  }
  std::vector<std::string> names;
  for (const auto& [name, n] : frequency) names.push_back(name);

  if (need(reader->text(sources.front().path)) != sources.front().text) give_up("a text differs");
  report_latency("symbols_exact", 300, [&](std::size_t i) {
    need(reader->symbols({.name = names[i * 7919 % names.size()], .limit = 20}));
  });
  report_latency("symbols_fuzzy", 40, [&](std::size_t i) {
    const std::string& name = names[i * 7919 % names.size()];
    need(reader->symbols({.name = name.substr(0, 6), .fuzzy = true, .limit = 50}));
  });
  report_latency("references", 300, [&](std::size_t i) {
    need(reader->references(names[i * 7919 % names.size()], 100));
  });
  report_latency("similar_chunks_60_identifiers", contexts.size(), [&](std::size_t i) {
    need(reader->similar_chunks({.identifiers = contexts[i], .limit = 8}));
  });
  report_latency("full_text", 200, [&](std::size_t i) {
    need(reader->full_text(names[i * 7919 % names.size()], 20));
  });
  report_latency("text", 300, [&](std::size_t i) {
    need(reader->text(sources[i * 7919 % sources.size()].path));
  });
}

int run(int argc, char** argv) {
  const fs::path root = argc > 1 ? argv[1] : "/usr/include";
  const std::size_t limit = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 120) << 20;
  const std::vector<Source> sources = load(root, limit);
  if (sources.empty()) give_up("no sources in " + root.string());
  std::string name = (fs::temp_directory_path() / "engram-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) give_up("no temporary directory");
  const fs::path store = fs::path(name) / "store";

  const WriteCost cost = write_store(store, sources);
  const double megabytes = cost.bytes / 1e6;
  print("source", megabytes, "MB");
  print("files", static_cast<double>(sources.size()), "files");
  print("prepare", cost.prepare * 1e3 / megabytes, "cpu ms/MB");
  print("insert", cost.insert * 1e3 / megabytes, "cpu ms/MB");
  print("write_speed_one_core", megabytes / (cost.prepare + cost.insert), "MB/s");
  {
    auto reader = need(CatalogueReader::open(store));
    const StoreCounts counts = need(reader->counts());
    print("store_bytes_per_source_byte", static_cast<double>(counts.store_bytes_facts) / cost.bytes,
          "ratio");
    print("chunks", static_cast<double>(counts.chunks), "chunks");
    print("symbols", static_cast<double>(counts.symbols), "symbols");
    print("references", static_cast<double>(counts.references), "references");
  }
  bench_queries(store, sources);
  const double start = cpu_seconds();
  need(need(CatalogueWriter::open(store))->optimize());
  print("optimize", (cpu_seconds() - start) * 1e3 / megabytes, "cpu ms/MB");
  std::error_code ec;
  fs::remove_all(name, ec);
  return 0;
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) { return engram::run(argc, argv); }
