// Guesses by themselves: where they come from, which of them are verified, how a tree is followed.
#include <map>
#include <random>

#include "engine/draft_controller.h"
#include "engine/draft_statistics.h"
#include "engine/encoded_texts.h"
#include "engine/token_history.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

using Tokens = std::vector<TokenId>;

// Tokens before `place` of one sequence that are those before the end of another.
std::size_t matched(const Tokens& tokens, std::size_t place, const Tokens& end) {
  std::size_t n = 0;
  while (n < TokenHistory::kLongest && n < place && n < end.size() && tokens[place - 1 - n] >= 0 &&
         tokens[place - 1 - n] == end[end.size() - 1 - n]) {
    ++n;
  }
  return n;
}

// The oracle compares the end with every place.
void check_places(std::span<const TokenHistory::Place> places, const Tokens& tokens,
                  const Tokens& end) {
  std::map<std::size_t, std::size_t> all;  // place -> tokens in common
  for (std::size_t p = 1; p < tokens.size(); ++p) {
    const std::size_t n = matched(tokens, p, end);
    if (tokens[p] >= 0 && n > 0) all[p] = n;
  }
  // Each is there and rightly counted; while chains are short, none is left out.
  for (const auto& place : places) CHECK(all.at(place.next) == place.matched);
  for (std::size_t k = 1; k < places.size(); ++k) {
    CHECK(places[k - 1].matched >= places[k].matched);
  }
  if (all.size() < TokenHistory::kMostPlaces / 2) CHECK(places.size() == all.size());
}

}  // namespace

TEST_CASE("token history: the places found are those that a search of everything finds",
          "[engine]") {
  std::mt19937 random(3);
  for (const unsigned alphabet : {2U, 5U, 40U}) {
    TokenHistory history;
    Tokens tokens, other;
    TokenId separator = 0;
    for (int i = 0; i < 200; ++i) {
      other.push_back(static_cast<TokenId>(random() % alphabet));
      check_places(history.places_of(other), tokens, other);
      if (random() % 40 == 0) {
        history.append_separator();
        tokens.push_back(--separator);
        continue;
      }
      tokens.push_back(static_cast<TokenId>(random() % alphabet));
      history.append(tokens.back());
      check_places(history.places(), tokens, tokens);
    }
  }
}

TEST_CASE("token history: of the same texts it is made once", "[engine]") {
  const auto ids = [](Tokens tokens) { return std::make_shared<const Tokens>(std::move(tokens)); };
  const auto one = ids({1, 2}), two = ids({1, 2}), three = ids({3});
  EncodedTexts texts;
  CHECK(texts.history({}) == nullptr);
  const auto history = texts.history({one, three});
  CHECK(std::ranges::equal(history->tokens(), Tokens{1, 2, -2, 3, -3}));
  CHECK(texts.history({one, three}) == history);
  CHECK(texts.history({three, one}) != history);
  for (const auto& newer : {one, two, three}) texts.history({newer});
  CHECK(texts.history({one, three}) != history);  // given up for newer ones
}

TEST_CASE("token history: what repeats is continued past its end", "[engine]") {
  TokenHistory history;
  for (const TokenId token : {9, 1, 2, 3, 1, 2, 3}) history.append(token);
  const auto places = history.places();
  REQUIRE(places.size() == 1);
  CHECK(history.continuation(places[0], 7) == Tokens{1, 2, 3, 1, 2, 3, 1});
  history.append_separator();
  for (const TokenId token : {8, 3}) history.append(token);
  CHECK(history.continuation(history.places()[0], 9) == Tokens{1, 2, 3});  // not past it
}

TEST_CASE("drafts: several continuations, the longest match first, none the start of another",
          "[engine]") {
  const auto text =
      std::make_shared<const Tokens>(Tokens{5, 6, 7, 1, 1, 6, 7, 2, 2, 5, 6, 7, 1, 3});
  const auto drafter = make_ngram_drafter(history_of(std::vector{text}));
  CHECK(drafter->draft(4, 3).empty());
  drafter->begin(Tokens{4, 5, 6, 7}, {});
  const auto drafts = drafter->draft(2, 4);
  REQUIRE(drafts.size() == 3);
  CHECK(drafts[0].tokens == Tokens{1, 3});
  CHECK(drafts[0].first.matched == 3);
  CHECK((drafts[0].first.seen == 2 && drafts[0].first.places == 2));
  CHECK(drafts[1].tokens == Tokens{1, 1});
  CHECK(drafts[2].tokens == Tokens{2, 2});
  CHECK(drafts[2].first.matched == 2);
  CHECK((drafts[2].first.seen == 1 && drafts[2].first.places == 3));
  CHECK(drafter->draft(2, 1).size() == 1);
}

TEST_CASE("drafts: each token has the share of the places that go on with it", "[engine]") {
  const auto text =
      std::make_shared<const Tokens>(Tokens{5, 6, 7, 1, 2, 9, 5, 6, 7, 1, 2, 8, 5, 6, 7, 1, 3, 4});
  const auto drafter = make_ngram_drafter(history_of(std::vector{text}));
  drafter->begin(Tokens{5, 6, 7}, {});
  const auto drafts = drafter->draft(3, 4);
  REQUIRE(drafts.size() == 3);
  CHECK(drafts[0].tokens == Tokens{1, 3, 4});
  const auto is = [](const DraftSupport& support, std::size_t matched, unsigned seen,
                     unsigned places) {
    return support.matched == matched && support.seen == seen && support.places == places;
  };
  CHECK(is(drafts[0].support(0), 3, 3, 3));
  CHECK(is(drafts[0].support(1), 4, 1, 3));
  CHECK(is(drafts[0].support(2), 5, 1, 1));
  CHECK(is(drafts[1].support(1), 4, 2, 3));
  CHECK(is(drafts[1].support(2), 5, 1, 2));
  CHECK(is(drafts[1].support(4), 7, 1, 1));  // beyond what is known
  const Draft bare{.tokens = {1, 2, 3}, .first = {.matched = 4, .seen = 2, .places = 5}};
  CHECK(is(bare.support(2), 6, 2, 2));
}

TEST_CASE("drafts: what guesses have in common is noted, also of one that is left out",
          "[engine]") {
  std::vector<Draft> drafts;
  add_draft(drafts, {.tokens = {1, 2, 3}, .first = {.matched = 4}});
  CHECK(drafts[0].agreed == 0);
  add_draft(drafts, {.tokens = {1, 4}, .first = {.matched = 2}});
  REQUIRE(drafts.size() == 2);
  CHECK((drafts[0].agreed == 1 && drafts[1].agreed == 1));
  add_draft(drafts, {.tokens = {1, 2}, .first = {.matched = 9}});
  CHECK(drafts.size() == 2);
  CHECK((drafts[0].agreed == 2 && drafts[1].agreed == 1));
}

TEST_CASE("draft walk: each row is the one after what was chosen", "[engine]") {
  const DraftTree tree{{1, 2, 3}, {{1, {8, 9}}, {0, {5}}, {1, {7}}}};
  CHECK(tree.size() == 7);
  const auto walk = [&](const Tokens& chosen) {
    DraftWalk w(tree);
    std::vector<std::size_t> rows = {w.row()};
    for (const TokenId token : chosen) {
      if (!w.step(token)) break;
      rows.push_back(w.row());
    }
    CHECK(w.accepted() + 1 == rows.size());
    return std::pair(rows, w.branch());
  };
  using Rows = std::vector<std::size_t>;
  CHECK(walk({1, 2, 3, 4}) == std::pair(Rows{0, 1, 2, 3}, std::optional<std::size_t>()));
  CHECK(walk({1, 8, 9, 1}) == std::pair(Rows{0, 1, 4, 5}, std::optional<std::size_t>(0)));
  CHECK(walk({5, 1}) == std::pair(Rows{0, 6}, std::optional<std::size_t>(1)));
  CHECK(walk({1, 7, 7}) == std::pair(Rows{0, 1, 7}, std::optional<std::size_t>(2)));
  CHECK(walk({4}) == std::pair(Rows{0}, std::optional<std::size_t>()));
}

namespace {

DraftStatistics taught(double first, double second, std::size_t matched = 4) {
  DraftStatistics statistics;
  std::mt19937 random(1);
  const auto draw = [&] { return static_cast<double>(random() % 10'000) / 10'000; };
  const std::vector<Draft> guesses = {{.tokens = {1, 1, 1, 1, 1}, .first = {.matched = matched}},
                                      {.tokens = {2, 2, 2, 2, 2}, .first = {.matched = matched}}};
  for (int i = 0; i < 4000; ++i) {
    const TokenId next = draw() < first ? 1 : draw() < second ? 2 : 3;
    statistics.observe(guesses, Tokens{next});
  }
  return statistics;
}

}  // namespace

TEST_CASE("draft statistics: the likeliest guess comes first, whatever its match", "[engine]") {
  std::vector<Draft> guesses = {{.tokens = {1}, .first = {.matched = 12, .seen = 1, .places = 20}},
                                {.tokens = {2}, .first = {.matched = 3, .seen = 19, .places = 20}},
                                {.tokens = {3}, .first = {.matched = 3, .seen = 5, .places = 20}}};
  DraftStatistics().rank(guesses);
  CHECK(guesses[0].tokens == Tokens{2});
  CHECK(guesses.size() == 3);
}

TEST_CASE("draft statistics: guesses that another source shares are learnt apart", "[engine]") {
  const std::vector<Draft> alone = {{.tokens = {1, 1}, .first = {.matched = 4}}};
  const std::vector<Draft> shared = {{.tokens = {1, 1}, .first = {.matched = 4}, .agreed = 1}};
  DraftStatistics statistics;
  for (int i = 0; i < 400; ++i) {
    statistics.observe(alone, Tokens{2});
    statistics.observe(shared, Tokens{1});
  }
  CHECK(statistics.chance(alone, 0, 0) < 0.1);
  CHECK(statistics.chance(shared, 0, 0) > 0.9);
  CHECK(statistics.chance(shared, 0, 1) == statistics.chance(alone, 0, 1));  // only one token is
}

TEST_CASE("draft controller: a chain, a tree or nothing, by what was learnt", "[engine]") {
  const std::vector<Draft> guesses = {{.tokens = {1, 1, 1, 1, 1}, .first = {.matched = 4}},
                                      {.tokens = {2, 2, 2, 2, 2}, .first = {.matched = 4}},
                                      {.tokens = {1, 1, 4, 4, 4}, .first = {.matched = 4}}};
  DraftController winning;
  winning.account(1, 20);  // has won much: nothing is too risky
  const auto choose = [&](const DraftStatistics& statistics, std::size_t branches = 3) {
    return winning.choose(statistics, guesses, 12, branches);
  };
  CHECK(choose(taught(0.02, 0.02)).size() == 0);
  const DraftTree chain = choose(taught(0.95, 0.1));
  CHECK(chain.trunk.size() >= 3);
  CHECK(chain.branches.empty());
  const DraftTree tree = choose(taught(0.5, 0.9));
  REQUIRE(tree.branches.size() >= 1);
  CHECK(tree.branches[0].depth == 0);
  CHECK(tree.branches[0].tokens.front() == 2);
  CHECK(choose(taught(0.5, 0.9), 0).branches.empty());
  for (const DraftTree::Branch& branch : tree.branches) {
    CHECK(branch.depth <= tree.trunk.size());
    CHECK(guesses[branch.depth == 0 ? 1 : 2].tokens[branch.depth] == branch.tokens.front());
  }
}

TEST_CASE("draft controller: passes that cost too much are not made", "[engine]") {
  const std::vector<Draft> guesses = {
      {.tokens = {1, 1, 1, 1, 1, 1, 1, 1}, .first = {.matched = 4}}};
  const DraftStatistics cheap = taught(0.7, 0.1);
  DraftStatistics dear = cheap;
  for (int i = 0; i < 200; ++i) {
    dear.observe_pass(1, 0, 10);
    for (const std::size_t rows : {2U, 6U, 12U}) dear.observe_pass(rows, 0, 10.0 * double(rows));
  }
  DraftController winning;
  winning.account(1, 20);
  CHECK(winning.choose(cheap, guesses, 8, 3).size() > 1);
  CHECK(winning.choose(dear, guesses, 8, 3).size() == 0);
}

TEST_CASE("draft controller: what a row costs on this machine is known after a pass or two",
          "[engine]") {
  DraftStatistics statistics;
  const double prior = statistics.cost(4, 0);
  for (int pass = 0; pass < 3; ++pass) {
    statistics.observe_pass(1, 0, 4);
    statistics.observe_pass(4, 0, 4 * 2.8);
  }
  CHECK(prior < 1.5);
  CHECK(statistics.cost(4, 0) > 2.2);
  CHECK(statistics.cost(8, 0) > 4);  // a size not seen yet costs what its neighbour does
  for (int pass = 0; pass < 3; ++pass) statistics.observe_pass(8, 0, 4 * 1.5);
  CHECK(statistics.cost(4, 0) > 2.2);
  CHECK(statistics.cost(8, 0) < 2.6);
}

TEST_CASE("draft controller: what is likely is tried after losses, if rows are cheap", "[engine]") {
  const std::vector<Draft> guesses = {{.tokens = {1, 1, 1, 1}, .first = {.matched = 4}},
                                      {.tokens = {2, 2, 2, 2}, .first = {.matched = 4}}};
  DraftController losing;
  losing.account(2, 1);
  const auto tries = [&](double first, double row_cost) {
    DraftStatistics statistics = taught(first, 0.1);
    for (int pass = 0; pass < 200; ++pass) {
      statistics.observe_pass(1, 0, 10);
      statistics.observe_pass(4, 0, 10 * (1 + 3 * row_cost));
    }
    return losing.choose(statistics, guesses, 4, 3).size() > 0;
  };
  CHECK(tries(0.85, 0.05));
  CHECK_FALSE(tries(0.5, 0.05));
  CHECK_FALSE(tries(0.85, 0.4));
}

TEST_CASE("draft controller: a request never loses more than a little", "[engine]") {
  const std::vector<Draft> guesses = {{.tokens = {1, 1, 1, 1, 1, 1, 1, 1}, .first = {.matched = 4}},
                                      {.tokens = {2, 2, 2, 2}, .first = {.matched = 4}}};
  const DraftStatistics hopeful = taught(0.75, 0.5);
  DraftController controller;
  double lost = 0;
  for (int pass = 1; pass <= 200; ++pass) {  // every guess is wrong
    const DraftTree tree = controller.choose(hopeful, guesses, 15, 3);
    const double cost = hopeful.cost(1 + tree.size(), tree.branches.size());
    controller.account(cost, 1);
    lost += cost - 1;
    CHECK(lost <= 0.3 + 0.05 * pass);
  }
  CHECK(lost > 0);  // it does try
}

}  // namespace engram
