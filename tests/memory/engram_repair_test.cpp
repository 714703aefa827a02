// The store of engrams sets right what it finds wrong while it is in use: segments that lose bytes
// under their readers and writers, files that cannot be read, left-overs.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "core/atomic_file.h"
#include "tests/memory/engram_rig.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

fs::path memory_of(const TemporaryDirectory& d) {
  return engram_directory(d.path(), vocabulary()->fingerprint());
}

// A store of two files, each in a segment of its own.
EngramState store_of_two(const TemporaryDirectory& d, const Tokens& a, const Tokens& b) {
  const auto writer = open_writer(d.path());
  put(*writer, "a", a);
  REQUIRE(writer->commit());
  put(*writer, "b", b);
  REQUIRE(writer->commit());
  return writer->state();
}

void overwrite(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("engram store: a segment truncated while it is open is not used again", "[memory]") {
  std::mt19937 random(83);
  const Tokens a = random_tokens(random, 3000, kAlphabet), b = random_tokens(random, 90, kAlphabet);
  const TemporaryDirectory d;
  const EngramState kept = store_of_two(d, a, b);
  EngramReader reader(d.path(), vocabulary());
  REQUIRE(reader.snapshot());
  const fs::path victim = memory_of(d) / "000001.seg";
  fs::resize_file(victim, fs::file_size(victim) / 2);
  const auto snapshot = reader.snapshot();
  REQUIRE(snapshot);
  CHECK_FALSE((*snapshot)->file("a"));
  CHECK((*snapshot)->file("b"));
  CHECK(reader.problems().size() == 1);
  CHECK(*reader.snapshot() == *snapshot);  // not made again for every question
  const auto writer = EngramWriter::open(d.path(), vocabulary(), kept);
  REQUIRE(writer);
  CHECK((*writer)->problems().size() == 1);
  CHECK_FALSE((*writer)->has_tokens(content_of(a), false));
}

TEST_CASE("engram store: a segment that lost bytes is read whole before it is trusted again",
          "[memory]") {
  std::mt19937 random(89);
  const Tokens a = random_tokens(random, 3000, kAlphabet), b = random_tokens(random, 90, kAlphabet);
  for (const bool sound : {true, false}) {
    const TemporaryDirectory d;
    store_of_two(d, a, b);
    EngramReader reader(d.path(), vocabulary());
    const auto before = reader.snapshot();
    REQUIRE(before);
    const fs::path victim = memory_of(d) / "000001.seg";
    auto bytes = read_file(victim);
    REQUIRE(bytes);
    fs::resize_file(victim, 0);
    REQUIRE_FALSE((*before)->parts()[0].segment->verify());  // sees the bytes go
    if (!sound) (*bytes)[sizeof(SegmentHeader) + 900] ^= 1;  // among the symbols
    overwrite(victim, *bytes);
    const auto after = reader.snapshot();
    REQUIRE(after);
    CHECK((*after)->file("a").has_value() == sound);
    CHECK(reader.problems().size() == (sound ? 0 : 1));
    CHECK(*reader.snapshot() == *after);
  }
}

TEST_CASE("engram store: a segment that cannot be opened just now is not set aside", "[memory]") {
  const TemporaryDirectory d;
  const Tokens a = {1, 2, 3, 4}, b = {1, 2, 3, 5};
  store_of_two(d, a, b);
  const fs::path segment = memory_of(d) / "000001.seg", away = d.path() / "away";
  fs::rename(segment, away);
  fs::create_symlink("000001.seg", segment);  // leads to itself
  const auto refused = EngramWriter::open(d.path(), vocabulary());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kIo);
  CHECK_FALSE(EngramReader(d.path(), vocabulary()).snapshot());
  fs::rename(away, segment);
  CHECK(open_writer(d.path())->problems().empty());
  check_remembers(d.path(), {{"a", a}, {"b", b}}, 10);
}

TEST_CASE(
    "engram store: a segment damaged under its writer is said and set aside with the next commit",
    "[memory]") {
  std::mt19937 random(97);
  const TemporaryDirectory d;
  const Tokens a = random_tokens(random, 3000, kAlphabet), b = random_tokens(random, 90, kAlphabet);
  const auto writer = open_writer(d.path());
  put(*writer, "a", a);
  REQUIRE(writer->commit());
  const fs::path victim = memory_of(d) / "000001.seg";
  fs::resize_file(victim, fs::file_size(victim) / 2);
  put(*writer, "b", b);
  REQUIRE(writer->commit());
  CHECK(writer->problems().size() == 1);
  CHECK_FALSE(fs::exists(victim));
  CHECK_FALSE(writer->has_tokens(content_of(a), false));
  check_remembers(d.path(), {{"b", b}}, 11);
}

TEST_CASE("engram store: a vocabulary that cannot be read is said by name and written again",
          "[memory]") {
  const TemporaryDirectory d;
  const fs::path file = memory_of(d) / "vocabulary";
  open_writer(d.path());
  const auto whole = read_file(file);
  REQUIRE(whole);
  for (const std::string& damaged : {std::string(), whole->substr(0, whole->size() / 2)}) {
    overwrite(file, damaged);
    const auto loaded = load_vocabulary(memory_of(d));
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == Errc::kCorrupt);
    CHECK(loaded.error().message.find(file.string()) != std::string::npos);
    open_writer(d.path());
    CHECK(*read_file(file) == *whole);
  }
}

TEST_CASE("engram store: what cannot be a manifest is as one that is damaged", "[memory]") {
  const Tokens a = {1, 2, 3, 4}, b = {1, 2, 3, 5};
  for (const bool too_large : {true, false}) {
    const TemporaryDirectory d;
    const fs::path file = memory_of(d) / "manifest";
    const auto spoil = [&] {
      fs::remove(file);
      if (too_large) overwrite(file, std::string(70000, 'x'));
      if (!too_large) REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    };
    {
      const auto writer = open_writer(d.path());
      put(*writer, "a", a);
      REQUIRE(writer->commit());
      put(*writer, "b", b);
      REQUIRE(writer->commit({}, Durability::kLater));
    }
    spoil();
    check_remembers(d.path(), {{"a", a}}, 12);  // what is durable
    fs::remove(memory_of(d) / kDurableManifest);
    const auto writer = open_writer(d.path());
    CHECK(writer->problems().size() == 1);
    put(*writer, "b", b);
    REQUIRE(writer->commit());
    check_remembers(d.path(), {{"b", b}}, 13);
  }
}

TEST_CASE("engram store: what a writer that died left half-written goes", "[memory]") {
  const TemporaryDirectory d;
  open_writer(d.path());
  for (const char* name : {"000009.seg.abcdef", "manifest.abcdef", "vocabulary.abcdef"}) {
    overwrite(memory_of(d) / name, "half");
  }
  open_writer(d.path());
  for (const auto& entry : fs::directory_iterator(memory_of(d))) {
    CHECK(entry.path().extension() != ".abcdef");
  }
  CHECK(fs::exists(memory_of(d) / "vocabulary"));
}

}  // namespace engram
