// The engram memory as the engine asks it: guesses, and masses for the next token.
#include <cmath>
#include <fstream>
#include <map>
#include <random>

#include "assist/recall/memory_drafter.h"
#include "assist/recall/memory_evidence.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

using Tokens = std::vector<TokenId>;

std::shared_ptr<const Tokenizer> vocabulary() {
  static const auto tokenizer = tiny_tokenizer(
      {.pre = "qwen2",
       .merges = {{";", "\n"}, {")", "\n"}, {")", ";"}, {");", "\n"}},
       .control = {"<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"},
       .user_defined = {}});
  return tokenizer;
}

std::shared_ptr<const EngramVocabulary> memory_vocabulary() {
  std::vector<std::string_view> bytes;
  for (std::size_t id = 0; id < vocabulary()->vocab_size(); ++id) {
    bytes.push_back(vocabulary()->bytes(static_cast<TokenId>(id)));
  }
  return std::make_shared<EngramVocabulary>(std::string(vocabulary()->fingerprint()), bytes);
}

EngramBuffer buffer(const std::string& path, const std::vector<Tokens>& pieces) {
  EngramBuffer out;
  out.path = path;
  for (const Tokens& tokens : pieces) out.pieces.push_back({1, tokens});
  return out;
}

std::shared_ptr<const EngramView> view_of(const std::vector<EngramBuffer>& buffers,
                                          const std::string& path) {
  return std::make_shared<EngramView>(nullptr, memory_vocabulary(), buffers,
                                      EngramView::Options{path, false});
}

Tokens ids(std::string_view text) { return vocabulary()->encode(text); }
TokenId special(std::string_view name) { return *vocabulary()->special(name); }

Tokens joined(std::initializer_list<Tokens> parts) {
  Tokens all;
  for (const Tokens& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

TEST_CASE("recall place: what is generated in the middle follows the text before the hole",
          "[assist]") {
  const RecallPlace place{special("<|fim_middle|>"), ids("return ")};
  const Tokens prompt = joined({{special("<|fim_prefix|>")},
                                ids("return "),
                                {special("<|fim_suffix|>")},
                                ids("other text"),
                                {special("<|fim_middle|>")}});
  CHECK(place.context(prompt) == ids("return "));
  CHECK(place.context(joined({prompt, ids("ab")})) == ids("return ab"));
  const Tokens longer = ids("abcdefghijklmnopqrstuvwxyz");
  CHECK(place.context(joined({prompt, longer})) == Tokens(longer.end() - 16, longer.end()));
  CHECK(RecallPlace{}.context(ids("xy")) == ids("xy"));
  CHECK(RecallPlace{}.context({}).empty());
}

TEST_CASE("memory drafter: the repository's continuations, the longest context first", "[assist]") {
  const auto view = view_of({buffer("a.cpp", {ids("call(first, second);\ncall(first, third);\n")}),
                             buffer("b.cpp", {ids("call(first, third);\nfall(fourth)")})},
                            "c.cpp");
  const auto drafter = make_memory_drafter(view, ContextSpelling());
  CHECK(drafter->draft(8, 4).empty());
  drafter->begin(ids("call(first, "), {});
  const auto drafts = drafter->draft(6, 4);
  REQUIRE(drafts.size() >= 2);
  CHECK(drafts[0].tokens == ids("third)"));
  CHECK(drafts[0].first.matched == 12);
  CHECK((drafts[0].first.seen == 2 && drafts[0].first.places == 3));
  CHECK(drafts[1].tokens == ids("second"));
  CHECK(drafts[1].first.seen == 1);
  for (const Draft& draft : drafts) CHECK(draft.tokens.size() <= 6);
  const auto unseen = make_memory_drafter(view, ContextSpelling(), kUnseen);
  unseen->begin(ids("fir"), {});
  CHECK(unseen->draft(6, 4).empty());  // too short
  unseen->observe(ids("call(first, "));
  REQUIRE_FALSE(unseen->draft(6, 4).empty());
  CHECK(unseen->draft(6, 4)[0].tokens == drafts[0].tokens);
  CHECK(unseen->draft(6, 4)[0].first.matched == kUnseen.most);
  drafter->observe(ids("s"));
  REQUIRE(drafter->draft(20, 4).size() == 1);
  CHECK(vocabulary()->decode(drafter->draft(7, 4)[0].tokens) == "econd);\n");
  drafter->observe(ids("#"));
  CHECK(drafter->draft(8, 4).empty());
}

TEST_CASE("memory drafter: goes on as most places do, with the share of each token", "[assist]") {
  const auto view = view_of({buffer("a.cpp", {ids("go to one;")}),
                             buffer("b.cpp", {ids("go to two!"), ids("go to two?")})},
                            "a.cpp");
  const auto drafter = make_memory_drafter(view, ContextSpelling());
  drafter->begin(ids("go t"), {});
  const auto drafts = drafter->draft(6, 1);
  REQUIRE(drafts.size() == 1);
  CHECK(vocabulary()->decode(drafts[0].tokens) == "o two!");
  const auto share = [&](std::size_t depth) {
    const DraftSupport support = drafts[0].support(depth);
    return std::pair(support.seen, support.places);
  };
  CHECK(share(0) == std::pair(3U, 3U));
  CHECK(share(2) == std::pair(2U, 3U));
  CHECK(share(3) == std::pair(2U, 2U));
  CHECK(share(5) == std::pair(1U, 2U));
  CHECK(drafts[0].support(5).matched == 9);
}

TEST_CASE("gate: the study's formula, with files for other numbers", "[assist]") {
  const GateParameters gate;
  const auto logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
  const auto near = [](double x) { return Catch::Matchers::WithinAbs(x, 1e-12); };
  CHECK_THAT(gate_weight(gate, {1, 1, 0, 1}), near(logistic(-1.62 + 0.62 - 2.63)));
  CHECK_THAT(
      gate_weight(gate, {20, 4, 0.5, 0.6}),
      near(logistic(-1.62 + 0.60 * std::log(20) - 1.05 * std::log(4) + 1.67 * 0.5 - 2.63 * 0.6)));
  TemporaryDirectory dir;
  const auto file = dir.path() / "gate.json";
  const auto load = [&](const std::string& text) {
    std::ofstream(file) << text;
    return load_gate(file);
  };
  const auto fitted =
      load(R"({"bias": -2, "distinct": -0.5, "orders": 8, "fitted_on": "leveldb"})");
  REQUIRE(fitted);
  CHECK(fitted->bias == -2);
  CHECK(fitted->distinct == -0.5);
  CHECK(fitted->orders == 8);
  CHECK(fitted->certain == gate.certain);
  const auto same = load(gate_json(*fitted));
  REQUIRE(same);
  CHECK(same->bias == fitted->bias);
  CHECK(same->orders == fitted->orders);
  for (const char* bad : {"", "[]", "{\"bias\": \"x\"}", "{\"bias\": 1e300}", "{\"orders\": 17}",
                          "{\"orders\": 0}", "{\"orders\": 1.5}", "{\"same_file\": -1}"}) {
    INFO(bad);
    const auto refused = load(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::kCorrupt);
    CHECK(refused.error().message.find("gate.json") != std::string::npos);
  }
  CHECK_FALSE(load_gate(dir.path() / "none.json"));
}

namespace {

// A model that gives every token the chance it was told, folded if asked.
class ToldChances final : public ModelChances {
 public:
  ToldChances(std::vector<double> p, std::shared_ptr<const TokenIndex> folds)
      : p_(std::move(p)), folds_(std::move(folds)) {}
  double of(TokenId token) const override {
    double sum = 0;
    for (std::size_t i = 0; i < p_.size(); ++i) {
      if (fold(static_cast<TokenId>(i)) == fold(token)) sum += p_[i];
    }
    return sum;
  }
  double most() const override {
    return of(static_cast<TokenId>(std::max_element(p_.begin(), p_.end()) - p_.begin()));
  }
  TokenId fold(TokenId token) const { return folds_ ? folds_->fold_of(token) : token; }
  const std::vector<double>& dense() const { return p_; }

 private:
  std::vector<double> p_;
  std::shared_ptr<const TokenIndex> folds_;
};

struct Text {
  Tokens tokens;
  bool same_file;
};

// One order after the other over a dense distribution, counting by comparison with every place.
std::vector<double> brute_force(const std::vector<Text>& texts, const Tokens& context,
                                const ToldChances& model, const GateParameters& gate) {
  std::vector<double> p = model.dense();
  for (std::size_t n = 1; n <= std::min<std::size_t>(context.size(), gate.orders); ++n) {
    std::map<TokenId, double> q, folded;
    std::uint64_t occurrences = 0;
    double total = 0;
    for (const Text& text : texts) {
      for (std::size_t i = n; i < text.tokens.size(); ++i) {
        if (!std::equal(context.end() - std::ptrdiff_t(n), context.end(),
                        text.tokens.begin() + std::ptrdiff_t(i - n))) {
          continue;
        }
        const double count = text.same_file ? 1 + gate.same_file : 1;
        q[text.tokens[i]] += count;
        folded[model.fold(text.tokens[i])] += count;
        total += count;
        ++occurrences;
      }
    }
    if (occurrences == 0) break;
    TokenId top = -1;
    for (const auto& [token, count] : folded) {
      if (top < 0 || count > folded[top] + 1e-9) top = token;
    }
    const double weight =
        gate_weight(gate, {occurrences, folded.size(), model.of(top), model.most()});
    for (double& x : p) x *= 1 - weight;
    for (const auto& [token, count] : q) p[std::size_t(token)] += weight * count / total;
  }
  return p;
}

}  // namespace

TEST_CASE("memory evidence: what is mixed is what a count of every place says", "[assist]") {
  std::mt19937 random(7);
  const auto index = std::make_shared<const TokenIndex>(vocabulary());
  // Few kinds of tokens, some of which differ only in their line end.
  const Tokens alphabet = {';', *ids(";\n").begin(), ')', *ids(")\n").begin(), 'a', 'b', 'c', '\n'};
  std::size_t answered = 0, silent = 0;
  for (int round = 0; round < 60; ++round) {
    const bool fold = round % 2 == 0;
    const auto draw = [&](std::size_t n) {
      Tokens tokens;
      for (std::size_t i = 0; i < n; ++i) tokens.push_back(alphabet[random() % alphabet.size()]);
      return tokens;
    };
    const std::vector<Text> texts = {
        {draw(random() % 60), false}, {draw(random() % 60), true}, {draw(random() % 30), true}};
    const auto view = view_of({buffer("other.cpp", {texts[0].tokens}),
                               buffer("this.cpp", {texts[1].tokens, texts[2].tokens})},
                              "this.cpp");
    GateParameters gate;
    gate.orders = 1 + random() % 16;
    std::vector<double> p(vocabulary()->vocab_size());
    double sum = 0;
    for (const TokenId token : alphabet) sum += p[std::size_t(token)] = double(1 + random() % 100);
    for (double& x : p) x /= sum;
    const ToldChances model(p, fold ? index : nullptr);
    const auto evidence =
        make_memory_evidence(view, ContextSpelling(), fold ? index : nullptr, gate);
    for (int asked = 0; asked < 20; ++asked) {
      Tokens context = draw(1 + random() % 20);
      if (asked % 4 == 0) context.push_back('z');  // stands nowhere
      const auto answer = evidence->next(context, "", model);
      const auto expected = brute_force(texts, context, model, gate);
      double masses = 0;
      std::vector<double> mixed = p;
      for (double& x : mixed) x *= 1 - answer.weight;
      for (const EvidenceMass& mass : answer.masses) {
        masses += mass.mass;
        mixed[std::size_t(mass.token)] += answer.weight * mass.mass;
      }
      (answer.weight > 0 ? answered : silent) += 1;
      if (answer.weight > 0) CHECK(std::abs(masses - 1) < 1e-9);
      double worst = 0;
      for (std::size_t i = 0; i < mixed.size(); ++i) {
        worst = std::max(worst, std::abs(mixed[i] - expected[i]));
      }
      CHECK(worst < 1e-9);
    }
  }
  CHECK(answered > 300);
  CHECK(silent > 100);
}

namespace {

// Looks ahead as GPT-2's does: of white space the last character goes with what follows.
std::shared_ptr<const TokenIndex> looking_ahead() {
  static const auto index =
      std::make_shared<const TokenIndex>(tiny_tokenizer({.pre = "smollm",
                                                         .merges = {{"\n", "\n"},
                                                                    {" ", " "},
                                                                    {"\n", "  "},
                                                                    {" ", "x"},
                                                                    {" ", "f"},
                                                                    {"o", "o"},
                                                                    {" f", "oo"},
                                                                    {"b", "a"},
                                                                    {"ba", "r"},
                                                                    {" foo", "bar"},
                                                                    {" ", "("},
                                                                    {"(", ")"},
                                                                    {"()", ";"}},
                                                         .control = {"<|endoftext|>"},
                                                         .user_defined = {}}));
  return index;
}

// Blank lines, indentation and words that begin alike.
constexpr const char* kRemembered =
    "a();\n\n   foobar();\n   foo(bar);\n\n\nfoo();\n  (a) foobar x\n\n   x = 17();\n";

Tokens spelt(std::string_view text) { return looking_ahead()->tokenizer().encode(text); }

std::shared_ptr<const EngramView> looking_ahead_at(const std::string& text) {
  std::vector<std::string_view> bytes;
  const Tokenizer& tokenizer = looking_ahead()->tokenizer();
  for (std::size_t id = 0; id < tokenizer.vocab_size(); ++id) {
    bytes.push_back(tokenizer.bytes(static_cast<TokenId>(id)));
  }
  return std::make_shared<EngramView>(
      nullptr, std::make_shared<EngramVocabulary>(std::string(tokenizer.fingerprint()), bytes),
      std::vector{buffer("other.cpp", {spelt(text)})}, EngramView::Options{"this.cpp", false});
}

EvidenceAnswer asked(const std::shared_ptr<const EngramView>& view, const Tokens& sequence,
                     std::string_view forced) {
  const auto evidence =
      make_memory_evidence(view, ContextSpelling({}, looking_ahead()), nullptr, {});
  const std::size_t n = looking_ahead()->tokenizer().vocab_size();
  return evidence->next(sequence, forced,
                        ToldChances(std::vector<double>(n, 1 / double(n)), nullptr));
}

}  // namespace

TEST_CASE("context spelling: as a file that goes on spells it, the last bytes open", "[assist]") {
  const ContextSpelling spelling({}, looking_ahead());
  using Ways = std::vector<std::pair<Tokens, std::string>>;
  const auto open = [&](std::string_view text) {
    Ways ways;
    for (const SpelledContext& way : spelling.open(text)) ways.emplace_back(way.tokens, way.open);
    return ways;
  };
  CHECK(spelt("}\n\nx").size() == 4);
  CHECK(spelt("}\n\n").size() == 2);
  CHECK(open("}\n\n") == Ways{{{'}', '\n', '\n'}, ""}});
  CHECK(open("{\n   ") == Ways{{joined({{'{'}, spelt("\n  ")}), " "}});
  CHECK(open("; foo") == Ways{{{';'}, " foo"}});
  CHECK(open("a(") == Ways{{{'a'}, "("}});
  CHECK(open("(fo") == Ways{{{'('}, "fo"}, {{'(', 'f'}, "o"}});
  CHECK(open("").empty());
  CHECK(spelling.chosen(joined({{'{', '\n'}, {' ', ' '}, spelt(" foo")})) ==
        joined({{'{'}, spelt("\n  "), spelt(" foo")}));
  CHECK(spelling.chosen(joined({{'{', '\n'}, spelt("  ")})) == joined({{'{', '\n'}, spelt("  ")}));
  const TokenId end = *looking_ahead()->tokenizer().special("<|endoftext|>");
  CHECK(spelling.text(Tokens{'a', end, 'b', 'c'}) == "bc");
  CHECK(ContextSpelling().chosen(Tokens{'a', '\n', '\n'}) == Tokens{'a', '\n', '\n'});
}

// What a file has is known wherever the cursor stands in a copy of it, however the prompt that
// stops there is spelt.
TEST_CASE("memory evidence: a remembered text goes on at every place of it", "[assist]") {
  const std::string text = kRemembered;
  const auto view = looking_ahead_at(text);
  const Tokenizer& tokenizer = looking_ahead()->tokenizer();
  const auto goes_on = [&](const EvidenceAnswer& answer, std::string_view rest) {
    return std::any_of(answer.masses.begin(), answer.masses.end(), [&](const EvidenceMass& mass) {
      return mass.mass > 0 && rest.starts_with(tokenizer.bytes(mass.token));
    });
  };
  std::size_t forced = 0;
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    if (text[cut] == ' ' || text[cut] == '\n') continue;  // a prompt that stops within white space
    INFO(cut);
    const std::string_view before = std::string_view(text).substr(0, cut);
    CHECK(goes_on(asked(view, spelt(before), ""), std::string_view(text).substr(cut)));
    // Typed since the line began, so forced: memory tells which token goes on with what is typed,
    // and nothing where its own ends before.
    const std::size_t line =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto ways = ContextSpelling({}, looking_ahead()).open(before);
    const std::size_t begin = cut - ways.front().open.size();
    if (line == 0 || begin < line || begin == cut) continue;
    const auto answer = asked(view, spelt(before.substr(0, begin)), before.substr(begin));
    if (answer.masses.empty()) continue;
    ++forced;
    CHECK(goes_on(answer, std::string_view(text).substr(begin)));
    for (const EvidenceMass& mass : answer.masses) {
      CHECK(tokenizer.bytes(mass.token).starts_with(before.substr(begin)));
    }
  }
  CHECK(forced >= 15);
}

TEST_CASE("memory drafter: a remembered text goes on at every place of it", "[assist]") {
  const std::string text = kRemembered;
  const auto view = looking_ahead_at(text);
  const Tokenizer& tokenizer = looking_ahead()->tokenizer();
  const auto has = [&](const Drafter& drafter, std::string_view rest) {
    const auto drafts = drafter.draft(8, 4);
    return std::any_of(drafts.begin(), drafts.end(), [&](const Draft& draft) {
      return rest.starts_with(tokenizer.decode(draft.tokens));
    });
  };
  std::size_t guessed = 0, forced = 0;
  for (std::size_t cut = 12; cut + 1 < text.size(); ++cut) {
    INFO(cut);
    const std::string_view before = std::string_view(text).substr(0, cut);
    const auto drafter = make_memory_drafter(view, ContextSpelling({}, looking_ahead()));
    drafter->begin(spelt(before), {});
    const std::string_view rest = std::string_view(text).substr(cut);
    guessed += has(*drafter, rest) ? 1 : 0;
    // The last word typed and forced, as far as it is one token's.
    const auto ways = ContextSpelling({}, looking_ahead()).open(before);
    const std::string_view open = ways.front().open;
    if (open.size() < 2) continue;
    const std::size_t begin = cut - open.size() + 1;
    const auto typed = make_memory_drafter(view, ContextSpelling({}, looking_ahead()));
    typed->begin(spelt(before.substr(0, begin)), before.substr(begin));
    const bool known = has(*typed, std::string_view(text).substr(begin));
    forced += known ? 1 : 0;
    // One byte of it chosen, the others still forced.
    typed->observe(Tokens{static_cast<TokenId>(text[begin])});
    if (known && cut - begin > 1) CHECK(has(*typed, std::string_view(text).substr(begin + 1)));
  }
  CAPTURE(guessed, forced);
  CHECK(guessed >= 50);
  CHECK(forced >= 10);
}

TEST_CASE("memory evidence: a blank line is not followed by another because prompts end there",
          "[assist]") {
  const auto view = looking_ahead_at("}\n\nfoo();\n}\n\nfoo();\n}\n\n\nbar();\n");
  const auto answer = asked(view, spelt("x }\n\n"), "");
  const auto mass_of = [&](TokenId token) {
    double sum = 0;
    for (const EvidenceMass& mass : answer.masses) sum += mass.token == token ? mass.mass : 0;
    return sum;
  };
  CHECK(mass_of('f') > 0.9);
  // With the prompt's own tokens only the place with two blank lines is known.
  const auto blind = make_memory_evidence(view, ContextSpelling(), nullptr, {});
  const std::size_t n = looking_ahead()->tokenizer().vocab_size();
  const auto wrong = blind->next(spelt("x }\n\n"), "",
                                 ToldChances(std::vector<double>(n, 1 / double(n)), nullptr));
  REQUIRE(wrong.masses.size() == 1);
  CHECK(wrong.masses[0].token == '\n');
}

}  // namespace engram
