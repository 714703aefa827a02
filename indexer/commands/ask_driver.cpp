#include "indexer/commands/ask_driver.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/file_descriptor.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxOutput = 1 << 20;

// Everything the program writes to stderr until it ends or `deadline`; false when that came first.
bool read_until(int fd, std::chrono::steady_clock::time_point deadline, std::string& out) {
  std::array<char, 4096> buffer;
  while (out.size() < kMaxOutput) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n <= 0) return true;
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return true;
}

Error cannot_ask(const fs::path& driver, std::string_view why, Errc code) {
  return {code, fmt::format("cannot ask '{}' for its include folders: {}", driver.string(), why)};
}

Result<std::vector<std::string>> ask(const fs::path& driver, const char* language,
                                     std::chrono::milliseconds limit) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return cannot_ask(driver, std::strerror(errno), Errc::kIo);
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // so that its children end with it
  std::string program = driver.string();
  std::array<std::string, 6> words = {program, "-E", "-v", "-x", language, "/dev/null"};
  std::array<char*, 7> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  std::array<std::string, 2> settings = {"PATH=/usr/bin:/bin", "LC_ALL=C"};
  std::array<char*, 3> environment = {settings[0].data(), settings[1].data(), nullptr};
  pid_t pid = 0;
  const int spawned = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(),
                                    environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  writing.close();
  if (spawned != 0) {
    return cannot_ask(driver, std::strerror(spawned),
                      spawned == ENOENT ? Errc::kNotFound : Errc::kIo);
  }
  std::string text;
  const bool ended = read_until(reading.get(), std::chrono::steady_clock::now() + limit, text);
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return cannot_ask(driver, "it did not answer in time", Errc::kBusy);
  std::vector<std::string> folders = parse_search_list(text);
  if (folders.empty()) return cannot_ask(driver, "it printed no list of folders", Errc::kCorrupt);
  return folders;
}

}  // namespace

std::vector<std::string> parse_search_list(std::string_view text) {
  std::vector<std::string> out;
  bool inside = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == "End of search list.") break;
    if (inside && line.starts_with(" /")) {
      std::error_code ec;
      const fs::path folder = fs::weakly_canonical(line.substr(1), ec);
      if (!ec && fs::is_directory(folder, ec)) out.push_back(folder.string());
    }
    inside = inside || line == "#include <...> search starts here:";
  }
  return out;
}

Result<DriverFolders> ask_driver(const fs::path& driver, std::chrono::milliseconds limit) {
  if (!driver.is_absolute()) {
    return cannot_ask(driver, "it must be an absolute path", Errc::kInvalidArgument);
  }
  ENGRAM_TRY(c, ask(driver, "c", limit));
  ENGRAM_TRY(cxx, ask(driver, "c++", limit));
  return DriverFolders{std::move(c), std::move(cxx)};
}

}  // namespace engram
