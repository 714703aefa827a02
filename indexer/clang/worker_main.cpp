// indexer/clang/worker_main.cpp: the program in which Clang lives, apart from `engram`.
//
// A crash, a hang or a translation unit of 4 GB costs this process alone, and `engram` itself
// starts in milliseconds because it never loads LLVM. The worker takes no jobs yet: it says which
// Clang it carries, which is what `engram doctor` asks it.
#include <clang/Basic/Version.h>
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    fmt::print("engram-clang-worker {} ({})\n", ENGRAM_VERSION, clang::getClangFullVersion());
    return 0;
  }
  fmt::print(stderr, "engram-clang-worker: started by engram; the only option is --version\n");
  return 2;
}
