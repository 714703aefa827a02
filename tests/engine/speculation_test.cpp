#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "engine/local_engine.h"
#include "tests/support/catch.h"
#include "tests/support/scripted_model.h"
#include "tests/support/stepped_engine.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

std::shared_ptr<const Tokenizer> vocabulary() {
  static const auto tokenizer = tiny_tokenizer({.pre = "qwen2",
                                                .merges = {{" ", " "},
                                                           {"r", "e"},
                                                           {"re", "t"},
                                                           {"u", "r"},
                                                           {"ur", "n"},
                                                           {"ret", "urn"},
                                                           {" ", "return"},
                                                           {";", "\n"},
                                                           {")", "\n"}},
                                                .control = {"<|endoftext|>", "<|fim_middle|>"},
                                                .user_defined = {}});
  return tokenizer;
}
TokenId end_token() { return *vocabulary()->special("<|endoftext|>"); }
std::size_t vocab() { return vocabulary()->vocab_size(); }

// A model that mostly repeats what stood after the last token, and sometimes does not: drafts
// are right often, wrong often, and wrong in the middle.
ScriptedModel::Script mostly_repeats(double surprise) {
  return [=](const std::vector<TokenId>& sequence) {
    std::uint64_t state = 77;
    const std::size_t n = sequence.size();
    for (std::size_t i = n - std::min<std::size_t>(n, 9); i < n; ++i) {
      state = (state ^ static_cast<std::uint64_t>(sequence[i])) * 0x9E3779B97F4A7C15ULL + 1;
    }
    Logits logits(vocab());
    for (float& logit : logits) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      logit = static_cast<float>(state >> 40) / static_cast<float>(1 << 22);
    }
    const bool surprised = static_cast<double>(state >> 40) / double(1 << 24) < surprise;
    for (std::size_t i = n - 1; i-- > 0 && !surprised;) {
      if (sequence[i] != sequence.back()) continue;
      logits[static_cast<std::size_t>(sequence[i + 1])] += 6;
      break;
    }
    for (std::size_t i = 128; i < 256; ++i) logits[i] = -100;  // no halves of characters
    logits[vocab() - 1] = logits[vocab() - 2] = -100;
    return logits;
  };
}

// A model of eight letters: after each comes one of two, by turns that nobody can foresee.
ScriptedModel::Script two_ways() {
  const auto noise = mostly_repeats(1);
  return [=](const std::vector<TokenId>& sequence) {
    Logits logits = noise(sequence);
    std::uint64_t state = 1;
    for (const TokenId id : sequence) {
      state = (state ^ static_cast<std::uint64_t>(id)) * 0x9E3779B97F4A7C15ULL + 1;
    }
    const std::string_view last = vocabulary()->bytes(sequence.back());
    const int letter = last.empty() || last.back() < 'a' ? 0 : last.back() - 'a';
    const char next = static_cast<char>('a' + (2 * letter + int(state >> 40U) % 2) % 8);
    logits[static_cast<std::size_t>(vocabulary()->encode(std::string(1, next)).front())] += 8;
    return logits;
  };
}

const std::string kText = "f(a);\nif (x) return f(a);\nif (y) return f(b);\n  ret";

GenerationRequest ask(std::size_t max_tokens, std::size_t max_draft) {
  GenerationRequest request;
  request.prompt.push_back({PromptPart::Kind::kSpecial, "<|fim_middle|>"});
  request.prompt.push_back({PromptPart::Kind::kText, kText});
  request.max_tokens = max_tokens;
  request.max_draft = max_draft;
  return request;
}

void check_same(const GenerationResult& a, const GenerationResult& b) {
  CHECK(a.text == b.text);
  CHECK(a.stop_reason == b.stop_reason);
  REQUIRE(a.tokens.size() == b.tokens.size());
  for (std::size_t i = 0; i < a.tokens.size(); ++i) {
    CHECK(a.tokens[i].id == b.tokens[i].id);
    CHECK(a.tokens[i].begin == b.tokens[i].begin);
    CHECK(a.tokens[i].log_probability == b.tokens[i].log_probability);  // to the bit
  }
}

class FixedEvidence final : public Evidence {
 public:
  explicit FixedEvidence(EvidenceAnswer answer) : answer_(std::move(answer)) {}
  EvidenceAnswer next(std::span<const TokenId>, std::string_view,
                      const ModelChances& model) override {
    chance_of_10 = model.of(10);
    most = model.most();
    return answer_;
  }
  double chance_of_10 = 0, most = 0;

 private:
  EvidenceAnswer answer_;
};

class ToyEvidence final : public Evidence {
 public:
  explicit ToyEvidence(double weight) : weight_(weight) {}
  EvidenceAnswer next(std::span<const TokenId> context, std::string_view,
                      const ModelChances&) override {
    asked.emplace_back(context.begin(), context.end());
    // Every third token is known to be the one after the last in order.
    if (context.size() % 3 != 0) return {};
    return {weight_, {{(context.back() + 1) % 200, 0.75}, {-7, 1}, {5, NAN}, {9, -1}}};
  }
  std::vector<std::vector<TokenId>> asked;

 private:
  double weight_;
};

}  // namespace

TEST_CASE("speculation: output is that of plain decoding, to the bit", "[engine]") {
  const double temperature = GENERATE(0.0, 0.8);
  const double surprise = GENERATE(0.0, 0.1, 0.5);
  const bool line = GENERATE(false, true);
  const std::string typed = GENERATE("", "ret", " return f(");
  INFO(temperature << ' ' << surprise << ' ' << line << ' ' << typed);
  const auto run = [&](std::size_t max_draft, std::uint64_t seed) {
    SteppedEngine bench(vocabulary(), mostly_repeats(surprise));
    auto request = ask(60, max_draft);
    request.forced_text = typed;
    request.stop_at_line_end = line;
    request.temperature = temperature;
    request.seed = seed;
    request.stop_strings = {"zzz"};
    request.draft_texts = {kText, "something else;\n"};
    request.old_text = "return f(a);\nif (y) return f(b);\n";
    return bench.generate(request);
  };
  std::size_t drafted = 0;
  for (std::uint64_t seed = 0; seed < (temperature > 0 ? 4U : 1U); ++seed) {
    const auto plain = run(0, seed);
    CHECK(plain.drafted_tokens == 0);
    for (const std::size_t max_draft : {1U, 3U, 15U}) {
      const auto fast = run(max_draft, seed);
      check_same(fast, plain);
      drafted += fast.drafted_tokens;
    }
  }
  if (!line) CHECK(drafted > 0);
}

TEST_CASE("speculation: branches are verified, entered, and change no bit", "[engine]") {
  const double temperature = GENERATE(0.0, 0.8);
  const bool line = GENERATE(false, true);
  const std::string typed = GENERATE("", "ab");
  SteppedEngine bench(vocabulary(), two_ways());
  bench.log->fail = [&]() -> Result<void> {  // rows cost nothing: trees pay
    bench.time += std::chrono::milliseconds(10);
    return {};
  };
  std::size_t branches = 0, accepted = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const auto run = [&](std::size_t max_draft, std::size_t max_branches) {
      auto request = ask(120, max_draft);
      request.prompt.back().value = std::string(seed, 'f') + "abbccaadddhhheeggabdhecgaeb" + typed;
      request.max_branches = max_branches;
      request.stop_at_line_end = line;
      request.temperature = temperature;
      request.seed = seed;
      return bench.generate(request);
    };
    const auto plain = run(0, 0), chain = run(15, 0);
    check_same(chain, plain);
    CHECK(chain.branches == 0);
    for (const std::size_t max_branches : {1U, 3U}) {
      const auto tree = run(15, max_branches);
      check_same(tree, plain);
      branches += tree.branches;
      accepted += tree.accepted_branches;
    }
  }
  if (line) return;
  CHECK(accepted > 0);
  CHECK(branches > accepted);
  CHECK(bench.log->most_segments > 1);
}

TEST_CASE("speculation: a text that repeats takes a fraction of the passes", "[engine]") {
  const auto passes = [&](std::size_t max_draft) {
    SteppedEngine bench(vocabulary(), mostly_repeats(0));
    const auto result = bench.generate(ask(100, max_draft));
    CHECK(result.tokens.size() == 100);
    CHECK(result.accepted_tokens <= result.drafted_tokens);
    return result.decode_passes;
  };
  CHECK(passes(0) == 99);
  CHECK(passes(15) < 25);
}

TEST_CASE("speculation: an edit follows its old text across insertions and deletions", "[engine]") {
  std::string old_text, new_text;
  for (int i = 0; i < 40; ++i) old_text += "call(" + std::to_string(i * 7919 % 1000) + ");\n";
  new_text = old_text;
  new_text.insert(200, "added text\n");
  new_text.erase(300, 23);
  new_text.replace(100, 5, "other");
  const auto passes = [&](const std::string& draft) {
    SteppedEngine bench(vocabulary(), recite(vocabulary(), ">" + new_text, end_token()));
    GenerationRequest request;
    request.prompt.push_back({PromptPart::Kind::kText, ">"});
    request.max_tokens = 1000;
    request.old_text = draft;
    const auto result = bench.generate(request);
    CHECK(result.text == new_text);
    return result.decode_passes;
  };
  CHECK(passes(old_text) * 4 < passes(""));
}

TEST_CASE("speculation: an old text is followed from the first pass on, typed text or none",
          "[engine]") {
  const std::string text = "if (x) return f(a);\n";
  const auto passes = [&](std::size_t typed, std::size_t batch) {
    SteppedEngine bench(vocabulary(), recite(vocabulary(), ">" + text, end_token()), batch);
    GenerationRequest request;
    request.prompt.push_back({PromptPart::Kind::kText, ">"});
    request.forced_text = text.substr(0, typed);
    request.old_text = text.substr(typed);
    request.max_tokens = 100;
    const auto result = bench.generate(request);
    CHECK(result.text == request.old_text);
    return result.decode_passes;
  };
  for (const std::size_t typed : {0U, 1U, 4U, 6U, 16U}) {
    INFO(typed);
    CHECK(passes(typed, 128) <= 2);
  }
}

TEST_CASE("speculation: a drafter is told prompt and forced text before anything is chosen",
          "[engine]") {
  struct Recorder final : Drafter {
    void begin(std::span<const TokenId> prompt, std::string_view forced) override {
      CHECK(asked == 0);
      CHECK(begun == "");
      begun = vocabulary()->decode(prompt) + "|" + std::string(forced);
    }
    void observe(std::span<const TokenId> chosen) override {
      CHECK(begun != "");
      written += vocabulary()->decode(chosen);
    }
    std::vector<Draft> draft(std::size_t, std::size_t) const override {
      ++asked;
      return {};
    }
    std::string begun, written;
    mutable int asked = 0;
  };
  const std::string text(40, 'x');
  for (const std::size_t batch : {4U, 128U}) {  // the last batch leaves room for guesses, or none
    INFO(batch);
    SteppedEngine bench(vocabulary(), recite(vocabulary(), text + "abcdef;", end_token()), batch);
    GenerationRequest request;
    request.prompt.push_back({PromptPart::Kind::kText, text});
    request.forced_text = "ab";
    request.max_tokens = 100;
    const auto recorder = std::make_shared<Recorder>();
    request.drafter = recorder;
    CHECK(bench.generate(request).text == "cdef;");
    CHECK(recorder->begun == text + "a|b");
    CHECK(recorder->written.starts_with("bcde"));
  }
}

TEST_CASE("speculation: drafting stops where it is never right", "[engine]") {
  // The output changes after every repeated pair: what follows the match is always wrong.
  SteppedEngine bench(vocabulary(), babble(vocab()));
  std::size_t drafted = 0, tokens = 0;
  for (int i = 0; i < 20; ++i) {
    auto request = ask(60, 15);
    request.draft_texts = {std::string(300, 'a'), "abcabcabc"};
    request.prompt.back().value += std::to_string(i);
    const auto result = bench.generate(request);
    drafted += result.drafted_tokens;
    tokens += result.tokens.size();
  }
  CHECK(tokens > 1000);
  CHECK(drafted < tokens / 20);
}

TEST_CASE("speculation: sampled tokens have the model's distribution", "[engine]") {
  // One position, 3000 seeds, always with a draft that names one of its tokens: chi-square of the
  // tokens that were chosen against the probabilities of the model.
  const bool trees = GENERATE(false, true);
  const std::string text = trees ? "f(a);f(a).f(a);f(a).f(a)" : "f(a);f(a);f(a)";
  const auto script = mostly_repeats(0.0);
  const auto prompt = [&] {
    std::vector<TokenId> ids = {*vocabulary()->special("<|fim_middle|>")};
    for (const TokenId id : vocabulary()->encode(text)) ids.push_back(id);
    return ids;
  }();
  std::map<std::pair<TokenId, TokenId>, double> expected;
  const auto softmax = [&](const std::vector<TokenId>& sequence) {
    Logits logits = script(sequence);
    double sum = 0;
    for (const float x : logits) sum += std::exp(double(x));
    std::vector<double> p;
    for (const float x : logits) p.push_back(std::exp(double(x)) / sum);
    return p;
  };
  constexpr int kRuns = 3000;
  std::map<std::pair<TokenId, TokenId>, int> counts;
  std::size_t drafted = 0, accepted = 0, branches = 0;
  std::optional<SteppedEngine> bench;
  for (int seed = 0; seed < kRuns; ++seed) {
    if (seed % 50 == 0) {  // a new engine has not learnt yet that branches seldom pay here
      bench.emplace(vocabulary(), script);
      bench->log->fail = [&]() -> Result<void> {  // rows cost nothing
        bench->time += std::chrono::milliseconds(10);
        return {};
      };
    }
    GenerationRequest request;
    request.prompt.push_back({PromptPart::Kind::kSpecial, "<|fim_middle|>"});
    request.prompt.push_back({PromptPart::Kind::kText, text});
    request.temperature = 1;
    request.seed = static_cast<std::uint64_t>(seed);
    request.max_tokens = 2;
    const auto result = bench->generate(request);
    REQUIRE(result.tokens.size() == 2);
    drafted += result.drafted_tokens;
    accepted += result.accepted_tokens;
    branches += result.branches;
    ++counts[{result.tokens[0].id, result.tokens[1].id}];
  }
  CHECK(drafted > kRuns / 10);
  if (trees) CHECK(branches > kRuns / 10);
  CHECK(accepted < drafted);
  const auto first = softmax(prompt);
  double chi_square = 0, rest_expected = kRuns, rest_seen = kRuns;
  int cells = 0;
  for (std::size_t a = 0; a < first.size(); ++a) {
    if (first[a] * kRuns < 20) continue;
    auto sequence = prompt;
    sequence.push_back(static_cast<TokenId>(a));
    const auto second = softmax(sequence);
    for (std::size_t b = 0; b < second.size(); ++b) {
      const double e = kRuns * first[a] * second[b];
      if (e < 8) continue;
      const double seen = counts[{static_cast<TokenId>(a), static_cast<TokenId>(b)}];
      chi_square += (seen - e) * (seen - e) / e;
      rest_expected -= e;
      rest_seen -= seen;
      ++cells;
    }
  }
  if (rest_expected > 8) {
    chi_square += (rest_seen - rest_expected) * (rest_seen - rest_expected) / rest_expected;
    ++cells;
  }
  // Mean cells - 1, deviation sqrt(2 (cells - 1)): four deviations.
  INFO(chi_square << " with " << cells << " cells");
  REQUIRE(cells >= 2);
  CHECK(chi_square < cells - 1 + 4 * std::sqrt(2.0 * (cells - 1)) + 4);
}

TEST_CASE("evidence: none, or without weight, changes no bit", "[engine]") {
  SteppedEngine bench(vocabulary(), mostly_repeats(0.3));
  auto request = ask(40, 15);
  request.temperature = 0.7;
  const auto plain = bench.generate(request);
  request.evidence = std::make_shared<ToyEvidence>(0.0);
  check_same(bench.generate(request), plain);
}

TEST_CASE("evidence: is mixed in as documented", "[engine]") {
  Logits logits(vocab(), -INFINITY);
  logits[10] = std::log(0.5F);
  logits[20] = std::log(0.3F);
  logits[30] = std::log(0.2F);
  const auto probability = [&](const EvidenceAnswer& answer) {
    Sampler sampler(std::make_shared<TokenIndex>(vocabulary()), {});
    FixedEvidence evidence(answer);
    const auto token = sampler.sample(logits, {}, {&evidence, {}});
    REQUIRE(token);
    CHECK(std::abs(evidence.chance_of_10 - 0.5) < 1e-6);
    CHECK(evidence.most == evidence.chance_of_10);
    return std::pair(token->id, std::exp(token->log_probability));
  };
  const auto near = [](double x) { return Catch::Matchers::WithinAbs(x, 1e-6); };
  // w = 0.5, S = 0.8: p'(20) = 0.6 * 0.3 + 0.5 * 0.8.
  const auto mixed = probability({0.5, {{20, 0.8}}});
  CHECK(mixed.first == 20);
  CHECK_THAT(mixed.second, near(0.58));
  // A token the model gives no chance; masses above one are scaled down to it.
  const auto unseen = probability({0.9, {{40, 3}, {10, 1}}});
  CHECK(unseen.first == 40);
  CHECK_THAT(unseen.second, near(0.9 * 0.75));
  const auto certain = probability({7, {{40, 1}}});
  CHECK_THAT(certain.second, near(1));
  // What makes no sense is left out.
  const auto useless = probability({0.9, {{-1, 1}, {100'000, 1}, {20, NAN}, {20, -2}}});
  CHECK(useless.first == 10);
  CHECK_THAT(useless.second, near(0.5));
}

TEST_CASE("evidence: the model's chances are those of folded lines", "[engine]") {
  Logits logits(vocab(), -INFINITY);
  const auto index = std::make_shared<TokenIndex>(vocabulary());
  const TokenId plain = index->find(";"), glued = index->find(";\n"), other = index->find("a");
  REQUIRE(index->fold_of(glued) == plain);
  CHECK(index->fold_of(other) == other);
  logits[static_cast<std::size_t>(plain)] = std::log(0.3F);
  logits[static_cast<std::size_t>(glued)] = std::log(0.25F);
  logits[static_cast<std::size_t>(other)] = std::log(0.45F);
  struct Asker final : Evidence {
    EvidenceAnswer next(std::span<const TokenId>, std::string_view,
                        const ModelChances& model) override {
      for (const TokenId token : tokens) seen.push_back(model.of(token));
      return {};
    }
    std::vector<TokenId> tokens;
    std::vector<double> seen;
  };
  for (const bool fold : {false, true}) {
    Asker asker;
    asker.tokens = {plain, glued, other, -1, 1'000'000};
    Sampler sampler(index, {.fold_lines = fold});
    REQUIRE(sampler.sample(logits, {}, {&asker, {}}));
    const std::vector<double> expected =
        fold ? std::vector{0.55, 0.55, 0.45, 0.0, 0.0} : std::vector{0.3, 0.25, 0.45, 0.0, 0.0};
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(std::abs(asker.seen[i] - expected[i]) < 1e-6);
    }
  }
}

TEST_CASE("evidence: drafts change neither its questions nor the output", "[engine]") {
  const double temperature = GENERATE(0.0, 0.9);
  const auto run = [&](std::size_t max_draft, const std::shared_ptr<ToyEvidence>& evidence) {
    SteppedEngine bench(vocabulary(), mostly_repeats(0.1));
    auto request = ask(60, max_draft);
    request.temperature = temperature;
    request.evidence = evidence;
    return bench.generate(request);
  };
  const auto slow = std::make_shared<ToyEvidence>(0.6), fast = std::make_shared<ToyEvidence>(0.6);
  const auto plain = run(0, slow), drafted = run(15, fast);
  check_same(drafted, plain);
  CHECK(drafted.drafted_tokens > 0);
  CHECK(fast->asked == slow->asked);
}

}  // namespace engram
