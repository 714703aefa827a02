// bench_engrams DIR MODEL.gguf [LIMIT_MB]: what a segment of the engram memory costs and how fast
// it answers, as JSON lines.
//
// Reads the source files of DIR in order of path up to LIMIT_MB, tokenizes them with the model's
// tokenizer, builds one segment, and asks it 20,000 times about random places of the text: first
// right after the file was dropped from the page cache (as far as the system does that), then warm.
// The asking is done by the same program started anew, so that what it holds beside the mapped
// segment ("anonymous") is known.

#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "bench/support/measurement.h"
#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/process_costs.h"
#include "engine/gguf.h"
#include "engine/tokenizer/tokenizer.h"
#include "memory/engrams/lookup.h"
#include "memory/engrams/segment.h"
#include "memory/engrams/segment_builder.h"
#include "memory/engrams/snapshot.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double cpu_now() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}
double thread_cpu_now() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}
double peak_rss_mb() { return static_cast<double>(own_peak_bytes()) / (1 << 20); }
std::vector<fs::path> source_files(const fs::path& root) {
  static const std::set<std::string> sources = {".c",  ".h",  ".cc", ".cpp", ".hpp", ".cxx", ".py",
                                                ".rs", ".go", ".js", ".ts",  ".S",   ".java"};
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && !entry.is_symlink() &&
        sources.contains(entry.path().extension().string())) {
      out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

EngramVocabulary vocabulary_of(const Tokenizer& tokenizer) {
  std::vector<std::string_view> bytes;
  for (std::size_t id = 0; id < tokenizer.vocab_size(); ++id) {
    bytes.push_back(tokenizer.bytes(static_cast<TokenId>(id)));
  }
  return EngramVocabulary(std::string(tokenizer.fingerprint()), bytes);
}

struct Percentiles {
  double p50, p99, worst;
};
Percentiles percentiles(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  return {at(0.5), at(0.99), times.back()};
}

using Contexts = std::vector<std::vector<EngramToken>>;

// Random places of the segment itself: contexts that occur, as the last token of a decode mostly
// does.
Contexts sample_contexts(const EngramSegment& segment, std::size_t n) {
  std::mt19937 random(1);
  Contexts out;
  while (out.size() < n) {
    const auto position = static_cast<std::uint32_t>(random() % segment.position_count());
    std::vector<EngramToken> context;
    for (std::uint32_t p = position > 24 ? position - 24 : 0; p < position; ++p) {
      const EngramToken token = segment.token_of(segment.symbol_at(p));
      if (token == kEngramCut) context.clear();
      if (token != kEngramCut) context.push_back(token);
    }
    // A fifth of them leave what was written: the last token is another one.
    if (!context.empty() && random() % 5 == 0) {
      context.back() = segment.token_of(1 + static_cast<std::uint32_t>(random() % 1000));
    }
    if (!context.empty()) out.push_back(std::move(context));
  }
  return out;
}

// By the wall's clock, or by the thread's, which does not count the programs that run beside it.
void time_lookups(const std::string& name, const EngramView& view, const Contexts& contexts,
                  double (*now)()) {
  std::vector<double> all, longest;
  LookupAnswer answer;
  for (const auto& context : contexts) {
    const double begin = now();
    view.look_up(context, answer);
    const double middle = now();
    if (answer.longest() != nullptr) view.positions(context, answer.longest()->length);
    all.push_back((middle - begin) * 1e6);
    longest.push_back((now() - middle) * 1e6);
  }
  const Percentiles p = percentiles(all), q = percentiles(longest);
  print(name + "_p50", p.p50, "us");
  print(name + "_p99", p.p99, "us");
  print(name + "_worst", p.worst, "us");
  print(name + "_positions_p50", q.p50, "us");
  print(name + "_positions_p99", q.p99, "us");
}

std::shared_ptr<const Tokenizer> tokenizer_of(const fs::path& model) {
  auto gguf = GgufFile::open(model);
  if (!gguf) give_up(gguf.error().message);
  auto tokenizer = Tokenizer::from_gguf(**gguf);
  if (!tokenizer) give_up(tokenizer.error().message);
  return std::move(*tokenizer);
}

// Of this process, beside mapped files.
double anonymous_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::atof(line.c_str() + 8) / 1024;
  }
  give_up("no RssAnon in /proc/self/status");
}

void ask(const fs::path& file, const fs::path& model, double source_mb) {
  const auto vocabulary =
      std::make_shared<const EngramVocabulary>(vocabulary_of(*tokenizer_of(model)));
  const double opening = now();
  const auto segment = EngramSegment::open(file, *vocabulary);
  if (!segment) give_up(segment.error().message);
  print("open", (now() - opening) * 1e3, "ms");
  print("bytes_per_source_byte", static_cast<double>((*segment)->file_bytes()) / (source_mb * 1e6),
        "x");
  for (std::size_t i = 0; i < kSegmentSections; ++i) {
    print(fmt::format("section_{}", i),
          static_cast<double>((*segment)->section_bytes(i)) / (source_mb * 1e6), "x");
  }
  const auto snapshot = std::make_shared<EngramSnapshot>(std::span(&*segment, 1));
  const EngramView view(snapshot, vocabulary, {}, {});
  const Contexts contexts = sample_contexts(**segment, 20000);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
  time_lookups("cold", view, Contexts(contexts.begin(), contexts.begin() + 500), now);
  time_lookups("first", view, contexts, now);
  time_lookups("warm", view, contexts, now);
  time_lookups("warm_cpu", view, contexts, thread_cpu_now);
  print("anonymous", anonymous_mb(), "MB");
  fs::remove(file);
}

void build(const fs::path& root, const fs::path& model, double limit_mb) {
  const auto tokenizer = tokenizer_of(model);
  const EngramVocabulary vocabulary = vocabulary_of(*tokenizer);
  SegmentBuilder builder(vocabulary, false);
  double source_mb = 0, tokenize = 0;
  std::set<Sha256> seen;
  for (const fs::path& file : source_files(root)) {
    const auto text = read_file(file, std::size_t{4} << 20);
    if (!text) continue;
    if (source_mb + static_cast<double>(text->size()) / 1e6 > limit_mb) break;
    EngramContentInfo info;
    info.sha256 = sha256(*text);
    if (!seen.insert(info.sha256).second) continue;
    source_mb += static_cast<double>(text->size()) / 1e6;
    const double begin = cpu_now();
    const std::vector<TokenId> tokens = tokenizer->encode(*text);
    tokenize += cpu_now() - begin;
    if (const auto added = builder.add_content(info, tokens); !added) {
      give_up(added.error().message);
    }
    builder.add_path({fs::relative(file, root).string(), info.sha256, 1, 0, false});
  }
  print("source", source_mb, "MB");
  print("tokens", static_cast<double>(builder.tokens()) / 1e6, "M");
  print("tokenize", source_mb / tokenize, "MB/s");
  print("rss_tokenized", peak_rss_mb(), "MB");

  const fs::path file = fs::temp_directory_path() / fmt::format("bench_engrams.{}", ::getpid());
  const double begin = cpu_now();
  const auto sink = make_file_sink(file);
  if (const auto written = builder.write(*sink); !written) give_up(written.error().message);
  const double building = cpu_now() - begin;
  print("build", source_mb / building, "MB/s");
  print("tokenize_and_build", source_mb / (building + tokenize), "MB/s");
  print("rss_built", peak_rss_mb(), "MB");

  const std::string source = fmt::format("{}", source_mb);
  ::execl("/proc/self/exe", "bench_engrams", "--ask", file.c_str(), model.c_str(), source.c_str(),
          nullptr);
  give_up("cannot start anew to ask");
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--ask") {
    engram::ask(argv[2], argv[3], std::atof(argv[4]));
  } else if (argc < 3) {
    fmt::print(stderr, "usage: bench_engrams DIR MODEL.gguf [LIMIT_MB]\n");
    return 2;
  } else {
    engram::build(argv[1], argv[2], argc > 3 ? std::atof(argv[3]) : 1e9);
  }
}
