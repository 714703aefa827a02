#include "bench/index/bare_parse.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "indexer/scan/scanner.h"
#include "indexer/scan/workspace_file.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/grammar.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/parse.h"

namespace engram {

namespace {

double thread_cpu() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double children_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

}  // namespace

BareParse parse_only(const std::filesystem::path& root) {
  BareParse total;
  const ExtractLimits limits;
  const auto scan = scan_workspace(root, {});
  const auto directory = WorkspaceRoot::open(root);
  if (!scan || !directory) return total;
  for (const FileEntry& entry : scan->files) {
    const auto read = directory->read(entry.path, limits.max_bytes);
    if (!read || !inspect_contents(entry.path, read->text).skip_reason.empty()) continue;
    const TSLanguage* grammar = grammar_of(language_of(entry.path, read->text));
    if (grammar == nullptr) continue;
    const double start = thread_cpu();
    {
      const Parse parse = parse_text(grammar, read->text, {.time = limits.parse_time, .stop = {}});
    }
    total.cpu_seconds += thread_cpu() - start;
    total.bytes += read->text.size();
    ++total.files;
  }
  return total;
}

std::optional<double> ctags_seconds(const std::filesystem::path& root) {
  const double before = children_cpu();
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);  // ctags cannot truncate it as -f
    ::dup2(nowhere, STDOUT_FILENO);
    ::execlp("ctags", "ctags", "-R", "--links=no", "-f", "-", root.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return std::nullopt;
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 127) return std::nullopt;
  return children_cpu() - before;
}

}  // namespace engram
