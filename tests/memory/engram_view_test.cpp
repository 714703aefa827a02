// What a view leaves out: saved files that buffers stand in for, and what is found beside them.

#include "memory/facts.h"
#include "tests/memory/engram_fixture.h"

namespace engram {
namespace {

constexpr EngramToken kTokens = 12;
const Tokens kSaved = {1, 2, 3};

// How often something follows `1 2` in own code while these files are open, and empty.
std::uint64_t remembered_beside(const std::shared_ptr<const EngramSnapshot>& snapshot,
                                const std::vector<std::string>& open) {
  std::vector<EngramBuffer> buffers;
  for (const std::string& path : open) buffers.push_back({path, {}});
  const EngramView view(snapshot, numbered_vocabulary(kTokens), buffers, {});
  LookupAnswer answer;
  view.look_up(Tokens{1, 2}, answer);
  return answer.longest() == nullptr ? 0 : answer.longest()->occurrences;
}

std::shared_ptr<const EngramSnapshot> snapshot_with(
    std::vector<std::shared_ptr<const EngramSegment>> segments) {
  return std::make_shared<EngramSnapshot>(segments);
}

}  // namespace

TEST_CASE("view: a content is hidden once every file that has it is open", "[memory]") {
  const auto vocabulary = numbered_vocabulary(kTokens);
  const auto snapshot =
      snapshot_with({segment_of(*vocabulary, {{"a", kSaved, 0}, {"copies/a", kSaved, 0}})});
  CHECK(remembered_beside(snapshot, {}) == 1);
  CHECK(remembered_beside(snapshot, {"a"}) == 1);  // the copy still says it
  CHECK(remembered_beside(snapshot, {"a", "a"}) == 1);
  CHECK(remembered_beside(snapshot, {"a", "copies/a"}) == 0);
}

TEST_CASE("view: a vendored twin neither keeps nor hides the text of an open file", "[memory]") {
  const auto vocabulary = numbered_vocabulary(kTokens);
  constexpr auto kVendored = static_cast<std::uint32_t>(FileFlag::kVendored);
  const auto own = segment_of(*vocabulary, {{"a", kSaved, 0}});
  const auto foreign = segment_of(*vocabulary, {{"third_party/a", kSaved, kVendored}}, 1, {}, true);
  for (const auto& snapshot : {snapshot_with({own, foreign}), snapshot_with({foreign, own})}) {
    CHECK(remembered_beside(snapshot, {"third_party/a"}) == 1);
    CHECK(remembered_beside(snapshot, {"a"}) == 0);
  }
}

TEST_CASE("positions: places that do not count make room for those that do", "[memory]") {
  const auto vocabulary = numbered_vocabulary(kTokens);
  const auto repeated = [](int times, EngramToken last) {
    Tokens out;
    for (int i = 0; i < times; ++i) out.insert(out.end(), {1, 2, last});
    return out;
  };
  const auto snapshot = snapshot_with(
      {segment_of(*vocabulary, {{"open", repeated(300, 3), 0}, {"other", repeated(20, 4), 0}})});
  const EngramBuffer buffer{"open", {}};
  const EngramView view(snapshot, vocabulary, std::span(&buffer, 1), {"open", false});
  for (const std::size_t limit : {1u, 7u, 20u, 64u}) {
    std::set<std::uint32_t> seen;
    for (const EngramPosition p : view.positions(Tokens{1, 2}, 2, limit)) {
      CHECK(view.source(p).path == "other");
      CHECK(seen.insert(p.token).second);
    }
    CHECK(seen.size() == std::min<std::size_t>(limit, 20));
  }
}

}  // namespace engram
