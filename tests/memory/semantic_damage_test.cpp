// The store of compiler facts when its writer dies, its file is damaged or its blobs are.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "memory/semantic/source_codec.h"
#include "tests/memory/random_units.h"
#include "tests/memory/semantic_rig.h"

namespace engram {

TEST_CASE("semantic store: a writer killed at any moment leaves the last commit whole",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  RandomUnits random(7);
  std::vector<UnitFacts> generations;
  for (int i = 0; i < 12; ++i) generations.push_back(random.unit(0));
  const pid_t child = ::fork();
  if (child == 0) {
    auto writer = SemanticWriter::open(store.path(), kSemanticWorkspace);
    for (unsigned round = 0; writer; ++round) {
      SemanticUnit unit = unit_named("u0.cpp");
      unit.errors = round % 12;
      if (!(*writer)->put_unit(unit, generations[round % 12]) || !(*writer)->commit()) break;
    }
    ::_exit(1);
  }
  REQUIRE(child > 0);
  // Until it has written: then it is in the middle of something. It only ends when it cannot write.
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(child, &status, WNOHANG)) == 0) {
    const auto reader = SemanticReader::open(store.path());
    if (reader && (*reader)->counts()->units > 0) break;
    ::usleep(1000);
  }
  REQUIRE(ended == 0);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  {
    const auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    const auto units = (*reader)->units();
    REQUIRE(units);
    REQUIRE(units->size() == 1);
    SemanticOracle oracle(kSemanticWorkspace);
    oracle.put(units->front(), generations[units->front().errors]);
    check_equal(store, oracle);
  }
  auto writer = open_writer(store);  // the lease is free again
  REQUIRE(writer->put_unit(unit_named("u0.cpp"), generations[0]));
  REQUIRE(writer->commit());
}

namespace {

// Generation g of three units is made from g, so that a mixture shows.
constexpr std::uint32_t kUnitsWritten = 3;

UnitFacts facts_of(std::uint32_t generation, std::uint32_t unit) {
  return RandomUnits(generation * 100 + unit).unit(unit);
}

SemanticUnit unit_of(std::uint32_t generation, std::uint32_t number) {
  SemanticUnit unit = unit_named("u" + std::to_string(number) + ".cpp");
  unit.errors = generation;
  return unit;
}

Result<void> write_generation(SemanticWriter& writer, std::uint32_t generation) {
  for (std::uint32_t u = 0; u < kUnitsWritten; ++u) {
    ENGRAM_TRY_VOID(writer.put_unit(unit_of(generation, u), facts_of(generation, u)));
  }
  return writer.commit();
}

// Writes until it fails: the exit status says how. 77: not possible here.
[[noreturn]] void write_until_full(const std::filesystem::path& store, bool own_file_system) {
  ::signal(SIGXFSZ, SIG_IGN);
  if (own_file_system) {
    const bool root = ::geteuid() == 0;
    if (::unshare(root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", store.c_str(), "tmpfs", 0, "size=1m") != 0) {
      ::_exit(77);
    }
  }
  std::uint32_t written = 0;
  {
    auto writer = SemanticWriter::open(store, kSemanticWorkspace);
    if (!writer) ::_exit(9);
    const rlimit limit{400'000, 400'000};
    if (!own_file_system && ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(8);
    Result<void> done = {};
    while (written < 500 && (done = write_generation(**writer, written + 1))) ++written;
    if (done || written == 0 || done.error().code != Errc::kIo) ::_exit(7);
    const std::string& message = done.error().message;
    if (message.find('\n') != std::string::npos) ::_exit(6);
    if (own_file_system && message.find("disk is full") == std::string::npos) ::_exit(5);
    // What was lost cannot be passed over by the next call.
    if ((*writer)->put_unit(unit_of(1, 0), facts_of(1, 0)) || (*writer)->commit()) ::_exit(4);
  }
  const auto reader = SemanticReader::open(store);
  const auto units = reader ? (*reader)->units() : reader.error();
  if (!units || units->size() != kUnitsWritten) ::_exit(3);
  SemanticOracle oracle(kSemanticWorkspace);
  for (std::uint32_t u = 0; u < kUnitsWritten; ++u) {
    if ((*units)[u].errors != written) ::_exit(2);
    oracle.put(unit_of(written, u), facts_of(written, u));
  }
  const bool whole = difference_of(oracle.facts(), stored_facts(**reader, oracle)).empty();
  ::_exit(whole ? 42 : 1);
}

}  // namespace

TEST_CASE("semantic store: on a full disk the write fails with one line, old answers stay",
          "[memory][semantic]") {
  const bool own_file_system = GENERATE(false, true);
  INFO(own_file_system);
  const TemporaryDirectory store;
  const pid_t child = ::fork();
  if (child == 0) write_until_full(store.path(), own_file_system);
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) SKIP("this machine allows no private mounts (unshare, tmpfs)");
  CHECK(WEXITSTATUS(status) == 42);
  // With space again it goes on.
  if (own_file_system) return;
  auto writer = open_writer(store);
  REQUIRE(write_generation(*writer, 1));
  SemanticOracle oracle(kSemanticWorkspace);
  for (std::uint32_t u = 0; u < kUnitsWritten; ++u) oracle.put(unit_of(1, u), facts_of(1, u));
  check_equal(store, oracle);
}

TEST_CASE("semantic store: a damaged file is refused or answered within bounds",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  RandomUnits random(11);
  SemanticOracle oracle(kSemanticWorkspace);
  {
    auto writer = open_writer(store);
    for (std::uint32_t u = 0; u < 4; ++u) {
      const SemanticUnit unit = unit_named("u" + std::to_string(u) + ".cpp");
      const UnitFacts facts = random.unit(u);
      oracle.put(unit, facts);
      REQUIRE(writer->put_unit(unit, facts));
    }
    REQUIRE(writer->commit());
  }
  const auto file = store.path() / "semantic" / "semantic.db";
  std::ifstream in(file, std::ios::binary);
  const std::string sound((std::istreambuf_iterator<char>(in)), {});
  REQUIRE(sound.size() > 20000);
  std::size_t refused = 0;
  for (int round = 0; round < 60; ++round) {
    std::string bytes = sound;
    for (int i = 0; i < 8; ++i) {
      bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] =
          static_cast<char>(random.below(256));
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    const auto reader = SemanticReader::open(store.path());
    if (!reader) {
      ++refused;
      continue;
    }
    for (const auto& [path, content] : oracle.sources()) {
      const auto facts = (*reader)->facts(path, content);
      if (!facts) {
        ++refused;
        continue;
      }
      if (!*facts) continue;
      for (const SemanticUse& use : (*facts)->uses) REQUIRE(use.end <= 1000);
    }
    for (SymbolNumber n = 0; n < 5; ++n) {
      static_cast<void>((*reader)->uses_of(n));
      static_cast<void>((*reader)->symbol(n));
      static_cast<void>((*reader)->links_to(n));
    }
    static_cast<void>((*reader)->named("name1"));
    static_cast<void>(SemanticWriter::open(store.path(), kSemanticWorkspace));
  }
  CHECK(refused > 0);
}

TEST_CASE("semantic store: a blob cut short or changed within is refused", "[memory][semantic]") {
  SourcePool pool;
  pool.uses = {
      {3, 10, 14, 5, kRoleCall}, {3, 20, 24, kNoNumber, kRoleRead}, {5, 1, 9, kNoNumber, 2}};
  pool.links = {{3, RelationKind::kCalls, 5}};
  pool.extents = {{5, 0, 90, 10, 90}};
  pool.inclusions = {{1, 4, 2, true}, {50, 60, kNoNumber, false}};
  pool.inactive = {{70, 80}};
  pool.normalize();
  const PoolRuns inferred{{1, 2}};
  const std::string blob = encode_pool(pool, inferred);
  const auto back = decode_pool(blob, {6, 100});
  REQUIRE(back);
  CHECK(back->pool == pool);
  CHECK(back->inferred == inferred);
  CHECK_FALSE(decode_pool(blob, {5, 100}));  // a symbol that was never given out
  CHECK_FALSE(decode_pool(blob, {6, 89}));   // an extent past the end
  CHECK_FALSE(decode_pool(blob, {6, 20}));   // uses past the end
  for (std::size_t size = 0; size < blob.size(); ++size) {
    CHECK_FALSE(decode_pool(std::string_view(blob).substr(0, size), {6, 100}));
  }
  const auto one = decode_uses_of(blob, {6, 100}, 3);
  REQUIRE(one);
  REQUIRE(one->size() == 2);
  CHECK((*one)[0].container == 5);
  CHECK((*one)[0].certainty == Certainty::kSemantic);
  CHECK((*one)[1].certainty == Certainty::kInferred);
}

}  // namespace engram
