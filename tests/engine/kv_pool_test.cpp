#include "engine/kv_pool.h"

#include "tests/support/catch.h"
#include "tests/support/scripted_model.h"

namespace engram {
namespace {

using Tokens = std::vector<TokenId>;

struct Pool {
  ScriptedModel model{4, babble(4), std::make_shared<ScriptedModel::Log>()};
  KvPool pool;
  explicit Pool(KvPool::Options options) : pool(model, options) {}

  // Acquires for `owner`, returns how many tokens were there already, and fills in the rest.
  std::size_t use(std::uint64_t owner, const Tokens& sequence, bool release = true) {
    const auto slot = pool.acquire(owner, sequence, sequence.size());
    REQUIRE(slot);
    const std::size_t reused = (*slot)->tokens.size();
    CHECK((*slot)->cache->size() == reused);
    dynamic_cast<ScriptedCache&>(*(*slot)->cache).tokens = sequence;
    (*slot)->tokens = sequence;
    if (release) pool.release(owner);
    return reused;
  }
};
constexpr std::uint64_t kPlenty = UINT64_MAX;

}  // namespace

TEST_CASE("kv_pool: the longest common prefix is reused, leaving one token to compute",
          "[engine]") {
  Pool p({.capacity = 64, .max_sequences = 3, .budget_bytes = kPlenty});
  CHECK(p.use(1, {1, 2, 3, 4}) == 0);
  CHECK(p.use(2, {1, 2, 3, 4}) == 3);
  CHECK(p.use(3, {1, 2, 3, 9}) == 3);
  CHECK(p.use(4, {1, 2, 3, 9, 9}) == 4);
  CHECK(p.pool.size() == 1);
}

TEST_CASE("kv_pool: a sequence of its own gets a cache of its own", "[engine]") {
  Pool p({.capacity = 64, .max_sequences = 2, .budget_bytes = kPlenty});
  const Tokens a = {1, 1, 1, 1, 1, 1, 1, 1}, b = {2, 2, 2, 2, 2, 2, 2, 2};
  p.use(1, a);
  p.use(2, b);
  CHECK(p.use(3, a) == 7);
  CHECK(p.use(4, b) == 7);
  SECTION("and takes the least recently used when there are enough") {
    p.use(5, {3, 3, 3});
    CHECK(p.pool.size() == 2);
    CHECK(p.use(6, b) == 7);
    CHECK(p.use(7, {3, 3, 3}) == 2);
  }
}

TEST_CASE("kv_pool: a long cache is not thrown away for a short common beginning", "[engine]") {
  Pool p({.capacity = 64, .max_sequences = 2, .budget_bytes = kPlenty});
  Tokens lengthy(40, 1), other(40, 2);
  other[0] = 1;
  p.use(1, lengthy);
  CHECK(p.use(2, other) == 0);
  CHECK(p.use(3, lengthy) == 39);
}

TEST_CASE("kv_pool: a request in flight keeps its cache while there is another", "[engine]") {
  Pool p({.capacity = 64, .max_sequences = 2, .budget_bytes = kPlenty});
  p.use(1, {1, 2, 3}, false);
  CHECK(p.use(2, {1, 2, 3, 4}) == 0);
  CHECK(p.use(1, {1, 2, 3, 5}) == 3);
}

TEST_CASE("kv_pool: with one cache the newer request takes it over", "[engine]") {
  Pool p({.capacity = 64, .max_sequences = 1, .budget_bytes = kPlenty});
  p.use(1, {1, 2, 3}, false);
  CHECK(p.use(2, {7, 8}, false) == 0);
  CHECK(p.use(1, {1, 2, 3}) == 0);
}

TEST_CASE("kv_pool: the memory budget limits how many and how large", "[engine]") {
  SECTION("fewer than asked for") {
    Pool p({.capacity = 1024, .max_sequences = 4, .budget_bytes = 250'000});  // 102,400 each
    p.use(1, {1, 1, 1});
    p.use(2, {2, 2, 2});
    p.use(3, {3, 3, 3});
    CHECK(p.pool.size() == 2);
    CHECK(p.pool.bytes() <= 250'000);
  }
  SECTION("smaller than asked for") {
    Pool p({.capacity = 4096, .max_sequences = 1, .budget_bytes = 60'000});
    p.use(1, {1, 2, 3});
    CHECK(p.pool.bytes() == 51'200);
  }
  SECTION("none at all") {
    Pool p({.capacity = 4096, .max_sequences = 1, .budget_bytes = 1000});
    const auto slot = p.pool.acquire(1, Tokens{1, 2, 3}, 3);
    REQUIRE_FALSE(slot);
    CHECK(slot.error().code == Errc::kBusy);
    CHECK(slot.error().message.find("memory budget") != std::string::npos);
  }
  SECTION("a small cache is replaced when a request needs more") {
    Pool p({.capacity = 4096, .max_sequences = 1, .budget_bytes = 110'000});
    p.use(1, {1, 2, 3});
    const auto slot = p.pool.acquire(2, Tokens{1, 2, 3}, 1000);
    REQUIRE(slot);
    CHECK((*slot)->cache->capacity() == 1024);
  }
}

}  // namespace engram
