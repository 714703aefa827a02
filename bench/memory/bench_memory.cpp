// bench_memory DIR [LIMIT_MB]: what the store costs and how fast it answers, as JSON lines.
//
// Facts come from a lexer, so that only the store is timed: prepare (worker threads) and insert
// (the writer) as CPU milliseconds per MB of source. Answers are checked before they are timed.

#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/memory/lexical_facts.h"
#include "bench/support/measurement.h"
#include "bench/support/scratch_directory.h"
#include "core/atomic_file.h"
#include "core/json.h"
#include "memory/catalogue.h"
#include "memory/text_search.h"

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

Result<void> write_plain(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!out) return Error{Errc::kIo, "cannot write " + file.string()};
  return {};
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

// The same files on disk, for ripgrep to search.
void write_tree(const fs::path& tree, const std::vector<Source>& sources) {
  for (const Source& s : sources) {
    fs::create_directories((tree / s.path).parent_path());
    need(write_plain(tree / s.path, s.text));
  }
}

struct Found {
  std::size_t lines = 0;
  double ms = 0;
};
Found ripgrep(const fs::path& tree, const TextQuery& q) {
  std::string command = "rg --no-config --no-ignore --hidden --text --no-heading -n ";
  if (!q.regex) command += "-F ";
  if (q.word) command += "-w ";
  if (q.ignore_case) command += "-i ";
  command += "-e '" + q.pattern + "' '" + tree.string() + "'";
  const double start = wall_ms();
  std::FILE* const out = ::popen(command.c_str(), "r");
  if (out == nullptr) return {};
  Found found;
  char block[1 << 16];
  while (const std::size_t n = std::fread(block, 1, sizeof block, out)) {
    found.lines += static_cast<std::size_t>(std::count(block, block + n, '\n'));
  }
  ::pclose(out);
  found.ms = wall_ms() - start;
  return found;
}

double percentile(std::vector<double> values, std::size_t percent) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, values.size() * percent / 100)];
}

// Each pattern: our lines must be ripgrep's; then both are timed, in turn.
void bench_search(const fs::path& store, const fs::path& tree, const std::vector<Source>& sources) {
  std::vector<TextQuery> queries;
  for (std::size_t i = 0; i < 40; ++i) {  // substrings drawn from the sources
    const std::string& text = sources[i * 7919 % sources.size()].text;
    std::string pattern;
    for (std::size_t at = text.size() * (i % 10) / 10; at < text.size() && pattern.size() < 12;
         ++at) {
      const char c = text[at];
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '(';
      if (plain) pattern += c;
      if (!plain && pattern.size() < 6) pattern.clear();
      if (!plain && pattern.size() >= 6) break;
    }
    TextQuery query;
    query.pattern = pattern.size() < 6 ? "noSuchThing" + std::to_string(i) : pattern;
    query.limit = 10'000'000;
    queries.push_back(query);
  }
  for (const char* pattern :
       {"std::vector<[a-z]+>", "operator==\\(const", "TODO|FIXME", "virtual .* = 0;"}) {
    TextQuery query;
    query.pattern = pattern;
    query.regex = true;
    query.limit = 10'000'000;
    queries.push_back(query);
  }
  std::vector<double> ours, first_100, peer;
  for (const TextQuery& q : queries) {
    const Found theirs = ripgrep(tree, q);
    double start = wall_ms();
    const TextSearchAnswer answer = need(search_text(store, q));
    ours.push_back(wall_ms() - start);
    TextQuery limited = q;
    limited.limit = 100;
    start = wall_ms();
    need(search_text(store, limited));
    first_100.push_back(wall_ms() - start);
    peer.push_back(theirs.ms);
    if (theirs.lines != answer.matches.size()) {
      fmt::print(stderr, "bench_memory: '{}': ripgrep has {} lines, the store {}\n", q.pattern,
                 theirs.lines, answer.matches.size());
    }
  }
  print("search_all_p50", percentile(ours, 50), "ms");
  print("search_all_p99", percentile(ours, 99), "ms");
  print("search_first_100_p50", percentile(first_100, 50), "ms");
  print("search_first_100_p99", percentile(first_100, 99), "ms");
  print("ripgrep_p50", percentile(peer, 50), "ms");
  print("ripgrep_p99", percentile(peer, 99), "ms");
}

int run(int argc, char** argv) {
  const fs::path root = argc > 1 ? argv[1] : "/usr/include";
  const std::size_t limit = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 120) << 20;
  const std::vector<Source> sources = load(root, limit);
  if (sources.empty()) give_up("no sources in " + root.string());
  const ScratchDirectory scratch;
  const fs::path store = scratch.path() / "store";

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
  if (std::system("rg --version >/dev/null 2>&1") == 0) {
    write_tree(scratch.path() / "tree", sources);
    bench_search(store, scratch.path() / "tree", sources);
  } else {
    fmt::print(stderr, "bench_memory: no ripgrep here: search is not measured\n");
  }
  const double start = cpu_seconds();
  need(need(CatalogueWriter::open(store))->optimize());
  print("optimize", (cpu_seconds() - start) * 1e3 / megabytes, "cpu ms/MB");
  return 0;
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) { return engram::run(argc, argv); }
