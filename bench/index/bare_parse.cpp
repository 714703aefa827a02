#include "bench/index/bare_parse.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>

#include "bench/index/parsed_files.h"
#include "core/process_costs.h"

namespace engram {

namespace {

bool ended_well(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::optional<BareParse> parse_only(const std::filesystem::path& root) {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").replace_filename("bare_tree_sitter");
  int ends[2];
  if (::pipe(ends) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(program.c_str(), program.c_str(), root.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::array<char, 256> line{};
  const ssize_t size = ::read(ends[0], line.data(), line.size() - 1);
  ::close(ends[0]);
  BareParse bare;
  if (!ended_well(child) || size <= 0 ||
      std::sscanf(line.data(), "%lu %lu %lf", &bare.files, &bare.bytes, &bare.cpu_seconds) != 3) {
    return std::nullopt;
  }
  return bare;
}

void copy_parsed(const std::filesystem::path& root, const std::filesystem::path& to) {
  for_each_parsed(root, [&](const auto& path, const std::string& text, const TSLanguage*) {
    std::filesystem::create_directories((to / path).parent_path());
    std::ofstream(to / path, std::ios::binary) << text;
  });
}

std::optional<double> ctags_seconds(const std::filesystem::path& root) {
  const double before = children_processor_seconds();
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);  // ctags cannot truncate it as -f
    ::dup2(nowhere, STDOUT_FILENO);
    ::execlp("ctags", "ctags", "-R", "--links=no", "-f", "-", root.c_str(), nullptr);
    ::_exit(127);
  }
  if (child < 0 || !ended_well(child)) return std::nullopt;
  return children_processor_seconds() - before;
}

}  // namespace engram
