#include "indexer/commands/compiler_name.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace engram {

namespace {

constexpr std::array<std::string_view, 17> kLaunchers = {
    "ccache",    "sccache",    "distcc",  "icecc",     "icerun", "gomacc",
    "rewrapper", "buildcache", "clcache", "fastbuild", "env",    "time",
    "nice",      "ionice",     "libtool", "colorgcc",  "cmake"};
constexpr std::size_t kMaxLauncherWords = 40;

struct Known {
  std::string_view name;
  ArgumentStyle style;
  bool cxx;
};
constexpr std::array<Known, 18> kCompilers = {{
    {"g++", ArgumentStyle::kGnu, true},
    {"c++", ArgumentStyle::kGnu, true},
    {"clang++", ArgumentStyle::kGnu, true},
    {"icpc", ArgumentStyle::kGnu, true},
    {"icpx", ArgumentStyle::kGnu, true},
    {"dpcpp", ArgumentStyle::kGnu, true},
    {"em++", ArgumentStyle::kGnu, true},
    {"mpicxx", ArgumentStyle::kGnu, true},
    {"mpic++", ArgumentStyle::kGnu, true},
    {"gcc", ArgumentStyle::kGnu, false},
    {"cc", ArgumentStyle::kGnu, false},
    {"clang", ArgumentStyle::kGnu, false},
    {"icc", ArgumentStyle::kGnu, false},
    {"icx", ArgumentStyle::kGnu, false},
    {"emcc", ArgumentStyle::kGnu, false},
    {"clang-cl", ArgumentStyle::kCl, false},
    {"cl", ArgumentStyle::kCl, false},
    {"nvcc", ArgumentStyle::kNvcc, true},
}};

std::string_view base_name(std::string_view path) {
  path.remove_prefix(path.find_last_of("/\\") + 1);  // npos + 1 is 0
  for (std::string_view extension : {".exe", ".EXE"}) {
    if (path.ends_with(extension)) path.remove_suffix(extension.size());
  }
  return path;
}

// Takes "-12" or "-12.2" or "12" off the end of `name`.
int take_version(std::string_view& name) {
  const std::size_t end = name.find_last_not_of("0123456789.");
  if (end == std::string_view::npos || end + 1 == name.size()) return 0;
  int major = 0;
  const std::string_view digits = name.substr(end + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), major);
  name = name.substr(0, name[end] == '-' ? end : end + 1);
  return major;
}

CompilerName parse_name(std::string_view word) {
  CompilerName out;
  std::string_view name = base_name(word);
  const int version = take_version(name);
  for (std::string_view variant : {"-posix", "-win32"}) {  // MinGW's
    if (name.ends_with(variant)) name.remove_suffix(variant.size());
  }
  for (const Known& compiler : kCompilers) {
    if (!name.ends_with(compiler.name)) continue;
    const std::string_view before = name.substr(0, name.size() - compiler.name.size());
    if (!before.empty() && before.back() != '-') continue;
    out.known = true;
    out.style = compiler.style;
    out.cxx = compiler.cxx;
    if (compiler.name == "gcc" || compiler.name == "g++") out.gcc_major = version;
    const std::string_view prefix = before.empty() ? before : before.substr(0, before.size() - 1);
    // "x86_64-linux-gnu-" is a target; "ccache-" or "my-" is not.
    if (prefix.find('-') != std::string_view::npos) out.target = prefix;
    return out;
  }
  return out;
}

}  // namespace

CompilerName compiler_of(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const std::string_view first = base_name(words[0]);
  if (std::find(kLaunchers.begin(), kLaunchers.end(), first) != kLaunchers.end()) {
    const std::size_t end = std::min(words.size(), kMaxLauncherWords);
    for (std::size_t i = 1; i < end; ++i) {
      if (words[i].starts_with('-')) continue;
      CompilerName name = parse_name(words[i]);
      name.index = i;
      if (name.known) return name;
    }
  }
  return parse_name(words[0]);
}

}  // namespace engram
