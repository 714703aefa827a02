// bench_identifiers DIR [NAMES] [NAMES_FILE]: what a vocabulary costs and how fast it answers, as
// JSON lines.
//
// Takes the words of the source files of DIR with their frequencies, and makes new names from
// pairs of them until there are NAMES (default 10^7); writes them as one large segment and two
// small ones, which change a hundredth and a thousandth of them, and asks for random ones: by name,
// for the eight most used after a prefix, and for names that do not occur. With NAMES_FILE the
// names go there too, sorted, a line each, for other programs to be measured with. Times of answers
// are CPU time of the asking thread.

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "bench/support/measurement.h"
#include "core/atomic_file.h"
#include "core/json.h"
#include "core/process_costs.h"
#include "memory/identifiers/identifier_sync.h"
#include "memory/string_ids.h"
#include "memory/sub_words.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostSourceBytes = 200'000'000;
constexpr std::size_t kQuestions = 20'000;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of this thread: on a shared machine a question must not pay for others' turns.
double cpu_now() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

struct Names {
  StringArena arena;
  StringIds ids{1 << 16};
  std::vector<std::uint32_t> uses;

  void add(std::string_view name, std::uint32_t n) {
    const std::uint32_t id = ids.insert(name, [&](std::string_view s) { return arena.keep(s); });
    if (id == uses.size()) uses.push_back(0);
    uses[id] += n;
  }
};

void read_words(const fs::path& root, Names& names) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::uint64_t read = 0;
  for (const fs::path& file : files) {
    const auto text = read_file(file, std::size_t{1} << 20);
    if (!text || text->find('\0') != std::string::npos) continue;
    if ((read += text->size()) > kMostSourceBytes) break;
    for (std::size_t at = 0; at < text->size();) {
      const auto is_word = [&](std::size_t i) {
        return i < text->size() && is_identifier_byte(static_cast<unsigned char>((*text)[i]));
      };
      if (!is_word(at)) {
        ++at;
        continue;
      }
      const std::size_t begin = at;
      while (is_word(at)) ++at;
      const bool digit = (*text)[begin] >= '0' && (*text)[begin] <= '9';
      if (!digit && at - begin <= 64)
        names.add(std::string_view(*text).substr(begin, at - begin), 1);
    }
  }
}

// A real name, and the last part of another: "usb_get_config" of "usb_get_dev" and "pci_config".
void make_names(Names& names, std::size_t wanted) {
  std::mt19937 random(1);
  const auto real = static_cast<std::uint32_t>(names.ids.size());
  while (names.ids.size() < wanted) {
    const std::string_view a = names.ids.string(static_cast<std::uint32_t>(random() % real));
    const std::string_view b = names.ids.string(static_cast<std::uint32_t>(random() % real));
    const std::size_t part = b.find_last_of('_');
    std::string made(a.substr(0, 40));
    made += '_';
    made += part == std::string_view::npos ? b.substr(0, 20) : b.substr(part + 1, 20);
    names.add(made, 1 + static_cast<std::uint32_t>(random() % 3));
  }
}

std::shared_ptr<const IdentifierSegment> written(const Names& names,
                                                 const std::vector<std::uint32_t>& sorted,
                                                 std::size_t every, const fs::path& file) {
  IdentifierTableWriter writer;
  for (std::size_t i = 0; i < sorted.size(); i += every) {
    IdentifierCounts counts;
    counts.uses = every == 1 ? names.uses[sorted[i]] : 1;
    if (sorted[i] % 3 == 0) counts.add(SymbolKind::kFunction, 1);
    writer.add(names.ids.string(sorted[i]), counts);
  }
  IdentifierTables tables;
  tables.tables[0] = writer.take();
  for (std::size_t i = 1; i < kIdentifierTables; ++i)
    tables.tables[i] = IdentifierTableWriter().take();
  const auto sink = make_file_sink(file);
  if (!write_identifier_segment(*sink, tables)) std::exit(3);
  const auto segment = IdentifierSegment::open(file);
  if (!segment) std::exit(3);
  return *segment;
}

template <class Ask>
void time_questions(std::string_view name, std::size_t n, Ask ask) {
  std::vector<double> times;
  for (std::size_t i = 0; i < n; ++i) {
    const double begin = cpu_now();
    ask(i);
    times.push_back((cpu_now() - begin) * 1e6);
  }
  std::sort(times.begin(), times.end());
  print(fmt::format("{}_p50", name), times[times.size() / 2], "us");
  print(fmt::format("{}_p99", name), times[times.size() * 99 / 100], "us");
}

void ask(std::string_view label, const Identifiers& identifiers, const Names& names) {
  std::mt19937 random(2);
  std::vector<std::string> asked;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    asked.emplace_back(names.ids.string(static_cast<std::uint32_t>(random() % names.ids.size())));
  }
  std::size_t missing = 0;
  time_questions(fmt::format("{}_exact", label), kQuestions,
                 [&](std::size_t i) { missing += !identifiers.find(asked[i]); });
  if (missing != 0) std::exit(3);
  time_questions(fmt::format("{}_absent", label), kQuestions,
                 [&](std::size_t i) { (void)identifiers.find(asked[i] + "~"); });
  for (const std::size_t typed : {1u, 2u, 3u, 5u, 8u}) {
    time_questions(
        fmt::format("{}_best8_after_{}", label, typed), kQuestions / 10,
        [&](std::size_t i) { (void)identifiers.complete(asked[i].substr(0, typed), 8); });
  }
}

void run(const fs::path& root, std::size_t wanted, const char* names_file) {
  Names names;
  read_words(root, names);
  print("real_names", static_cast<double>(names.ids.size()), "names");
  make_names(names, wanted);
  std::vector<std::uint32_t> sorted(names.ids.size());
  for (std::uint32_t i = 0; i < sorted.size(); ++i) sorted[i] = i;
  std::sort(sorted.begin(), sorted.end(), [&](std::uint32_t a, std::uint32_t b) {
    return names.ids.string(a) < names.ids.string(b);
  });
  std::uint64_t bytes = 0;
  for (const std::string_view name : names.ids.strings()) bytes += name.size();
  const auto n = static_cast<double>(sorted.size());
  print("names", n, "names");
  print("name", static_cast<double>(bytes) / n, "bytes");
  if (names_file != nullptr) {
    std::ofstream out(names_file);
    for (const std::uint32_t id : sorted) out << names.ids.string(id) << '\n';
  }
  const fs::path directory =
      fs::temp_directory_path() / fmt::format("bench_identifiers.{}", ::getpid());
  fs::create_directories(directory);
  const double begin = now();
  const auto large = written(names, sorted, 1, directory / "large");
  print("write", n / (now() - begin) / 1e6, "M names/s");
  print("stored", static_cast<double>(large->bytes()) / n, "bytes/name");
  const auto middle = written(names, sorted, 100, directory / "middle");
  const auto small = written(names, sorted, 1000, directory / "small");
  ask("one_segment", Identifiers({large}), names);
  ask("three_segments", Identifiers({large, middle, small}), names);
  const double merging = now();
  const auto merged = merged_identifiers(std::vector{large, middle, small});
  if (!merged || merged->tables[0].keys != sorted.size()) std::exit(3);
  print("merge", n / (now() - merging) / 1e6, "M names/s");
  print("peak_rss", static_cast<double>(own_peak_bytes()) / (1 << 20), "MB");
  fs::remove_all(directory);
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_identifiers DIR [NAMES] [NAMES_FILE]\n");
    return 2;
  }
  const std::size_t names = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000'000;
  engram::run(argv[1], names, argc > 3 ? argv[3] : nullptr);
  return 0;
}
