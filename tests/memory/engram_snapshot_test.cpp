// Which contents count: a snapshot made from the one before it says what one made anew says; what
// was published before it was synced is read whole before it is trusted.

#include <filesystem>
#include <fstream>

#include "memory/engrams/store.h"
#include "memory/facts.h"
#include "tests/memory/engram_fixture.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr EngramToken kAlphabet = 24;
constexpr auto kVendored = static_cast<std::uint32_t>(FileFlag::kVendored);

const std::shared_ptr<const EngramVocabulary>& vocabulary() {
  static const auto made = numbered_vocabulary(kAlphabet);
  return made;
}

void put(EngramWriter& writer, const std::string& path, const Tokens& tokens,
         std::uint32_t flags = 0) {
  EngramContentInfo info;
  info.sha256 = content_of(tokens);
  REQUIRE(writer.put_file(path, flags, info, tokens));
}

// The largest sequence holds; a content counts in the first segment of its class.
void check_same(const EngramSnapshot& a, const EngramSnapshot& b) {
  REQUIRE(a.parts().size() == b.parts().size());
  REQUIRE(a.live_contents() == b.live_contents());
  for (std::size_t i = 0; i < a.parts().size(); ++i) {
    const EngramSnapshot::Part &x = a.parts()[i], &y = b.parts()[i];
    REQUIRE(x.segment == y.segment);
    REQUIRE(x.live_tokens == y.live_tokens);
    REQUIRE(x.left_out.size() == y.left_out.size());
    for (std::size_t r = 0; r < x.left_out.size(); ++r) {
      REQUIRE(x.left_out[r].begin == y.left_out[r].begin);
      REQUIRE(x.left_out[r].end == y.left_out[r].end);
    }
    REQUIRE(x.contents.size() == y.contents.size());
    for (std::size_t c = 0; c < x.contents.size(); ++c) {
      REQUIRE(x.contents[c].path == y.contents[c].path);
      REQUIRE(x.contents[c].flags == y.contents[c].flags);
      REQUIRE(x.contents[c].paths == y.contents[c].paths);
    }
  }
}

}  // namespace

TEST_CASE("engram snapshot: made from the one before it, it is as if made anew", "[memory]") {
  std::mt19937 random(61);
  const TemporaryDirectory d;
  std::vector<Tokens> known;  // the same contents come again, under other paths and classes
  for (int i = 0; i < 12; ++i)
    known.push_back(random_tokens(random, 30 + random() % 50, kAlphabet));
  auto writer = EngramWriter::open(d.path(), vocabulary());
  REQUIRE(writer);
  for (int i = 0; i < 40; ++i) put(**writer, "base/f" + std::to_string(i), known[random() % 12]);
  REQUIRE((*writer)->commit());
  for (int step = 0; step < 120; ++step) {
    const std::string path = "base/f" + std::to_string(random() % 50);
    if (random() % 4 == 0) {
      (*writer)->remove_file(path);
    } else {
      if (random() % 3 == 0) known[random() % 12] = random_tokens(random, 40, kAlphabet);
      put(**writer, path, known[random() % 12], random() % 3 == 0 ? kVendored : 0);
    }
    REQUIRE((*writer)->commit({}, step % 2 == 0 ? Durability::kLater : Durability::kNow));
    check_same((*writer)->snapshot(), EngramSnapshot((*writer)->state().opened.segments));
    if (step % 3 == 0) REQUIRE((*writer)->merge());
    check_same((*writer)->snapshot(), EngramSnapshot((*writer)->state().opened.segments));
    if (step % 20 != 19) continue;
    const EngramState kept = (*writer)->state();  // the next writer goes on from it
    writer->reset();
    writer = EngramWriter::open(d.path(), vocabulary(), kept);
    REQUIRE(writer);
    CHECK((*writer)->snapshot().live_tokens() == kept.snapshot->live_tokens());
  }
}

TEST_CASE("engram store: what was published unsynced is read whole before it is trusted",
          "[memory]") {
  std::mt19937 random(67);
  const Tokens a = random_tokens(random, 3000, kAlphabet);
  for (const bool synced : {false, true}) {
    const TemporaryDirectory d;
    {
      const auto writer = EngramWriter::open(d.path(), vocabulary());
      REQUIRE(writer);
      put(**writer, "a", a);
      REQUIRE((*writer)->commit({}, Durability::kLater));
      const auto seen = EngramReader(d.path(), vocabulary()).snapshot();
      REQUIRE(seen);
      CHECK((*seen)->file("a"));
      if (synced) REQUIRE((*writer)->make_durable());
    }
    const fs::path directory = engram_directory(d.path(), vocabulary()->fingerprint());
    const auto manifest = read_engram_manifest(directory);
    REQUIRE(manifest);
    CHECK(manifest->unsynced.empty() == synced);
    {  // as if the machine had failed before the last block was written
      std::fstream file(directory / "000001.seg", std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(sizeof(SegmentHeader) + 900);  // among the symbols
      file.put('\x7f');
    }
    const auto writer = EngramWriter::open(d.path(), vocabulary());
    REQUIRE(writer);
    CHECK((*writer)->problems().size() == (synced ? 0 : 1));
    CHECK((*writer)->has_tokens(content_of(a), false) == synced);
  }
}

TEST_CASE("engram snapshot: no name is left in a segment that leaves truncated", "[memory]") {
  const TemporaryDirectory d;
  const Tokens text = {1, 2, 3, 4};
  auto writer = EngramWriter::open(d.path(), vocabulary());
  REQUIRE(writer);
  put(**writer, "b", text);
  REQUIRE((*writer)->commit());
  put(**writer, "a", text);  // a path only: the better name of what the older segment has
  REQUIRE((*writer)->commit());
  const EngramState state = (*writer)->state();
  CHECK(state.snapshot->parts()[0].contents[0].path == "a");
  fs::resize_file(engram_directory(d.path(), vocabulary()->fingerprint()) / "000002.seg", 0);
  const EngramSnapshot after(std::span(state.opened.segments).first(1), state.snapshot.get());
  CHECK(after.parts()[0].contents[0].path == "b");
  CHECK(after.parts()[0].contents[0].paths == 1);
}

}  // namespace engram
