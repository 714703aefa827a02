// A store is bytes from outside: whatever they are, the answer is an error or an answer, never a
// crash. Seeded; the fuzzer in tests/fuzz/catalogue goes on where this stops.

#include <filesystem>
#include <fstream>
#include <random>

#include "core/atomic_file.h"
#include "memory/catalogue.h"
#include "memory/facts_codec.h"
#include "memory/sqlite.h"
#include "memory/term_index.h"
#include "memory/text_search.h"
#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

void make_store(const fs::path& directory) {
  const auto writer = CatalogueWriter::open(directory);
  REQUIRE(writer);
  for (unsigned i = 0; i < 6; ++i) {
    REQUIRE(put_sample(**writer, "f" + std::to_string(i), sample_code(i, 3000)));
  }
  REQUIRE((*writer)->commit());
  REQUIRE((*writer)->optimize());
}

void overwrite(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Asks everything; only that it returns matters. How many answers were errors.
std::size_t ask_everything(const fs::path& directory) {
  const auto opened = CatalogueReader::open(directory);
  if (!opened) return 1;
  CatalogueReader& reader = **opened;
  std::size_t errors = 0;
  errors += !reader.counts();
  errors += !reader.files();
  errors += !reader.skipped();
  errors += !reader.meta("head");
  for (unsigned i = 0; i < 6; ++i) {
    errors += !reader.text("f" + std::to_string(i));
    errors += !reader.facts("f" + std::to_string(i));
  }
  errors += !reader.symbols({.name = "parse", .fuzzy = true});
  errors += !reader.symbols({.name = "header", .fuzzy = false, .include_locals = true});
  errors += !reader.members("Node", 10);
  errors += !reader.references("Buffer", 10);
  errors += !reader.similar_chunks({.identifiers = {"parseHeader", "tokenStream"}});
  errors += !reader.full_text("parse header", 5);
  TextQuery query;
  query.pattern = "parse";
  query.threads = 1;
  errors += !search_text(directory, query);
  return errors;
}

std::size_t write_everything(const fs::path& directory) {
  const auto opened = CatalogueWriter::open(directory);
  if (!opened) return 1;
  std::size_t errors = 0;
  errors += !(*opened)->files();
  errors += !put_sample(**opened, "new", sample_code(99, 3000));
  errors += !(*opened)->remove_file("f1");
  errors += !(*opened)->commit();
  errors += !(*opened)->optimize();
  return errors;
}

}  // namespace

TEST_CASE("hostile store: flipped bytes give errors or answers, never a crash", "[memory]") {
  const TemporaryDirectory good, bad;
  make_store(good.path());
  const std::string bytes = *read_file(good.path() / "catalogue.db");
  REQUIRE(ask_everything(good.path()) == 0);
  std::mt19937 random(20240607);
  std::size_t noticed = 0;
  constexpr std::size_t kRounds = 120;
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::string broken = bytes;
    const std::size_t flips = 1 + random() % 40;
    for (std::size_t i = 0; i < flips; ++i) {
      // Half of them near page starts, where SQLite's own structures are.
      std::size_t at = random() % broken.size();
      if (random() % 2 == 0) at = std::min(at / 8192 * 8192 + random() % 64, broken.size() - 1);
      broken[at] = static_cast<char>(random());
    }
    fs::remove_all(bad.path() / "s");
    fs::create_directories(bad.path() / "s");
    overwrite(bad.path() / "s" / "catalogue.db", broken);
    noticed += ask_everything(bad.path() / "s") > 0;
    write_everything(bad.path() / "s");
  }
  CHECK(noticed > kRounds / 2);  // checksums and shapes see most of it
}

TEST_CASE("hostile store: truncated, foreign or odd files are corrupt", "[memory]") {
  const TemporaryDirectory good, d;
  make_store(good.path());
  const std::string bytes = *read_file(good.path() / "catalogue.db");
  struct Case {
    const char* why;
    std::string bytes;
  };
  const auto c = GENERATE_COPY(
      values<Case>({{"one page", bytes.substr(0, 8192)},
                    {"half", bytes.substr(0, bytes.size() / 2)},
                    {"half a page more", bytes.substr(0, bytes.size() / 2 / 8192 * 8192 + 4096)},
                    {"no database", "#!/bin/sh\necho hello\n"},
                    {"zeros", std::string(100'000, '\0')}}));
  INFO(c.why);
  overwrite(d.path() / "catalogue.db", c.bytes);
  CHECK(ask_everything(d.path()) > 0);
  const auto writer = CatalogueWriter::open(d.path());
  if (!writer) CHECK(writer.error().code == Errc::kCorrupt);
  // What the caller then does:
  if (!writer) {
    REQUIRE(discard_store(d.path()));
    make_store(d.path());
    CHECK(ask_everything(d.path()) == 0);
  }
}

TEST_CASE("hostile store: a database of another program is refused", "[memory]") {
  const TemporaryDirectory d;
  {
    const auto db = Database::open(d.path() / "catalogue.db", Database::Mode::kWrite);
    REQUIRE(db);
    REQUIRE((*db)->execute("CREATE TABLE bookmarks(url TEXT)"));
  }
  const auto reader = CatalogueReader::open(d.path());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == Errc::kCorrupt);
  CHECK_THAT(reader.error().message, Catch::Matchers::ContainsSubstring("another program"));
}

TEST_CASE("hostile store: another version, or tables added, will be rebuilt", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path());
  const auto* const sql =
      GENERATE("UPDATE meta SET value = '999' WHERE key = 'schema'", "DROP INDEX files_by_content",
               "DELETE FROM meta", "CREATE VIEW v AS SELECT 1", "CREATE TABLE extra(x)");
  {
    const auto db = Database::open(d.path() / "catalogue.db", Database::Mode::kWrite);
    REQUIRE(db);
    REQUIRE((*db)->execute(sql));
  }
  INFO(sql);
  const auto reader = CatalogueReader::open(d.path());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == Errc::kCorrupt);
  CHECK_THAT(reader.error().message, Catch::Matchers::ContainsSubstring("rebuilt"));
  CHECK(CatalogueWriter::open(d.path()).error().code == Errc::kCorrupt);
}

TEST_CASE("hostile store: values of wrong types and absurd blobs are corrupt", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path());
  const auto* const sql =
      GENERATE("UPDATE content_text SET text = zeroblob(1000)",
               "UPDATE content_symbols SET symbols = x'28b52ffd'",
               "UPDATE content_references SET postings = x''",
               "UPDATE content_chunks SET chunks = zeroblob(9)", "UPDATE contents SET bytes = -1",
               "UPDATE contents SET bytes = 99999999999",
               "UPDATE contents SET chunk_count = 4611686018427387904",
               "UPDATE contents SET certainty = 77", "UPDATE files SET path = '../' || path",
               "UPDATE term_blocks SET data = randomblob(500)", "UPDATE term_blocks SET data = x''",
               "UPDATE content_trigrams SET filter = x'01'", "DELETE FROM content_text",
               "DELETE FROM contents", "UPDATE meta SET value = '-5' WHERE key = 'next_content'");
  {
    const auto db = Database::open(d.path() / "catalogue.db", Database::Mode::kWrite);
    REQUIRE(db);
    REQUIRE((*db)->execute(sql));
  }
  INFO(sql);
  ask_everything(d.path());
  write_everything(d.path());
}

TEST_CASE("blob decoders: seeded garbage and truncations are refused", "[memory]") {
  const std::string text = sample_code(5, 4000);
  const FileFacts facts = sample_facts(text);
  const PreparedFile prepared = prepare_file(facts, text);
  std::mt19937 random(99);
  const auto broken_version_of = [&](const std::string& blob, int round) {
    std::string broken = blob;
    if (round % 3 == 0) {
      broken.resize(random() % broken.size());
    } else {
      broken[random() % broken.size()] = static_cast<char>(random());
    }
    return broken;
  };
  // A flip in an unused header bit may change nothing; then the answer is the true one.
  for (int round = 0; round < 300; ++round) {
    const auto symbols = decode_symbols(broken_version_of(prepared.symbols, round), text.size());
    CHECK((!symbols || encode_symbols(*symbols) == prepared.symbols));
    const auto references =
        decode_references(broken_version_of(prepared.references, round), text.size());
    CHECK((!references || encode_references(*references, text) == prepared.references));
    const auto chunks = decode_chunks(broken_version_of(prepared.chunks, round), text.size());
    CHECK((!chunks || encode_chunks(*chunks) == prepared.chunks));
  }
  // Sound bytes about another, shorter text.
  CHECK_FALSE(decode_symbols(prepared.symbols, 10));
  CHECK_FALSE(decode_references(prepared.references, 10));
  CHECK_FALSE(decode_chunks(prepared.chunks, 10));
}

TEST_CASE("term blocks: garbage stops the reader", "[memory]") {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string garbage(random() % 60, '\0');
    for (char& c : garbage) c = static_cast<char>(random() % 8 == 0 ? random() : random() % 6);
    TermBlockReader block(garbage);
    std::size_t terms = 0;
    while (block.next()) {
      for_each_posting(block.postings(), [](std::uint64_t, std::uint8_t) {});
      ++terms;
    }
    CHECK(terms <= garbage.size());
  }
}

}  // namespace engram
