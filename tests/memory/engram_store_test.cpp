// The store of engrams: files replaced, reverted and removed, merges, foreign code, two writers.
// Whatever happens, a reader's answers are those of a list of the current contents.

#include <filesystem>

#include "tests/memory/engram_rig.h"

namespace engram {

namespace fs = std::filesystem;

TEST_CASE(
    "engram store: random edits, reverts, removals and merges leave exactly the current files",
    "[memory]") {
  const TemporaryDirectory d;
  std::mt19937 random(31);
  Files files;
  std::vector<Tokens> earlier;
  auto writer = open_writer(d.path());
  for (int step = 0; step < 60; ++step) {
    for (unsigned i = 0; i < 1 + random() % 3; ++i) {
      const std::string path = "dir/f" + std::to_string(random() % 9);
      if (files.contains(path) && random() % 5 == 0) {
        earlier.push_back(files[path]);
        writer->remove_file(path);
        files.erase(path);
        continue;
      }
      const bool revert = !earlier.empty() && random() % 3 == 0;
      const Tokens tokens = revert ? earlier[random() % earlier.size()]
                                   : random_tokens(random, 20 + random() % 300, kAlphabet);
      if (files.contains(path)) earlier.push_back(files[path]);
      files[path] = tokens;
      put(*writer, path, tokens);
    }
    REQUIRE(writer->commit());
    merge_all(*writer);
    if (step % 10 == 9) {
      writer.reset();  // and a new process takes over
      writer = open_writer(d.path());
      CHECK(writer->problems().empty());
    }
    check_remembers(d.path(), files, static_cast<unsigned>(step), 10);
    CHECK(segment_count(d.path()) <= kMaxSegments);
  }
}

TEST_CASE("engram store: known contents need no tokens, however many paths share them",
          "[memory]") {
  const TemporaryDirectory d;
  std::mt19937 random(37);
  const Tokens tokens = random_tokens(random, 500, kAlphabet);
  const auto writer = open_writer(d.path());
  for (int i = 0; i < 10000; ++i) put(*writer, "copies/" + std::to_string(i), tokens);
  CHECK(writer->pending_tokens() < 600);
  REQUIRE(writer->commit());
  CHECK(writer->snapshot().live_contents() == 1);
  CHECK(writer->snapshot().file("copies/9999"));
  const EngramView view(std::make_shared<EngramSnapshot>(writer->snapshot()), vocabulary(), {}, {});
  PlainMemory plain;
  plain.add(tokens);
  check_lookup(view, plain, std::span(tokens).first(12));
  put(*writer, "a", random_tokens(random, 500, kAlphabet));
  REQUIRE(writer->commit());
  put(*writer, "a", tokens);  // reverted
  CHECK(writer->pending_tokens() == 0);
}

TEST_CASE("engram store: foreign code lies in segments of its own, own code found by both",
          "[memory]") {
  const TemporaryDirectory d;
  std::mt19937 random(41);
  const auto writer = open_writer(d.path());
  const Tokens both = random_tokens(random, 200, kAlphabet);
  const Tokens theirs = random_tokens(random, 200, kAlphabet);
  const auto vendored = static_cast<std::uint32_t>(FileFlag::kVendored);
  put(*writer, "third_party/a", both, vendored);
  put(*writer, "third_party/b", theirs, vendored);
  REQUIRE(writer->commit());
  PlainMemory own, all;
  all.add(both);
  all.add(theirs);
  const auto check = [&] {
    EngramReader reader(d.path(), vocabulary());
    const auto snapshot = reader.snapshot();
    REQUIRE(snapshot);
    const EngramView narrow(*snapshot, vocabulary(), {}, {});
    const EngramView wide(*snapshot, vocabulary(), {}, {"", true});
    for (int i = 0; i < 30; ++i) {
      const Tokens context = random_tokens(random, 16, kAlphabet);
      check_lookup(narrow, own, context);
      check_lookup(wide, all, context);
    }
  };
  check();
  put(*writer, "src/copied", both);  // now the project's own as well
  REQUIRE(writer->commit());
  own.add(both);
  check();
}

TEST_CASE("engram store: one writer at a time, named; readers never wait", "[memory]") {
  const TemporaryDirectory d;
  const auto writer = open_writer(d.path());
  const auto second = EngramWriter::open(d.path(), vocabulary());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::kBusy);
  put(*writer, "a", {1, 2, 3, 4});
  REQUIRE(writer->commit());
  check_remembers(d.path(), {{"a", {1, 2, 3, 4}}}, 3);
}

TEST_CASE("engram store: what is kept of a store is not taken for one made anew under its names",
          "[memory]") {
  const TemporaryDirectory d;
  std::mt19937 random(73);
  const Tokens old = random_tokens(random, 300, kAlphabet);
  const Tokens now = random_tokens(random, 300, kAlphabet);
  const auto commit_alone = [&](const Tokens& tokens) {
    const auto writer = open_writer(d.path());
    put(*writer, "a", tokens);
    REQUIRE(writer->commit());
    return writer->state();
  };
  EngramReader reader(d.path(), vocabulary());
  const EngramState kept = commit_alone(old);
  REQUIRE(reader.snapshot());
  fs::remove_all(d.path() / "engrams");
  const EngramState anew = commit_alone(now);
  REQUIRE(anew.opened.manifest == kept.opened.manifest);  // the names say nothing
  const auto seen = reader.snapshot();
  REQUIRE(seen);
  CHECK((*seen)->file("a")->content == content_of(now));
  const auto writer = EngramWriter::open(d.path(), vocabulary(), kept);
  REQUIRE(writer);
  CHECK((*writer)->snapshot().file("a")->content == content_of(now));
  CHECK((*writer)->has_tokens(content_of(now), false));
  CHECK_FALSE((*writer)->has_tokens(content_of(old), false));
}

TEST_CASE("engram store: the vocabulary is kept beside the segments", "[memory]") {
  const TemporaryDirectory d;
  open_writer(d.path());
  const auto loaded = load_vocabulary(engram_directory(d.path(), vocabulary()->fingerprint()));
  REQUIRE(loaded);
  CHECK((*loaded)->fingerprint() == vocabulary()->fingerprint());
  CHECK((*loaded)->text(Tokens{0, 9, 5}) == "t0 \nt5 ");
}

TEST_CASE("due merge: few segments remain and sizes are spread", "[memory]") {
  std::mt19937 random(71);
  std::vector<std::uint64_t> live;
  std::uint64_t written = 0, added = 0;
  for (int i = 0; i < 2000; ++i) {
    live.push_back(1000 + random() % 5000);
    added += live.back();
    while (true) {
      const auto which = due_merge(live, std::vector<std::uint64_t>(live.size(), 0), 6);
      if (which.empty()) break;
      std::uint64_t sum = 0;
      std::vector<std::uint64_t> rest;
      for (std::size_t j = 0; j < live.size(); ++j) {
        const bool merged = std::find(which.begin(), which.end(), j) != which.end();
        if (merged) sum += live[j];
        if (!merged) rest.push_back(live[j]);
      }
      rest.push_back(sum);
      written += sum;
      live = rest;
    }
    REQUIRE(live.size() <= 6);
  }
  CHECK(written < added * 14);  // a token is written again a dozen times in 2000 saves, not 2000
}

TEST_CASE("merging: a content takes room beside its tokens, counting or not", "[memory]") {
  constexpr EngramToken kIds = 5000;  // each alone in a file: as much border as text
  const auto ids = numbered_vocabulary(kIds);
  const auto put_alone = [&](EngramWriter& writer, EngramToken from, EngramToken to) {
    for (EngramToken t = from; t < to; ++t) put(writer, "f" + std::to_string(t), {t});
  };
  const TemporaryDirectory live, dead;
  {
    auto writer = EngramWriter::open(live.path(), ids);
    REQUIRE(writer);
    put_alone(**writer, 0, 100);
    REQUIRE((*writer)->commit());
    put(**writer, "large", Tokens(300, 7));  // more than twice the tokens, not twice the room
    REQUIRE((*writer)->commit());
    const auto merged = (*writer)->merge();
    REQUIRE(merged);
    CHECK(*merged);
  }
  auto writer = EngramWriter::open(dead.path(), ids);
  REQUIRE(writer);
  put_alone(**writer, 0, 2500);
  put(**writer, "large", Tokens(9000, 7));
  REQUIRE((*writer)->commit());
  for (EngramToken t = 0; t < 2500; ++t) (*writer)->remove_file("f" + std::to_string(t));
  REQUIRE((*writer)->commit());
  const auto rewritten = (*writer)->merge();
  REQUIRE(rewritten);
  CHECK(*rewritten);
}

}  // namespace engram
