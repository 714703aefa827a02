#include "bench/index/made_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>

namespace engram {

void make_tree(const std::filesystem::path& root, unsigned files) {
  constexpr unsigned kFilesPerDirectory = 50;
  for (unsigned i = 0; i < files; ++i) {
    const auto directory = root / fmt::format("part{}", i / kFilesPerDirectory % 40) /
                           fmt::format("unit{}", i / kFilesPerDirectory);
    if (i % kFilesPerDirectory == 0) std::filesystem::create_directories(directory);
    const auto file = directory / fmt::format("f{}.h", i);
    std::ofstream(file) << fmt::format(
        "#pragma once\nint value_{0}(int x);\nstruct Item{0} {{\n  int id = {0};\n}};\n", i);
    const timespec old[2] = {{1'600'000'000, 0}, {1'600'000'000, 0}};
    ::utimensat(AT_FDCWD, file.c_str(), old, 0);
  }
}

}  // namespace engram
