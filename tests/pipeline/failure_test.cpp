// Bad input and a hostile machine.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "tests/pipeline/workspace_fixture.h"

namespace engram {

namespace fs = std::filesystem;

TEST_CASE("pipeline: a root that is not there is one line and makes no store", "[pipeline]") {
  const Workspace w;
  const auto report = index_workspace(w.root() / "none", w.store(), {});
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kNotFound);
  CHECK(report.error().message.find('\n') == std::string::npos);
  CHECK_FALSE(fs::exists(w.store()));
}

TEST_CASE("pipeline: a second writer on one store is refused with the holder's name",
          "[pipeline]") {
  const Workspace w;
  w.write("a.cpp", sample_source(1));
  w.index();
  auto holder = CatalogueWriter::open(w.store());
  REQUIRE(holder);
  for (const auto& report : {index_workspace(w.root(), w.store(), {}),
                             update_files(w.root(), w.store(), {"a.cpp"}, {})}) {
    REQUIRE_FALSE(report);
    CHECK(report.error().code == Errc::kBusy);
    CHECK(report.error().message.find(std::to_string(::getpid())) != std::string::npos);
    CHECK(report.error().message.find('\n') == std::string::npos);
  }
  CHECK(has_symbol(w.store(), "Counter1"));  // readers are not in its way
}

TEST_CASE("pipeline: a damaged or foreign store is built anew, with a note", "[pipeline]") {
  const Workspace w;
  w.write("a.cpp", sample_source(1));
  w.index();
  SECTION("garbage") {
    std::ofstream(w.store() / "catalogue.db", std::ios::binary) << std::string(20000, 'x');
  }
  SECTION("cut short") { fs::resize_file(w.store() / "catalogue.db", 5000); }
  SECTION("of another indexer") {
    auto writer = CatalogueWriter::open(w.store());
    REQUIRE(writer);
    REQUIRE((*writer)->set_meta("indexer", "0"));
    REQUIRE((*writer)->commit());
  }
  const IndexReport report = w.index();
  REQUIRE(report.notes.size() == 1);
  CHECK(report.notes[0].find("built anew") != std::string::npos);
  CHECK(report.files_parsed == 1);
  CHECK(has_symbol(w.store(), "Counter1"));
}

TEST_CASE("pipeline: files that vanish or close while indexing cost only themselves",
          "[pipeline]") {
  const Workspace w;
  for (unsigned i = 0; i < 40; ++i) w.write("f" + std::to_string(i) + ".cpp", sample_source(i));
  IndexOptions options;
  options.jobs = 1;
  int files = 0;
  options.may_proceed = [&] {  // before the first file is read
    if (files++ > 0) return;
    w.remove("f39.cpp");
    w.remove("f38.cpp");
    fs::create_symlink("/etc/passwd", w.root() / "f38.cpp");
    w.write("f37.cpp", std::string(5u << 20, ' '));
  };
  const IndexReport report = w.index(options);
  CHECK(report.counts.files == 37);
  CHECK(reason_of(report.skipped, "f37.cpp") == "too_large");
  CHECK_FALSE(snapshot_of(w.store()).contains("f38.cpp"));
}

TEST_CASE("pipeline: a file that cannot be read is listed", "[pipeline]") {
  const Workspace w;
  w.write("open.cpp", sample_source(1));
  w.write("closed.cpp", sample_source(2));
  fs::permissions(w.root() / "closed.cpp", fs::perms::none);
  const bool root = ::geteuid() == 0;  // root reads everything: become nobody for a moment
  const fs::path top = w.root().parent_path();
  if (root) {
    for (const fs::path& p : {top, w.root()}) REQUIRE(::chown(p.c_str(), 65534, 65534) == 0);
    REQUIRE(::seteuid(65534) == 0);
  }
  const auto report = index_workspace(w.root(), w.store(), {});
  if (root) REQUIRE(::seteuid(0) == 0);
  REQUIRE(report);
  CHECK(reason_of(report->skipped, "closed.cpp") == "unreadable");
  CHECK(has_symbol(w.store(), "Counter1"));
}

// RLIMIT_FSIZE stands for a full disk: the system refuses to let the store grow. In a child, for
// the limit cannot be lifted again.
TEST_CASE("pipeline: a full disk is one line, and what was committed stays", "[pipeline]") {
  const Workspace w;
  w.write("early.cpp", sample_source(10'000));
  w.index();
  for (unsigned i = 0; i < 400; ++i) {
    std::string text;
    for (unsigned j = 0; j < 40; ++j) text += sample_source(i * 1000 + j, i);
    w.write("f" + std::to_string(i) + ".cpp", text);
  }
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1u << 20, 1u << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto report = index_workspace(w.root(), w.store(), {});
    const std::string answer = report ? "indexed" : report.error().message;
    const bool io = !report && report.error().code == Errc::kIo;
    const ssize_t written = ::write(pipe_ends[1], answer.data(), answer.size());
    ::_exit(io && written > 0 ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  std::string answer(1000, '\0');
  answer.resize(static_cast<std::size_t>(
      std::max<ssize_t>(0, ::read(pipe_ends[0], answer.data(), answer.size()))));
  ::close(pipe_ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  INFO(answer);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(answer.find('\n') == std::string::npos);
  CHECK(has_symbol(w.store(), "Counter10000"));
  CHECK(w.index().counts.files == 401);  // with room again, the next run completes
}

}  // namespace engram
