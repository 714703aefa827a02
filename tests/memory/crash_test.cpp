// Processes that die, disks that fill, writers and readers side by side. Each child is a fork that
// does nothing but write; it is killed without warning.

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <random>

#include "memory/catalogue.h"
#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

// Generation g of the tree: every file holds text made from g, so a mixed answer shows.
constexpr unsigned kFiles = 8;
std::string text_of(unsigned generation, unsigned file) {
  return sample_code(generation * 1000 + file, 2500);
}
std::string path_of(unsigned file) { return "dir/f" + std::to_string(file); }

bool write_generation(CatalogueWriter& writer, unsigned generation) {
  for (unsigned f = 0; f < kFiles; ++f) {
    if (!put_sample(writer, path_of(f), text_of(generation, f))) return false;
  }
  return writer.set_meta("generation", std::to_string(generation)) && writer.commit();
}

// The generation a reader sees, checked to be whole; 0 when there is none yet.
unsigned check_whole(const fs::path& store) {
  const auto opened = CatalogueReader::open(store);
  if (!opened) {
    CHECK(opened.error().code == Errc::kNotFound);
    return 0;
  }
  const auto meta = (*opened)->meta("generation");
  REQUIRE(meta);
  if (!*meta) return 0;
  const auto generation = static_cast<unsigned>(std::stoul(**meta));
  for (unsigned f = 0; f < kFiles; ++f) {
    const auto text = (*opened)->text(path_of(f));
    REQUIRE(text);
    CHECK(*text == text_of(generation, f));
    const auto facts = (*opened)->facts(path_of(f));
    REQUIRE(facts);
    CHECK(facts->symbols.size() == sample_facts(text_of(generation, f)).symbols.size());
  }
  return generation;
}

// Runs `work` in a child that never returns into the test program.
pid_t in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  REQUIRE(child > 0);
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// One byte a generation comes through the pipe, so that the parent knows what was committed.
struct Pipe {
  Pipe() { REQUIRE(::pipe(fds) == 0); }
  ~Pipe() {
    ::close(fds[0]);
    ::close(fds[1]);
  }
  void tell() const { static_cast<void>(::write(fds[1], "x", 1) == 1); }
  void hear() const {
    char c = 0;
    static_cast<void>(::read(fds[0], &c, 1) == 1);
  }
  int fds[2] = {-1, -1};
};

}  // namespace

TEST_CASE("kill -9: whatever instant, the next reader sees a whole generation", "[memory]") {
  const TemporaryDirectory d;
  std::mt19937 random(41);
  unsigned last = 0;
  for (int round = 0; round < 12; ++round) {
    const Pipe committed;
    const unsigned first = last + 1;
    const pid_t child = in_child([&] {
      const auto writer = CatalogueWriter::open(d.path());
      if (!writer) ::_exit(9);
      for (unsigned g = first;; ++g) {
        if (!write_generation(**writer, g)) ::_exit(8);
        committed.tell();
      }
    });
    const unsigned told = 1 + static_cast<unsigned>(random() % 3);
    for (unsigned i = 0; i < told; ++i) committed.hear();
    ::usleep(static_cast<useconds_t>(random() % 8000));  // the random instant, not a wait
    REQUIRE(::kill(child, SIGKILL) == 0);
    CHECK(WIFSIGNALED(wait_for(child)));
    const unsigned seen = check_whole(d.path());
    CHECK(seen >= first + told - 1);  // what commit() returned for is not lost
    last = seen;
  }
  CHECK_FALSE(lease_holder(d.path()));
}

TEST_CASE("two processes: the second writer is told who writes, readers go on", "[memory]") {
  const TemporaryDirectory d;
  const Pipe ready, done;
  const pid_t child = in_child([&] {
    const auto writer = CatalogueWriter::open(d.path());
    if (!writer || !write_generation(**writer, 1)) ::_exit(9);
    if (!put_sample(**writer, path_of(0), text_of(2, 0))) ::_exit(8);  // an open transaction
    ready.tell();
    done.hear();
  });
  ready.hear();
  const auto second = CatalogueWriter::open(d.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::kBusy);
  CHECK_THAT(second.error().message, Catch::Matchers::ContainsSubstring(std::to_string(child)));
  REQUIRE(lease_holder(d.path()));
  CHECK(lease_holder(d.path())->pid == child);
  CHECK(check_whole(d.path()) == 1);
  done.tell();
  CHECK(wait_for(child) == 0);
  CHECK(CatalogueWriter::open(d.path()));
}

TEST_CASE("a reader beside a busy writer sees each generation whole", "[memory]") {
  const TemporaryDirectory d;
  {
    const auto writer = CatalogueWriter::open(d.path());
    REQUIRE(writer);
    REQUIRE(write_generation(**writer, 1));
  }
  const pid_t child = in_child([&] {
    const auto writer = CatalogueWriter::open(d.path());
    if (!writer) ::_exit(9);
    for (unsigned g = 2; g < 40; ++g) {
      if (!write_generation(**writer, g)) ::_exit(8);
      if (g % 10 == 0 && !(*writer)->optimize()) ::_exit(7);
    }
  });
  unsigned last = 1;
  const auto reader = CatalogueReader::open(d.path());
  REQUIRE(reader);
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    // facts() is one answer: text, symbols and chunks in it are of one generation.
    const auto facts = (*reader)->facts(path_of(3));
    REQUIRE(facts);
    const auto text = (*reader)->text(path_of(3));
    REQUIRE(text);
    const auto chunks = (*reader)->similar_chunks({.identifiers = {"parse", "header"}});
    REQUIRE(chunks);
    const auto meta = (*reader)->meta("generation");
    REQUIRE(meta);
    const auto generation = static_cast<unsigned>(std::stoul(**meta));
    CHECK(generation >= last);
    last = generation;
  }
  CHECK(status == 0);
  CHECK(check_whole(d.path()) == 39);
}

TEST_CASE("disk full: the write fails with one line, old answers stay", "[memory]") {
  const TemporaryDirectory d;
  {
    const auto writer = CatalogueWriter::open(d.path());
    REQUIRE(writer);
    REQUIRE(write_generation(**writer, 1));
  }
  // A limit on file size refuses writes as a full disk does (EFBIG for ENOSPC), without a mount.
  const pid_t child = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto writer = CatalogueWriter::open(d.path());
    if (!writer) ::_exit(9);
    const rlimit limit{300'000, 300'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(8);
    for (unsigned g = 2; g < 50; ++g) {
      if (write_generation(**writer, g)) continue;
      const auto again = put_sample(**writer, "more", sample_code(7, 500'000));
      const auto commit = again ? (*writer)->commit() : again;
      if (commit) ::_exit(6);
      const Errc code = commit.error().code;
      ::_exit(code == Errc::kIo && commit.error().message.find('\n') == std::string::npos ? 42 : 5);
    }
    ::_exit(7);
  });
  const int status = wait_for(child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  const unsigned before = check_whole(d.path());
  CHECK(before >= 1);
  const auto writer = CatalogueWriter::open(d.path());
  REQUIRE(writer);
  REQUIRE(write_generation(**writer, before + 1));
  CHECK(check_whole(d.path()) == before + 1);
}

TEST_CASE("disk full: on a file system of 2 MiB the message says so", "[memory]") {
  const TemporaryDirectory d;
  const pid_t child = in_child([&] {
    const bool root = ::geteuid() == 0;
    if (::unshare(root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", d.path().c_str(), "tmpfs", 0, "size=2m") != 0) {
      ::_exit(77);
    }
    const fs::path store = d.path() / "store";
    unsigned written = 0;
    {
      const auto writer = CatalogueWriter::open(store);
      if (!writer) ::_exit(9);
      while (written < 500 && write_generation(**writer, written + 1)) ++written;
      if (written == 0 || written == 500) ::_exit(8);
      const auto put = put_sample(**writer, "more", sample_code(7, 3'000'000));
      const auto failed = put ? (*writer)->commit() : put;
      if (failed || failed.error().code != Errc::kIo) ::_exit(7);
      if (failed.error().message.find("disk is full") == std::string::npos) ::_exit(6);
    }
    const auto reader = CatalogueReader::open(store);
    if (!reader) ::_exit(5);
    const auto text = (*reader)->text(path_of(1));
    ::_exit(text && *text == text_of(written, 1) ? 42 : 4);
  });
  const int status = wait_for(child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    WARN("not run: this machine allows no private mounts (unshare, tmpfs)");
    return;
  }
  CHECK(WEXITSTATUS(status) == 42);
}

TEST_CASE("read-only: a store in a directory that cannot be written answers", "[memory]") {
  const TemporaryDirectory d;
  {
    const auto writer = CatalogueWriter::open(d.path());
    REQUIRE(writer);
    REQUIRE(write_generation(**writer, 3));
  }
  fs::permissions(d.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const pid_t child = in_child([&] {
    // Root ignores permissions: become nobody, or at least say so.
    if (::geteuid() == 0) {
      if (::chown(d.path().c_str(), 65534, 65534) != 0 || ::setgid(65534) != 0 ||
          ::setuid(65534) != 0) {
        ::_exit(77);
      }
    }
    const auto reader = CatalogueReader::open(d.path());
    if (!reader) ::_exit(1);
    const auto text = (*reader)->text(path_of(2));
    if (!text || *text != text_of(3, 2)) ::_exit(2);
    if ((*reader)->similar_chunks({.identifiers = {"parse"}})->empty()) ::_exit(3);
    const auto writer = CatalogueWriter::open(d.path());
    if (writer || writer.error().code != Errc::kIo) ::_exit(4);
  });
  const int status = wait_for(child);
  fs::permissions(d.path(), fs::perms::owner_all);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    WARN("not run: root, and cannot become another user here");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace engram
