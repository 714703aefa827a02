// bare_tree_sitter DIR: what tree-sitter alone needs for the files that an index run parses.
//
// Parses each in one thread and drops the tree; prints files, bytes and seconds of processor time
// (reading is not counted).
#include <fmt/format.h>
#include <time.h>

#include <cstdint>

#include "bench/index/parsed_files.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/parse.h"

namespace {

double thread_cpu() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: bare_tree_sitter DIR\n");
    return 2;
  }
  std::uint64_t files = 0, bytes = 0;
  double seconds = 0;
  engram::for_each_parsed(
      argv[1], [&](const std::string&, const std::string& text, const TSLanguage* grammar) {
        const double start = thread_cpu();
        {
          const engram::Parse parse = engram::parse_text(
              grammar, text, {.time = engram::ExtractLimits{}.parse_time, .stop = {}});
        }
        seconds += thread_cpu() - start;
        bytes += text.size();
        ++files;
      });
  fmt::print("{} {} {}\n", files, bytes, seconds);
  return 0;
}
