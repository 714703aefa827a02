// The vocabulary's writer killed at any instant, and on a full disk: readers have what was
// published last, and the next run goes on from there.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <random>

#include "tests/memory/identifiers_fixture.h"

namespace engram {
namespace {

std::vector<PlainFile> files_of_round(std::uint64_t round) {
  std::vector<PlainFile> files;
  for (std::uint64_t i = 0; i < 7; ++i) {
    files.push_back({"f" + std::to_string(i) + ".x", sample_code(3 * round + i, 700)});
  }
  return files;
}

// The catalogue is closed again: SQLite's connections do not survive a fork.
void hold(const std::filesystem::path& store, const std::vector<PlainFile>& files) {
  auto writer = CatalogueWriter::open(store);
  REQUIRE(writer);
  const auto known = (*writer)->files();
  REQUIRE(known);
  for (const IndexedFile& f : *known) REQUIRE((*writer)->remove_file(f.entry.path));
  for (const PlainFile& f : files) REQUIRE(put_sample(**writer, f.path, f.text, f.flags));
  REQUIRE((*writer)->commit());
}

void check_counts(const std::filesystem::path& store, const std::vector<PlainFile>& files) {
  const auto now = IdentifierReader(store).newest();
  REQUIRE(now);
  const PlainCounts expected = count_files(files);
  const auto got = (*now)->complete("", 1'000'000);
  REQUIRE(got.size() == expected.size());
  for (const KnownIdentifier& known : got) REQUIRE(known.counts == expected.at(known.name));
}

// Publishes after every content and tells each one.
[[noreturn]] void sync_telling(const std::filesystem::path& store, int told) {
  IdentifierSyncOptions options;
  options.batch_keys = 1;
  options.may_proceed = [told] {
    if (::write(told, "x", 1) != 1) ::_exit(9);
  };
  if (!sync_identifiers(store, options)) ::_exit(8);
  for (;;) {
    if (::write(told, "x", 1) != 1) ::_exit(7);
    ::pause();
  }
}

}  // namespace

// ENGRAM_KILLS sets how often; tools/campaigns/engram_kills asks for hundreds.
TEST_CASE("identifiers: kill -9 at random instants loses nothing published", "[memory]") {
  const TemporaryDirectory d;
  const auto store = d.path() / "store";
  const char* asked = std::getenv("ENGRAM_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : 12;
  std::mt19937 random(83);
  std::uint64_t counted_by_the_killed = 0;
  for (int round = 0; round < kills; ++round) {
    const auto files = files_of_round(static_cast<std::uint64_t>(round));
    hold(store, files);
    int told[2];
    REQUIRE(::pipe(told) == 0);
    const pid_t child = ::fork();
    if (child == 0) sync_telling(store, told[1]);
    REQUIRE(child > 0);
    ::close(told[1]);
    char c = 0;
    for (unsigned i = 0; i < 1 + random() % 7; ++i) REQUIRE(::read(told[0], &c, 1) == 1);
    ::usleep(static_cast<useconds_t>(random() % 3000));  // the random instant, not a wait
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    ::close(told[0]);

    if (const auto left = IdentifierReader(store).newest()) {
      for (const auto& segment : (*left)->segments()) REQUIRE(segment->verify());
    } else {
      REQUIRE(left.error().code == Errc::kNotFound);  // killed before the first was published
    }
    const auto report = sync_identifiers(store);
    REQUIRE(report);
    CHECK(report->problems.empty());
    CHECK(!report->anew);
    CHECK(segment_files(store).size() == report->segments);  // no left-overs
    counted_by_the_killed += files.size() - std::min<std::uint64_t>(files.size(), report->counted);
    check_counts(store, files);
  }
  CHECK(counted_by_the_killed > 0);  // some were killed with something published
}

TEST_CASE("identifiers: a full disk leaves the old names answering", "[memory]") {
  const TemporaryDirectory d;
  const auto store = d.path() / "store";
  const auto before = files_of_round(1), after = files_of_round(9);
  hold(store, before);
  REQUIRE(sync_identifiers(store));
  hold(store, after);
  const pid_t child = ::fork();
  if (child == 0) {  // a file size limit is a disk that is full for every larger file
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{600, 600};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto report = sync_identifiers(store);
    ::_exit(!report && report.error().code == Errc::kIo ? 0 : 5);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  check_counts(store, before);
  CHECK(segment_files(store).size() == 1);  // nothing half-written lies about
  REQUIRE(sync_identifiers(store));
  check_counts(store, after);
}

}  // namespace engram
