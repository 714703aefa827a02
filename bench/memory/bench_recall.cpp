// bench_recall DIR MODEL.gguf TOKENS [SAMPLES] [SEED]: is everything recalled, at this size?
//
// Reads the source files of DIR in order of path up to TOKENS tokens, remembers them as three
// segments, draws SAMPLES places whose context of 4 to 16 tokens occurs elsewhere too, and holds
// iterator and ranked lists against an oracle that reads the whole text. Then the contexts that
// occur most often are asked for. One JSON line; exit status 1 when anything was not recalled.

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "bench/support/measurement.h"
#include "bench/support/scratch_directory.h"
#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/json.h"
#include "engine/gguf.h"
#include "engine/tokenizer/tokenizer.h"
#include "memory/engrams/segment_builder.h"
#include "memory/engrams/snapshot.h"
#include "tests/memory/recall_oracle.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSegments = 3;
constexpr std::size_t kFrequentContexts = 500, kRepeats = 5;

double cpu_us() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) * 1e-3;
}

struct Corpus {
  std::vector<ContentTokens> contents;
  std::vector<Sha256> hashes;
  std::uint64_t tokens = 0, bytes = 0;
};

Corpus read_corpus(const fs::path& root, const Tokenizer& tokenizer, std::uint64_t most) {
  static const std::set<std::string> sources = {".c",  ".h",  ".cc", ".cpp", ".hpp", ".cxx", ".py",
                                                ".rs", ".go", ".js", ".ts",  ".S",   ".java"};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && !entry.is_symlink() &&
        sources.contains(entry.path().extension().string())) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  Corpus out;
  std::set<Sha256> seen;
  for (const fs::path& file : files) {
    const auto text = read_file(file, std::size_t{4} << 20);
    if (!text || !seen.insert(sha256(*text)).second) continue;
    out.contents.push_back(tokenizer.encode(*text));
    out.hashes.push_back(sha256(*text));
    out.bytes += text->size();
    out.tokens += out.contents.back().size();
    if (out.tokens >= most) break;
  }
  return out;
}

std::shared_ptr<const EngramSnapshot> remember(const Corpus& corpus,
                                               const EngramVocabulary& vocabulary,
                                               const fs::path& directory) {
  std::vector<std::shared_ptr<const EngramSegment>> segments;
  std::size_t c = 0;
  for (std::size_t part = 1; part <= kSegments; ++part) {
    SegmentBuilder builder(vocabulary, false);
    for (; c < corpus.contents.size(); ++c) {
      if (part < kSegments && builder.tokens() >= corpus.tokens >> part)
        break;  // a half, a quarter
      EngramContentInfo info;
      info.sha256 = corpus.hashes[c];
      if (const auto added = builder.add_content(info, corpus.contents[c]); !added) {
        give_up(added.error().message);
      }
      builder.add_path({fmt::format("f{}", c), info.sha256, part, 0, false});
    }
    const fs::path file = directory / fmt::format("{}.seg", part);
    const auto sink = make_file_sink(file);
    if (const auto written = builder.write(*sink); !written) give_up(written.error().message);
    auto segment = EngramSegment::open(file, vocabulary);
    if (!segment) give_up(segment.error().message);
    segments.push_back(*segment);
  }
  return std::make_shared<const EngramSnapshot>(segments);
}

// Contexts of 1 to 3 tokens that occur most often, by counting.
std::vector<std::pair<std::uint64_t, std::vector<EngramToken>>> frequent_contexts(
    const Corpus& corpus) {
  std::vector<std::pair<std::uint64_t, std::vector<EngramToken>>> out;
  for (const std::size_t length : {1u, 2u, 3u}) {
    std::unordered_map<std::string, std::uint64_t> counts;
    // Every 16th place is enough to know which are the most frequent.
    for (const ContentTokens& c : corpus.contents) {
      for (std::size_t p = length; p < c.size(); p += 16) {
        ++counts[std::string(reinterpret_cast<const char*>(c.data() + p - length),
                             length * sizeof(EngramToken))];
      }
    }
    for (const auto& [key, count] : counts) {
      if (count < 64) continue;
      std::vector<EngramToken> context(length);
      std::copy_n(key.data(), key.size(), reinterpret_cast<char*>(context.data()));
      out.emplace_back(count * 16, std::move(context));
    }
  }
  std::sort(out.rbegin(), out.rend());
  if (out.size() > kFrequentContexts) out.resize(kFrequentContexts);
  return out;
}

json::object time_frequent(const EngramView& view, const Corpus& corpus) {
  const auto contexts = frequent_contexts(corpus);
  std::vector<double> times;
  LookupAnswer answer;
  std::uint64_t most = 0, million = 0;
  for (const auto& [about, context] : contexts) {
    for (std::size_t i = 0; i < kRepeats; ++i) {
      const double begin = cpu_us();
      view.look_up(context, answer);
      (void)view.positions(context, context.size());
      if (i > 0) times.push_back(cpu_us() - begin);
    }
    if (answer.longest() == nullptr) give_up("a frequent context is not there");
    most = std::max(most, answer.longest()->occurrences);
    if (answer.longest()->occurrences >= 1'000'000) ++million;
  }
  if (times.empty()) return {};
  std::sort(times.begin(), times.end());
  return {{"contexts", contexts.size()},
          {"of_a_million", million},
          {"most_occurrences", most},
          {"p50_us", times[times.size() / 2]},
          {"p99_us", times[times.size() * 99 / 100]},
          {"worst_us", times.back()}};
}

int run(const fs::path& root, const fs::path& model, std::uint64_t tokens, std::size_t wanted,
        std::uint64_t seed) {
  auto gguf = GgufFile::open(model);
  if (!gguf) give_up(gguf.error().message);
  auto tokenizer = Tokenizer::from_gguf(**gguf);
  if (!tokenizer) give_up(tokenizer.error().message);
  std::vector<std::string_view> bytes;
  for (std::size_t id = 0; id < (*tokenizer)->vocab_size(); ++id) {
    bytes.push_back((*tokenizer)->bytes(static_cast<TokenId>(id)));
  }
  const auto vocabulary =
      std::make_shared<const EngramVocabulary>(std::string((*tokenizer)->fingerprint()), bytes);
  const Corpus corpus = read_corpus(root, **tokenizer, tokens);
  const ScratchDirectory segments;
  const EngramView view(remember(corpus, *vocabulary, segments.path()), vocabulary, {}, {});
  const auto samples = sample_recall(corpus.contents, wanted, seed);
  const RecallScore score = score_recall(view, samples);
  const json::object frequent = time_frequent(view, corpus);
  const bool whole = score.samples == wanted && score.iterated == score.samples &&
                     score.counted == score.samples && score.rare_ranked == score.rare;
  fmt::print("{}\n", to_json({{"corpus", json_string(root.filename().string())},
                              {"tokens", corpus.tokens},
                              {"bytes", corpus.bytes},
                              {"seed", seed},
                              {"samples", score.samples},
                              {"iterated", score.iterated},
                              {"counted", score.counted},
                              {"up_to_64", score.rare},
                              {"up_to_64_ranked", score.rare_ranked},
                              {"more", score.often},
                              {"more_ranked", score.often_ranked},
                              {"frequent", frequent},
                              {"result", whole ? "passed" : "failed"}}));
  if (!whole) fmt::print(stderr, "bench_recall: {}\n", score.first_wrong);
  return whole ? 0 : 1;
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: bench_recall DIR MODEL.gguf TOKENS [SAMPLES] [SEED]\n");
    return 2;
  }
  return engram::run(argv[1], argv[2], std::strtoull(argv[3], nullptr, 10),
                     argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 10'000,
                     argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 1);
}
