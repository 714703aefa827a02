#include <algorithm>
#include <filesystem>

#include "core/atomic_file.h"
#include "memory/catalogue.h"
#include "memory/compression.h"
#include "memory/engrams/store.h"
#include "memory/lease.h"
#include "tests/memory/engram_fixture.h"
#include "tests/memory/random_units.h"
#include "tests/memory/sample_facts.h"
#include "tests/memory/semantic_rig.h"
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

void remember(const fs::path& store, const std::shared_ptr<const EngramVocabulary>& vocabulary,
              const std::vector<RememberedFile>& files) {
  const auto writer = EngramWriter::open(store, vocabulary);
  REQUIRE(writer);
  for (const RememberedFile& f : files) {
    EngramContentInfo info;
    info.sha256 = content_of(f.tokens);
    REQUIRE((*writer)->put_file(f.path, f.flags, info, f.tokens));
  }
  REQUIRE((*writer)->commit());
}

// What follows a context, ascending.
Tokens after(const EngramSnapshot& snapshot,
             const std::shared_ptr<const EngramVocabulary>& vocabulary, const Tokens& context) {
  const EngramView view(std::make_shared<EngramSnapshot>(snapshot), vocabulary, {}, {});
  LookupAnswer answer;
  view.look_up(context, answer);
  Tokens out;
  if (answer.longest() == nullptr || answer.longest()->length != context.size()) return out;
  for (const NextToken& next : answer.longest()->next) out.push_back(next.token);
  std::sort(out.begin(), out.end());
  return out;
}

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}
std::string entry(const std::string& name, const std::string& bytes) {
  return little(name.size(), 4) + name + little(bytes.size(), 8) + bytes;
}
// docs/formats/catalogue.md, by hand.
std::string archive_of(const std::string& database, const std::string& entries) {
  const std::string payload = database + entries;
  const Sha256 sha = sha256(payload);
  std::string out = "ENGRAM\x1a\n" + little(3, 4) + little(0, 4) + little(payload.size(), 8);
  out.append(reinterpret_cast<const char*>(sha.bytes.data()), sha.bytes.size());
  return out + little(database.size(), 8) + compress(payload);
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

TEST_CASE("export and import: the engrams go with it, beside those of other tokenizers",
          "[memory]") {
  const TemporaryDirectory d;
  const auto vocabulary = numbered_vocabulary(100);
  const std::vector<RememberedFile> old = {{"f0", {1, 2, 3}}};
  const std::vector<RememberedFile> files = {{"f0", {5, 6, 7, 8}}, {"f1", {5, 6, 9}}};
  make_store(d.path() / "from", 1);
  remember(d.path() / "from", vocabulary, old);
  remember(d.path() / "from", vocabulary, files);  // a second segment
  make_store(d.path() / "to", 100);
  remember(d.path() / "to", vocabulary, {{"gone", {5, 6, 1}}});
  EngramReader reader(d.path() / "to", vocabulary);
  const auto before = reader.snapshot();
  REQUIRE(before);

  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  REQUIRE(import_store(d.path() / "cache.engram", d.path() / "to"));
  check_holds(d.path() / "to", 1);
  CHECK(after(**before, vocabulary, {5, 6}) == Tokens{1});  // who had it open keeps it
  const auto now = reader.snapshot();
  REQUIRE(now);
  CHECK(after(**now, vocabulary, {5, 6}) == Tokens{7, 9});
  CHECK(after(**now, vocabulary, {1}).empty());
  // And it is written on as any other.
  remember(d.path() / "to", vocabulary, {{"f1", {5, 6, 4}}});
  CHECK(after(**reader.snapshot(), vocabulary, {5, 6}) == Tokens{4, 7});
  CHECK(after(**EngramReader(d.path() / "from", vocabulary).snapshot(), vocabulary, {5, 6}) ==
        Tokens{7, 9});
}

TEST_CASE("import: engram files that are not what they say change nothing", "[memory]") {
  const TemporaryDirectory d;
  const auto vocabulary = numbered_vocabulary(100);
  make_store(d.path() / "from", 1);
  remember(d.path() / "from", vocabulary, {{"f0", {5, 6, 7, 8}}});
  make_store(d.path() / "to", 100);
  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  const fs::path memory = engram_directories(d.path() / "from").front();
  const std::string name = memory.filename().string();
  const std::string database = *read_file(d.path() / "from" / "catalogue.db");
  const std::string words = *read_file(memory / "vocabulary");
  const std::string manifest = *read_file(memory / "manifest");
  const std::string segment = *read_file(memory / "000001.seg");
  std::string flipped = segment;
  flipped[segment.size() - 20] = static_cast<char>(flipped[segment.size() - 20] ^ 1);
  const auto all = [&](const std::string& folder, const std::string& seg) {
    return entry(folder + "/vocabulary", words) + entry(folder + "/manifest", manifest) +
           entry(folder + "/000001.seg", seg);
  };
  d.write("good.engram", archive_of(database, all(name, segment)));
  REQUIRE(import_store(d.path() / "good.engram", d.path() / "good"));
  CHECK(after(**EngramReader(d.path() / "good", vocabulary).snapshot(), vocabulary, {5, 6}) ==
        Tokens{7});
  struct Case {
    const char* why;
    std::string entries;
  };
  const std::string whole = all(name, segment);
  const auto c = GENERATE_COPY(
      values<Case>({{"a name that leads out", entry("../../../../outside/00", "x")},
                    {"an absolute name", entry("/tmp/engram-outside", "x")},
                    {"a file of another kind", entry(name + "/lease", "x")},
                    {"a name in a folder below", entry(name + "/a/000001.seg", "x")},
                    {"twice the same", whole + entry(name + "/manifest", manifest)},
                    {"cut short", whole.substr(0, whole.size() - 1)},
                    {"half a header", whole + "ab"},
                    {"a size that is not there", entry(name + "/manifest", manifest).substr(0, 40)},
                    {"no manifest", entry(name + "/vocabulary", words)},
                    {"no vocabulary", entry(name + "/manifest", manifest)},
                    {"a segment is missing",
                     entry(name + "/vocabulary", words) + entry(name + "/manifest", manifest)},
                    {"a damaged segment", all(name, flipped)},
                    {"another tokenizer's folder", all("0123456789abcdef", segment)},
                    {"compiler's facts that are no database", entry("semantic/semantic.db", "x")},
                    {"another database", entry("semantic/semantic.db", database)},
                    {"a file beside the compiler's facts", entry("semantic/lease", "x")}}));
  INFO(c.why);
  d.write("bad.engram", archive_of(database, c.entries));
  const auto imported = import_store(d.path() / "bad.engram", d.path() / "to");
  REQUIRE_FALSE(imported);
  CHECK(imported.error().message.find('\n') == std::string::npos);
  check_holds(d.path() / "to", 100);
  CHECK(engram_directories(d.path() / "to").empty());
  for (const auto& e : fs::directory_iterator(d.path() / "to")) {
    CHECK_FALSE(e.path().filename().string().starts_with("import"));
  }
}

TEST_CASE("export and import: the compiler's facts go with it", "[memory][semantic]") {
  const TemporaryDirectory d;
  make_store(d.path() / "from", 1);
  make_store(d.path() / "to", 100);
  RandomUnits random(3);
  SemanticOracle oracle(kSemanticWorkspace);
  const auto put = [&](const fs::path& store, const std::string& file, std::uint32_t number,
                       SemanticOracle* told) {
    const auto writer = SemanticWriter::open(store, kSemanticWorkspace);
    REQUIRE(writer);
    const UnitFacts facts = random.unit(number);
    REQUIRE((*writer)->put_unit(unit_named(file), facts));
    REQUIRE((*writer)->commit());
    if (told != nullptr) told->put(unit_named(file), facts);
  };
  put(d.path() / "from", "u0.cpp", 0, &oracle);
  put(d.path() / "from", "u1.cpp", 1, &oracle);
  put(d.path() / "to", "u2.cpp", 2, nullptr);
  const auto reader = SemanticReader::open(d.path() / "to");
  REQUIRE(reader);
  REQUIRE(export_store(d.path() / "from", d.path() / "cache.engram"));
  REQUIRE(import_store(d.path() / "cache.engram", d.path() / "to"));
  check_holds(d.path() / "to", 1);
  CHECK(difference_of(oracle.facts(), stored_facts(**reader, oracle)) == "");  // open before
  CHECK((*reader)->counts()->units == 2);
  // Into a store that is damaged, and then written on.
  d.write("to/semantic/semantic.db", "this is no database");
  REQUIRE(import_store(d.path() / "cache.engram", d.path() / "to"));
  put(d.path() / "to", "u1.cpp", 1, &oracle);
  const auto again = SemanticReader::open(d.path() / "to");
  REQUIRE(again);
  CHECK(difference_of(oracle.facts(), stored_facts(**again, oracle)) == "");
  // An archive without facts leaves those there are.
  make_store(d.path() / "plain", 7);
  REQUIRE(export_store(d.path() / "plain", d.path() / "plain.engram"));
  REQUIRE(import_store(d.path() / "plain.engram", d.path() / "to"));
  CHECK((*SemanticReader::open(d.path() / "to"))->counts()->units == 2);
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
