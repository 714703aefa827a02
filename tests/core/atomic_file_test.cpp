#include "core/atomic_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

TEST_CASE("atomic_file: what is written is read back, and the mode is kept", "[core]") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "f";
  REQUIRE(write_file_atomically(path, "one", 0600));
  REQUIRE(write_file_atomically(path, "two"));
  CHECK(*read_file(path) == "two");
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& e : std::filesystem::directory_iterator(directory.path())) {
    ++entries;  // no temporary file stays behind
  }
  CHECK(entries == 1);
}

TEST_CASE("atomic_file: what is read takes the room it needs, and may tell no size", "[core]") {
  const TemporaryDirectory directory;
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 15, 16, 300, 70000, 200000}) {
    const std::string text(size, 'x');
    directory.write("f", text);
    const auto read = read_file(directory.path() / "f");
    REQUIRE(read);
    CHECK(*read == text);
    CHECK(read->capacity() <= size + 64);
  }
  const auto maps = read_file("/proc/self/maps");  // a size of 0, and several pages
  REQUIRE(maps);
  CHECK(maps->size() > 1000);
  CHECK(maps->back() == '\n');
}

TEST_CASE("atomic_file: errors name the path and the reason", "[core]") {
  const TemporaryDirectory directory;
  const auto missing = read_file(directory.path() / "none");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::kNotFound);
  CHECK(missing.error().message.find("none") != std::string::npos);
  const auto fifo = directory.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_FALSE(read_file(fifo));  // and does not hang
  REQUIRE(write_file_atomically(directory.path() / "big", "0123456789"));
  CHECK_FALSE(read_file(directory.path() / "big", 9));
  CHECK(read_file(directory.path() / "big", 10));
  CHECK_FALSE(write_file_atomically(directory.path() / "no" / "dir", "x"));
}

}  // namespace engram
