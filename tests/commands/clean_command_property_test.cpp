// Whatever a command says, what comes out is of a closed form. The form is written down here a
// second time, as expressions, and the real driver is asked as well.
#include <random>
#include <regex>

#include "indexer/commands/clean_command.h"
#include "indexer/commands/shell_words.h"
#include "tests/commands/run_program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

using Arguments = std::vector<std::string>;

const Arguments kNames = split_words(R"(
-D -U -I -isystem -iquote -idirafter -include -imacros -F -x -std= --std -target --target= -f -m
-W -O -Wp, -Wl, -Xclang -Xpreprocessor -load -fplugin= -fpass-plugin= -fplugin-arg-a-b
-ivfsoverlay -vfsoverlay -fmodules -fmodules-cache-path= -fmodule-file= -fprebuilt-module-path=
-fmodule-map-file= -o -MD -MF -MT -MJ -M -save-temps -save-temps=obj -mllvm -mllvm= -B -specs=
-wrapper --config --config= -cc1 -cc1as -resource-dir --gcc-toolchain= -fuse-ld= -ccc-install-dir
-working-directory --driver-mode= --serialize-diagnostics -dependency-file -index-store-path
-dumpdir -include-pch -fprofile-use= -fsanitize-ignorelist= -fsanitize= -ftime-trace=
-foptimization-record-file= -fcrash-diagnostics-dir= -fembed-offload-object= -fdepfile-entry=
-fthinlto-index= -fprofile-list= -fxray-attr-list= -march= -stdlib= -isysroot --sysroot= -nostdinc
-nostdinc++ --cuda-path= -H -E -emit-llvm -emit-pch -emit-module -plugin -add-plugin -fsyntax-only
-- -Xcompiler -Xcompiler= -ccbin --options-file -gencode /I /D /FI /clang: /Fo /Fp /link /std:
-Xarch_host -Xopenmp-target -print-file-name= -dM -C --analyze -include -object-file-name=
-split-dwarf-file -main-file-name -fdebug-compilation-dir= -fmodules-embed-file=
-fapinotes-modules -iapinotes-modules)");
const Arguments kValues = {"",
                           "X",
                           "X=1",
                           "/etc/passwd",
                           "/w/inc",
                           "../inc",
                           "../../etc",
                           "evil.so",
                           "-load",
                           "-fplugin=e.so",
                           "c++",
                           "cuda",
                           "c",
                           "none",
                           "assembler",
                           "c++20",
                           "gnu17",
                           "x86_64-linux-gnu",
                           "-Xclang",
                           "@a.rsp",
                           "@/etc/passwd",
                           "/usr/include",
                           "no-exceptions",
                           "avx2",
                           "address",
                           "native",
                           "all",
                           "error",
                           "a,-Xclang,-load",
                           "-o",
                           "-o,x",
                           "/w/build/../../etc",
                           "=x",
                           "$HOME",
                           "a b",
                           "--",
                           "-",
                           "\n",
                           "'\"\\",
                           "/dev/sda",
                           "-fpass-plugin=e.so",
                           "skylake",
                           "cl",
                           "g++",
                           "\xff\xfe",
                           "/w/x.pch",
                           "plugin=e.so",
                           "modules",
                           "l,-plugin",
                           "llvm"};

std::string pick(const Arguments& from, std::mt19937& random) {
  return from[random() % from.size()];
}

Arguments random_command(std::mt19937& random) {
  Arguments out = {pick({"g++", "clang", "clang++-19", "nvcc", "clang-cl", "aarch64-linux-gnu-gcc",
                         "ccache", "-fplugin=e.so", "sh"},
                        random)};
  for (std::size_t n = random() % 25; n > 0; --n) {
    switch (random() % 4) {
      case 0:
        out.push_back(pick(kNames, random));
        break;
      case 1:
        out.push_back(pick(kValues, random));
        break;
      default:
        out.push_back(pick(kNames, random) + pick(kValues, random));
    }
  }
  return out;
}

// True when `arguments` is of the closed form; `why` gets the first that is not.
bool is_closed(const Arguments& arguments, const std::string& file, std::string& why) {
  static const std::regex single(
      R"re(--no-default-config|-fsyntax-only|-Qunused-arguments|-nostdinc|-undef|-pthread|-w|-ansi|-pedantic|--pedantic|-traditional-cpp|--cuda-host-only|-nocudainc|-nocudalib|--target=[A-Za-z0-9._+][A-Za-z0-9._+-]*|-std=(c|gnu|iso)[a-z0-9+:]+|-O[0-3sgz]?|-Ofast|-W[A-Za-z0-9_+=-]+|-[fm][A-Za-z0-9_.+=,-]+)re");
  static const std::regex joined(
      R"re(-[DU][^-./@=][^\0]*|-I/(w|usr/include|usr/lib|stand-in)(/[^\0]*)?)re");
  static const std::regex apart("-isystem|-iquote|-idirafter|-include|-imacros|-F|-iframework|-x");
  static const std::regex path("/(w|usr/include|usr/lib|usr/local|stand-in)(/[^\\0]*)?");
  static const std::regex language(
      "c|c\\+\\+|objective-c|objective-c\\+\\+|cuda|cpp-output|"
      "c\\+\\+-cpp-output|(objective-)?c(\\+\\+)?-header");
  static const std::regex never(
      "-(f(plugin|pass-plugin|module|prebuilt|profile|sanitize-ignore|sanitize-blacklist|build-"
      "session|"
      "crash|embed|time-trace|optimization-record|thinlto|debug|depfile|xray|apinotes|use-ld)|"
      "mllvm|"
      "mlinker|W[lap],|Werror).*");
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
    why = arguments[i];
    const std::string plain = std::regex_replace(why, std::regex("\n"), " ");
    if (std::regex_match(plain, never)) return false;
    if (std::regex_match(plain, apart)) {
      why += " " + arguments[++i];
      if (!std::regex_match(arguments[i], arguments[i - 1] == "-x" ? language : path)) return false;
      if (why.find("/../") != std::string::npos) return false;
    } else if (!std::regex_match(plain, single) && !std::regex_match(plain, joined)) {
      return false;
    }
  }
  why = "the file";
  return arguments.back() == file && (arguments[0] == "clang" || arguments[0] == "clang++");
}

}  // namespace

TEST_CASE("clean command: nothing random gets through that is not of the closed form") {
  std::mt19937 random(61128);
  const Toolchain toolchain = read_toolchain();
  const PathPolicy policy({"/w", "/usr/include", "/usr/lib"});
  FlagReport report;
  std::size_t usable = 0, kept = 0;
  std::string asked;
  for (int i = 0; i < 3000; ++i) {
    const Arguments command = random_command(random);
    const std::string file = pick({"/w/a.cpp", "/w/a.c", "/w/k.cu", "/w/h.h"}, random);
    const auto cleaned =
        clean_command({"/w/build", file, command}, {policy, toolchain, "/stand-in"}, report);
    if (!cleaned.why_not.empty()) continue;
    ++usable;
    const Arguments& out = cleaned.command.arguments;
    kept += out.size();
    std::string why;
    std::string shown;
    for (const auto& word : command) shown += shell_quoted(word) + ' ';
    INFO(shown);
    const bool closed = is_closed(out, file, why);
    INFO(why);
    REQUIRE(closed);
    if (i % 60 != 0) continue;
    asked += "clang-19";
    for (std::size_t n = 1; n + 1 < out.size(); ++n) asked += ' ' + shell_quoted(out[n]);
    asked += " /dev/null -### 2>&1\n";  // the driver wants a file that is there
  }
  CHECK(usable > 2000);
  CHECK(kept > usable * 12);
  CHECK(report.total(FlagFate::kRefused) > 1000);
  // The driver, asked what it would run: one cc1 that parses, with nothing loaded or written.
  const TemporaryDirectory directory;
  directory.write("ask.sh", asked);
  const std::string plan = run_program("sh " + (directory.path() / "ask.sh").string()).first;
  CHECK(plan.find("-cc1") != std::string::npos);
  for (const char* never :
       {"unknown argument", "\"-load\"", "\"-plugin\"", "\"-add-plugin\"", "\"-fplugin", "\"-o\"",
        "vfsoverlay\"", "\"-include-pch\"", "\"-mllvm\"", "\"-dependency-file\"",
        "\"-fmodules-cache-path", "\"-emit-obj\""}) {
    const std::size_t at = plan.find(never);
    INFO(never << " in: " << plan.substr(std::min(at, plan.size()), 200));
    CHECK(at == std::string::npos);
  }
}

}  // namespace engram
