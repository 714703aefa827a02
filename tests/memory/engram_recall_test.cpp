// Everything is recalled: places of a real text, held against an oracle that reads all of it; and a
// context that occurs a million times.
#include <algorithm>
#include <filesystem>
#include <map>

#include "core/atomic_file.h"
#include "memory/sub_words.h"
#include "tests/memory/engram_fixture.h"
#include "tests/memory/recall_oracle.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

// Engram's own sources: identifiers, runs of spaces and single characters as tokens.
struct OwnSources {
  std::vector<ContentTokens> contents;
  std::vector<std::string> names;
  std::shared_ptr<const EngramVocabulary> vocabulary;

  OwnSources() {
    const fs::path root = fs::path(ENGRAM_TEST_DATA).parent_path().parent_path();
    std::map<std::string, EngramToken> ids;
    std::vector<std::string> words;
    std::vector<fs::path> files;
    for (const char* folder : {"core", "memory"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h") {
          files.push_back(entry.path());
        }
      }
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      const auto text = read_file(file);
      REQUIRE(text);
      names.push_back(file.filename().string());
      ContentTokens& tokens = contents.emplace_back();
      for (std::size_t at = 0; at < text->size();) {
        std::size_t end = at;
        const bool word = is_identifier_byte(static_cast<unsigned char>((*text)[at]));
        while (end < text->size() && end - at < 40 &&
               (word ? is_identifier_byte(static_cast<unsigned char>((*text)[end]))
                     : (*text)[end] == ' ')) {
          ++end;
        }
        end = std::max(end, at + 1);
        const auto [id, fresh] =
            ids.emplace(text->substr(at, end - at), static_cast<EngramToken>(words.size()));
        if (fresh) words.push_back(id->first);
        tokens.push_back(id->second);
        if (tokens.size() % 997 == 0) tokens.push_back(kEngramCut);
        at = end;
      }
    }
    const std::vector<std::string_view> views(words.begin(), words.end());
    vocabulary = std::make_shared<EngramVocabulary>("own sources", views);
  }
};

}  // namespace

TEST_CASE("engrams: every sampled place of a real text is recalled, in one segment and in three",
          "[memory]") {
  static const OwnSources sources;
  REQUIRE(sources.contents.size() > 50);
  const std::size_t parts = GENERATE(1u, 3u);
  std::vector<std::shared_ptr<const EngramSegment>> segments;
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<RememberedFile> files;
    for (std::size_t i = part; i < sources.contents.size(); i += parts) {
      files.push_back({std::to_string(i) + sources.names[i], sources.contents[i]});
    }
    segments.push_back(segment_of(*sources.vocabulary, files, part + 1));
  }
  const EngramView view(std::make_shared<EngramSnapshot>(segments), sources.vocabulary, {}, {});
  const auto samples = sample_recall(sources.contents, 10'000, 11);
  REQUIRE(samples.size() == 10'000);
  const RecallScore score = score_recall(view, samples);
  INFO(score.first_wrong);
  CHECK(score.iterated == score.samples);
  CHECK(score.counted == score.samples);
  CHECK(score.rare_ranked == score.rare);
  CHECK(score.rare > 5000);
}

TEST_CASE("engrams: a context that occurs a million times is counted whole and answered capped",
          "[memory]") {
  constexpr std::uint32_t kPairs = 1'000'000, kDifferent = 100;
  const auto vocabulary = numbered_vocabulary(200);
  Tokens tokens;
  tokens.reserve(2 * kPairs);
  for (std::uint32_t i = 0; i < kPairs; ++i) {
    tokens.push_back(5);
    tokens.push_back(static_cast<EngramToken>(10 + i % kDifferent));
  }
  const auto segment = segment_of(*vocabulary, {{"a", tokens}});
  const EngramView view(std::make_shared<EngramSnapshot>(std::span(&segment, 1)), vocabulary, {},
                        {});
  LookupAnswer answer;
  view.look_up(Tokens{12, 5}, answer);  // 12 begins another pair: 5 is followed by 13
  REQUIRE(answer.matches().size() == 2);
  CHECK(answer.matches()[0].occurrences == kPairs / kDifferent);
  CHECK(answer.matches()[0].distinct == 1);
  CHECK(answer.matches()[0].next[0].token == 13);
  const ContextMatch& one = answer.matches()[1];
  CHECK(one.exact);
  CHECK(one.occurrences == kPairs);
  CHECK(one.distinct == kDifferent);
  REQUIRE(one.next.size() == ContextMatch::kMaxNext);
  for (const NextToken& next : one.next) CHECK(next.count == kPairs / kDifferent);
  CHECK(view.positions(Tokens{5}, 1).size() == ContextMatch::kMaxPositions);
  std::uint64_t all = 0;
  view.for_each(Tokens{5}, [&](EngramPosition) { return ++all > 0; });
  CHECK(all == kPairs);
}

}  // namespace engram
