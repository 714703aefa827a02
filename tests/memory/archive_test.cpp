#include <filesystem>

#include "core/atomic_file.h"
#include "memory/catalogue.h"
#include "memory/lease.h"
#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

void make_store(const fs::path& directory, std::uint64_t seed) {
  const auto writer = CatalogueWriter::open(directory);
  REQUIRE(writer);
  for (std::uint64_t i = 0; i < 5; ++i) {
    REQUIRE(put_sample(**writer, "f" + std::to_string(i), sample_code(seed + i, 4000)));
  }
  REQUIRE((*writer)->commit());
}

void check_holds(const fs::path& directory, std::uint64_t seed) {
  const auto reader = CatalogueReader::open(directory);
  REQUIRE(reader);
  CHECK(*(*reader)->text("f0") == sample_code(seed, 4000));
  CHECK((*reader)->counts()->files == 5);
}

}  // namespace

TEST_CASE("export and import: a store goes through one file", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path() / "from", 1);
  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  REQUIRE(import_store(d.path() / "cache.engram", d.path() / "to"));
  check_holds(d.path() / "to", 1);
  // And it is written on as any other.
  make_store(d.path() / "to", 50);
  check_holds(d.path() / "to", 50);
  // Nothing is left beside them.
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& e : fs::directory_iterator(d.path())) ++entries;
  CHECK(entries == 3);
}

TEST_CASE("import: an open reader sees the old store, then the new", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path() / "from", 1);
  make_store(d.path() / "to", 100);
  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  const auto reader = CatalogueReader::open(d.path() / "to");
  REQUIRE(reader);
  CHECK(*(*reader)->text("f0") == sample_code(100, 4000));
  REQUIRE(import_store(d.path() / "cache.engram", d.path() / "to"));
  CHECK(*(*reader)->text("f0") == sample_code(1, 4000));
}

TEST_CASE("import: replaces a store that is damaged", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path() / "from", 1);
  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  d.write("to/catalogue.db", "this is no database");
  REQUIRE(import_store(d.path() / "cache.engram", d.path() / "to"));
  check_holds(d.path() / "to", 1);
}

TEST_CASE("import: a bad archive changes nothing", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path() / "from", 1);
  make_store(d.path() / "to", 100);
  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  const std::string good = *read_file(d.path() / "cache.engram");
  struct Case {
    const char* why;
    std::string bytes;
  };
  std::string flipped = good, huge = good, version = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
  huge[22] = '\x7f';
  version[8] = 9;
  const auto c = GENERATE_COPY(values<Case>({{"empty", ""},
                                             {"not an archive", std::string(200, 'x')},
                                             {"cut short", good.substr(0, good.size() - 9)},
                                             {"a bit flipped", flipped},
                                             {"bytes follow", good + "more"},
                                             {"absurd size", huge},
                                             {"another version", version}}));
  INFO(c.why);
  d.write("bad.engram", c.bytes);
  const auto imported = import_store(d.path() / "bad.engram", d.path() / "to");
  REQUIRE_FALSE(imported);
  CHECK(imported.error().code == Errc::kCorrupt);
  check_holds(d.path() / "to", 100);
}

TEST_CASE("import: waits for nobody, a writer at work makes it busy", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path() / "from", 1);
  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  const auto writer = CatalogueWriter::open(d.path() / "to");
  REQUIRE(writer);
  const auto imported = import_store(d.path() / "cache.engram", d.path() / "to");
  REQUIRE_FALSE(imported);
  CHECK(imported.error().code == Errc::kBusy);
  CHECK(discard_store(d.path() / "to").error().code == Errc::kBusy);
}

TEST_CASE("discard_store: deletes the store's files and no other", "[memory]") {
  const TemporaryDirectory d;
  make_store(d.path(), 1);
  d.write("notes.txt", "mine");
  REQUIRE(discard_store(d.path()));
  CHECK(fs::exists(d.path() / "notes.txt"));
  CHECK_FALSE(CatalogueReader::open(d.path()));
  make_store(d.path(), 2);
  check_holds(d.path(), 2);
}

TEST_CASE("network file systems are told from local ones", "[memory]") {
  CHECK(network_file_system_name(0x6969, "nfs4") == "NFS");
  CHECK(network_file_system_name(0xff534d42, "cifs") == "SMB");
  CHECK(network_file_system_name(0x65735546, "fuse.sshfs") == "sshfs");
  CHECK(network_file_system_name(0x65735546, "fuse.gocryptfs").empty());
  CHECK(network_file_system_name(0xef53, "ext4").empty());
}

}  // namespace engram
