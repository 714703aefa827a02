#include "engine/kv_pool.h"

#include <random>

#include "tests/support/catch.h"
#include "tests/support/scripted_model.h"

namespace engram {
namespace {

using Tokens = std::vector<TokenId>;
constexpr std::uint64_t kPlenty = UINT64_MAX;
constexpr std::size_t kPageBytes = kPageTokens * 100;  // of the scripted model

struct Pool {
  ScriptedModel model{4, babble(4), std::make_shared<ScriptedModel::Log>()};
  KvPool pool;
  explicit Pool(std::size_t max_tokens, std::uint64_t budget = kPlenty)
      : pool(model, {.max_tokens = max_tokens, .budget_bytes = budget}) {}

  // Computes for `owner` what is missing of a sequence; returns how many tokens were there. With
  // branches, one of them holds what is right, or else the trunk does.
  std::size_t use(std::uint64_t owner, const Tokens& sequence, bool release = true,
                  std::size_t branches = 0, std::optional<std::size_t> right = {}) {
    const auto cache = pool.attach(owner, sequence, sequence.size(), {});
    REQUIRE(cache);
    const std::size_t reused = (*cache)->size();
    REQUIRE(reused < sequence.size());
    CHECK(scripted_tokens(**cache) ==
          Tokens(sequence.begin(), sequence.begin() + std::ptrdiff_t(reused)));
    REQUIRE(pool.reserve(owner, sequence.size() - reused, {}));
    const auto write = [&](KvCache& to, bool as_it_is) {
      for (std::size_t i = reused; i < sequence.size(); ++i) {
        scripted_append(to, as_it_is ? sequence[i] : 77);
      }
    };
    std::vector<KvCache*> forks;
    for (std::size_t b = 0; b < branches; ++b) {
      const auto fork = pool.fork(owner, sequence.size() - reused);
      if (!fork) break;
      CHECK(scripted_tokens(**fork) == scripted_tokens(**cache));
      forks.push_back(*fork);
    }
    if (right && *right >= forks.size()) right.reset();
    for (std::size_t b = 0; b < forks.size(); ++b) write(*forks[b], b == right);
    write(**cache, !right);
    const std::size_t before = pool.pages_in_use();
    pool.settle(owner, right);
    if (!forks.empty()) CHECK(pool.pages_in_use() < before);
    CHECK(scripted_tokens(**cache) == sequence);
    pool.commit(owner, sequence);
    if (release) pool.release(owner);
    return reused;
  }
};

Tokens some(std::size_t n, TokenId first) {
  Tokens tokens;
  for (std::size_t i = 0; i < n; ++i) tokens.push_back(first + static_cast<TokenId>(i));
  return tokens;
}
Tokens joined(Tokens a, const Tokens& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("kv_pool: the longest common prefix is reused to the token, leaving one to compute",
          "[engine]") {
  Pool p(4096);
  CHECK(p.use(1, {1, 2, 3, 4}) == 0);
  CHECK(p.use(2, {1, 2, 3, 4}) == 3);
  CHECK(p.use(3, {1, 2, 3, 9}) == 3);
  CHECK(p.use(4, {1, 2, 3, 9, 9}) == 4);
  const Tokens lengthy = some(200, 100);
  CHECK(p.use(5, lengthy) == 0);
  CHECK(p.use(6, lengthy) == 199);
  CHECK(p.use(7, joined(lengthy, {7})) == 200);
}

TEST_CASE("kv_pool: an edit in the middle reuses everything before it, and loses nothing",
          "[engine]") {
  Pool p(4096);
  const Tokens before = some(150, 0), after = some(100, 1000);
  const Tokens old = joined(before, after), edited = joined(joined(before, {7777}), after);
  p.use(1, old);
  CHECK(p.use(2, edited) == 150);
  CHECK(p.use(3, old) == old.size() - 1);
  CHECK(p.use(4, edited) == edited.size() - 1);
}

TEST_CASE("kv_pool: sequences with a common beginning list the same pages", "[engine]") {
  Pool p(4096);
  const Tokens common = some(3 * kPageTokens, 0);
  p.use(1, joined(common, {1}), false);
  p.use(2, joined(common, {2}), false);
  CHECK(p.pool.pages_in_use() == 3 + 2);
  // Two that were computed at the same time become one.
  const Tokens both = some(kPageTokens, 5000);
  const auto a = p.pool.attach(3, both, both.size(), {});
  const auto b = p.pool.attach(4, both, both.size(), {});
  for (const auto& [owner, cache] : {std::pair(3U, *a), std::pair(4U, *b)}) {
    REQUIRE(p.pool.reserve(owner, both.size(), {}));
    for (const TokenId token : both) scripted_append(*cache, token);
    p.pool.commit(owner, both);
  }
  CHECK((*a)->pages == (*b)->pages);
  CHECK(p.pool.pages_in_use() == 6);
}

TEST_CASE("kv_pool: nobody writes into a page of others", "[engine]") {
  Pool p(4096);
  const Tokens first = some(40, 0);
  p.use(1, first);
  p.use(2, joined(some(20, 0), some(30, 500)));  // departs inside the page
  CHECK(p.use(3, joined(first, {1})) == 40);     // use() checks what is there
}

TEST_CASE("kv_pool: what is dear and often used stays when memory is used up", "[engine]") {
  Pool p(8 * kPageTokens);
  const Tokens loved = some(2 * kPageTokens, 0);
  p.use(1, loved);
  for (std::uint64_t i = 2; i < 6; ++i) p.use(i, loved);
  for (std::uint64_t i = 6; i < 26; ++i) p.use(i, some(kPageTokens, TokenId(1000 * i)));
  CHECK(p.use(30, loved) == loved.size() - 1);
  CHECK(p.use(31, some(kPageTokens, 25'000)) == kPageTokens - 1);  // the newest is there as well
  CHECK(p.use(32, some(kPageTokens, 6'000)) == 0);
  CHECK(p.pool.pages_in_use() <= 8);
}

TEST_CASE("kv_pool: a waiting sequence gives way to a running one and is computed again",
          "[engine]") {
  Pool p(4 * kPageTokens);
  const Tokens waiting = some(3 * kPageTokens, 0), running = some(3 * kPageTokens, 9000);
  p.use(1, waiting, false);
  p.use(2, running, false);
  CHECK(p.use(1, waiting) < waiting.size() - kPageTokens);
  const std::vector<std::uint64_t> both = {7, 8};
  Pool full(4 * kPageTokens);
  full.use(7, waiting, false);
  REQUIRE(full.pool.attach(8, running, running.size(), both));
  const auto refused = full.pool.reserve(8, running.size(), both);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kBusy);
}

TEST_CASE("kv_pool: the memory budget is obeyed and said", "[engine]") {
  Pool p(1024, 5 * kPageBytes + 1);
  CHECK(p.pool.max_pages() == 5);
  for (std::uint64_t i = 1; i < 20; ++i) p.use(i, some(150, TokenId(1000 * i)));
  CHECK(p.pool.bytes() == 5 * kPageBytes);
  const Tokens lengthy = some(6 * kPageTokens, 0);
  const auto refused = p.pool.attach(30, lengthy, lengthy.size(), {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kBusy);
  CHECK(refused.error().message.find("memory budget") != std::string::npos);
}

TEST_CASE("kv_pool: a branch takes memory from old leaves, never from a sequence", "[engine]") {
  Pool p(4 * kPageTokens);
  p.use(1, some(2 * kPageTokens, 0));
  const Tokens running = some(kPageTokens + 10, 9000);
  CHECK(p.use(2, running, false, 2, 1) == 0);
  CHECK(p.use(1, some(2 * kPageTokens, 0)) < kPageTokens);  // was thrown out
  const Tokens waiting = some(2 * kPageTokens, 5000);
  p.use(3, waiting, false);
  const auto cache = p.pool.attach(3, joined(waiting, {1}), waiting.size() + 1, {});
  REQUIRE(cache);
  CHECK(p.pool.pages_in_use() == 4);
  const auto refused = p.pool.fork(3, 1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kBusy);
  CHECK(p.pool.pages_in_use() == 4);
}

// The oracle: what a sequence's pages hold is what computing it from nothing would have put there
// (the scripted pages hold the tokens themselves), whatever was shared, copied and thrown out.
TEST_CASE("kv_pool: random use never yields anything but the sequence itself", "[engine]") {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    INFO(seed);
    std::mt19937 random(seed);
    const auto draw = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    Pool p((6 + draw(20)) * kPageTokens);
    std::vector<Tokens> known = {some(5, 0)};
    std::vector<std::pair<std::uint64_t, Tokens>> open;
    std::size_t reused = 0;
    for (std::uint64_t owner = 1; owner < 1500; ++owner) {
      if (!open.empty() && draw(3) == 0) {  // one that waits goes on
        auto& [other, sequence] = open[draw(open.size())];
        for (std::size_t n = draw(100); n > 0 && sequence.size() < 300; --n) {
          sequence.push_back(TokenId(draw(3)));
        }
        sequence.push_back(5);
        reused += p.use(other, sequence, false, draw(3), draw(2));
        if (draw(2) == 0) {
          p.pool.release(other);
          std::erase_if(open, [id = other](const auto& entry) { return entry.first == id; });
        }
        continue;
      }
      Tokens sequence = known[draw(known.size())];
      sequence.resize(draw(sequence.size() + 1));
      for (std::size_t n = 1 + draw(150); n > 0 && sequence.size() < 300; --n) {
        sequence.push_back(TokenId(draw(3)));
      }
      if (sequence.empty()) sequence.push_back(0);
      known.push_back(sequence);
      const bool stays = draw(4) == 0 && open.size() < 3;
      reused += p.use(owner, sequence, !stays, draw(3), draw(2));
      if (stays) open.emplace_back(owner, sequence);
      REQUIRE(p.pool.pages_in_use() <= p.pool.max_pages());
    }
    CHECK(reused > 10'000);
  }
}

}  // namespace engram
