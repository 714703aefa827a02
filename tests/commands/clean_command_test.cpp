#include "indexer/commands/clean_command.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "indexer/commands/shell_words.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

// The arguments between the fixed head and the system's folders, or why there are none.
struct Cleaned {
  std::string arguments;
  CompileCommand command;
  FlagReport report;
};

Cleaned clean(const std::string& command, const std::string& file = "/w/src/a.cpp",
              const std::string& cuda_headers = "") {
  static const Toolchain toolchain = read_toolchain();
  PathPolicy policy({"/w", "/usr/include", "/usr/lib"});
  Cleaned out;
  const CleanedCommand cleaned = clean_command({"/w/build", file, split_words(command)},
                                               {policy, toolchain, cuda_headers}, out.report);
  out.command = cleaned.command;
  if (!cleaned.why_not.empty()) {
    out.arguments = cleaned.why_not;
    return out;
  }
  const auto& all = cleaned.command.arguments;
  REQUIRE(all.size() > 7);
  CHECK(all[1] == "--no-default-config");
  CHECK(all[2] == "-fsyntax-only");
  CHECK(all[3] == "-Qunused-arguments");
  CHECK(all.back() == file);
  const auto end = std::find(all.begin(), all.end(), "-Wno-unknown-warning-option");
  REQUIRE(end != all.end());
  CHECK(*(end + 1) == "-nostdinc");
  out.arguments = fmt::format("{} | {}", all[0], fmt::join(all.begin() + 4, end, " "));
  return out;
}

}  // namespace

TEST_CASE("clean command: what matters stays, in order, with absolute paths") {
  struct Case {
    const char* why;
    const char* command;
    const char* clean;
  };
  const auto c = GENERATE(values<Case>({
      {"CMake's usual",
       "/usr/bin/c++ -DA=1 -I/w/inc -isystem /w/x -O3 -DNDEBUG -fPIC -std=gnu++20 -Wall -Werror "
       "-MD -MT a.o -MF a.d -o a.o -c /w/src/a.cpp",
       "clang++ | -x c++ -std=gnu++20 -DA=1 -I/w/inc -isystem /w/x -O3 -DNDEBUG -fPIC -Wall"},
      {"relative and separate", "g++ -I ../inc -iquote . -D B -UB -include pre.h -c ../src/a.cpp",
       "clang++ | -x c++ -I/w/inc -iquote /w/build -DB -UB -include /w/build/pre.h"},
      {"a launcher", "ccache distcc g++-12 -DX -c ../src/a.cpp", "clang++ | -x c++ -DX"},
      {"env", "env LANG=C g++ -DX -c ../src/a.cpp", "clang++ | -x c++ -DX"},
      {"a cross compiler", "/opt/aarch64-linux-gnu-g++ -mcpu=cortex-a72 -c ../src/a.cpp",
       "clang++ | --target=aarch64-linux-gnu -x c++ -mcpu=cortex-a72"},
      {"the last -std and -target win",
       "clang++ -std=c++11 -target a -std=c++20 --target=aarch64-linux-gnu ../src/a.cpp",
       "clang++ | --target=aarch64-linux-gnu -x c++ -std=c++20"},
      {"GCC alone",
       "g++ -fconserve-stack -fno-canonical-system-headers -mindirect-branch=thunk -DX "
       "../src/a.cpp",
       "clang++ | -x c++ -DX"},
      {"the preprocessor told through -Wp", "g++ -Wp,-MD,a.d -Wp,-DX,-UY ../src/a.cpp",
       "clang++ | -x c++ -DX -UY"},
      {"-Xpreprocessor", "clang++ -Xpreprocessor -fopenmp ../src/a.cpp",
       "clang++ | -x c++ -fopenmp"},
      {"CMake's precompiled header",
       "clang++ -Xclang -include-pch -Xclang /w/build/p.hxx.pch -Xclang -include -Xclang "
       "/w/build/p.hxx ../src/a.cpp",
       "clang++ | -x c++ -include /w/build/p.hxx"},
      {"a standard of another language", "g++ -std=c11 ../src/a.cpp", "clang++ | -x c++"},
      {"a standard newer than Clang 19", "g++ -std=c++29 ../src/a.cpp",
       "clang++ | -x c++ -std=c++2c"},
      {"GCC's own headers",
       "g++ -isystem /usr/lib/gcc/x86_64-linux-gnu/12/include -DX ../src/a.cpp",
       "clang++ | -x c++ -DX"},
      {"other inputs", "g++ b.o -DX @ - ../src/b.cpp -- ../src/a.cpp -DY", "clang++ | -x c++ -DX"},
      {"an option that lacks its value", "g++ -DX ../src/a.cpp -I", "clang++ | -x c++ -DX"},
  }));
  INFO(c.why << ": " << c.command);
  CHECK(clean(c.command).arguments == c.clean);
}

TEST_CASE("clean command: languages by name, driver and -x") {
  CHECK(clean("gcc -std=gnu11 -c ../src/a.c", "/w/src/a.c").arguments == "clang | -x c -std=gnu11");
  CHECK(clean("g++ -c ../src/a.c", "/w/src/a.c").arguments == "clang++ | -x c++");
  CHECK(clean("gcc -x c++ a.h", "/w/src/a.h").arguments == "clang++ | -x c++");
  CHECK(clean("gcc a.hpp", "/w/src/a.hpp").arguments == "clang++ | -x c++-header");
  CHECK(clean("clang a.mm", "/w/src/a.mm").arguments == "clang++ | -x objective-c++");
  CHECK(clean("clang --driver-mode=g++ a.c", "/w/src/a.c").arguments == "clang++ | -x c++");
  for (const char* file : {"/w/a.s", "/w/a.S", "/w/a.f90", "/w/a", "/w/a.d/b"}) {
    CHECK(clean("gcc -c x", file).arguments == "not C, C++, Objective-C or CUDA");
  }
  CHECK(clean("gcc -x assembler a.c", "/w/a.c").arguments == "not C, C++, Objective-C or CUDA");
}

TEST_CASE("clean command: what could load, write or read elsewhere is refused, by name and count") {
  const auto out = clean(
      "clang++ -Xclang -load -Xclang evil.so -fplugin=evil.so -fpass-plugin=evil.so "
      "-fplugin-arg-x-y "
      "-ivfsoverlay /w/o.yaml -fmodules-cache-path=/w/m -fmodule-file=x.pcm -fmodule-map-file=/w/m "
      "-mllvm -load=evil.so -o /dev/sda -MF /etc/passwd -save-temps=obj -B/w/evil -specs=/w/s "
      "-wrapper sh --config /w/c.cfg -resource-dir /w/r --gcc-toolchain=/w/g -cc1 "
      "-fprofile-use=/w/p "
      "-working-directory /etc -dumpdir /etc/ -ftime-trace=/w/t -foptimization-record-file=/w/x "
      "-fsanitize-ignorelist=/etc/shadow @/etc/passwd --serialize-diagnostics /w/x -DOK "
      "../src/a.cpp");
  CHECK(out.arguments == "clang++ | -x c++ -DOK");
  const auto refused = out.report.names(FlagFate::kRefused);
  const auto has = [&](const char* name) {
    return std::find(refused.begin(), refused.end(),
                     std::pair<std::string, std::size_t>(name, 1)) != refused.end();
  };
  for (const char* name :
       {"-Xclang -load", "-Xclang evil.so", "-fplugin=", "-fpass-plugin=", "-ivfsoverlay", "-mllvm",
        "-fmodules-cache-path=", "-fmodule-file=", "-specs=", "-wrapper", "--config",
        "-resource-dir", "@/etc/passwd: outside the workspace and its build folders"}) {
    INFO(name << " in " << fmt::format("{}", refused));
    CHECK(has(name));
  }
}

TEST_CASE("clean command: paths outside are left out and named") {
  const auto out = clean(
      "g++ -I/home/someone/.ssh -include /etc/passwd -I../../root -isystem /usr/include/foo "
      "-I/w/in "
      "-imacros ../../../proc/self/environ --sysroot=/srv -DOK ../src/a.cpp");
  CHECK(out.arguments == "clang++ | -x c++ -isystem /usr/include/foo -I/w/in -DOK");
  const auto outside = out.report.names(FlagFate::kOutside);
  REQUIRE(outside.size() == 5);
  CHECK(outside[0].first == "--sysroot= /srv");
}

TEST_CASE("clean command: a link out of the workspace is outside") {
  const TemporaryDirectory workspace, elsewhere;
  std::filesystem::create_symlink(elsewhere.path(), workspace.path() / "link");
  std::filesystem::create_directory(workspace.path() / "in");
  const PathPolicy policy({workspace.path()});
  const Toolchain toolchain;
  FlagReport report;
  const std::string root = workspace.path().string();
  const auto cleaned =
      clean_command({root, root + "/a.c", {"gcc", "-Ilink", "-Ilink/../in", "-Iin", "a.c"}},
                    {policy, toolchain, ""}, report);
  const auto& arguments = cleaned.command.arguments;
  CHECK(std::count(arguments.begin(), arguments.end(), "-I" + root + "/in") == 1);
  CHECK(report.total(FlagFate::kOutside) == 2);
}

TEST_CASE("clean command: clang-cl's style") {
  CHECK(
      clean("clang-cl /nologo /DX=1 -DY /I ..\\inc /I../inc /std:c++20 /EHsc /W4 /WX /MD /Fo:a.obj "
            "/FIpre.h /external:I /w/ext /GR- /clang:-fms-compatibility-version=19.30 -Wno-x "
            "-Xclang -load /c ../src/a.cpp")
          .arguments ==
      "clang++ | --target=x86_64-pc-windows-msvc -x c++ -std=c++20 -fms-extensions "
      "-fms-compatibility "
      "-DX=1 -DY -I/w/build/..inc -I/w/inc -fcxx-exceptions -fexceptions -D_MT -D_DLL "
      "-include /w/build/pre.h -isystem /w/ext -fno-rtti -fms-compatibility-version=19.30 -Wno-x");
  CHECK(clean("cl.exe /TP /link /D evil ../src/a.cpp").arguments ==
        "clang++ | --target=x86_64-pc-windows-msvc -x c++ -fms-extensions -fms-compatibility");
  CHECK(clean("clang --driver-mode=cl /DX /w/src/a.cpp").arguments ==
        "clang++ | --target=x86_64-pc-windows-msvc -x c++ -fms-extensions -fms-compatibility -DX");
}

TEST_CASE("clean command: nvcc's style, with stand-in headers and so inferred") {
  const auto out = clean(
      "/usr/local/cuda/bin/nvcc -forward-unknown-to-host-compiler -ccbin=/w/evil -DX -I/w/inc "
      "-isystem=/w/sys -std=c++17 --generate-code=arch=compute_80,code=[compute_80,sm_80] -gencode "
      "arch=compute_90,code=sm_90 -arch sm_80 -Xcompiler=-fPIC,-Wall -Xcompiler -fopenmp "
      "--expt-extended-lambda -Xptxas -v -rdc=true -x cu -dc ../src/k.cu -o k.o",
      "/w/src/k.cu", "/w/stand-in");
  CHECK(
      out.arguments ==
      "clang++ | -x cuda -std=c++17 --cuda-host-only -nocudainc -nocudalib -I/w/stand-in -include "
      "/w/stand-in/engram_cuda.h -DX -I/w/inc -isystem /w/sys -fPIC -Wall -fopenmp "
      "-D__CUDACC_EXTENDED_LAMBDA__=1");
  CHECK(out.command.stand_in_headers);
  CHECK(best_certainty(out.command) == Certainty::kInferred);
  CHECK_FALSE(clean("nvcc -DX ../src/a.cpp").command.stand_in_headers);
}

}  // namespace engram
