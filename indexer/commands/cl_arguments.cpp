#include "indexer/commands/cl_arguments.h"

#include <array>
#include <filesystem>
#include <string_view>

namespace engram {

namespace fs = std::filesystem;

namespace {

struct Translation {
  std::string_view from;
  bool takes_value;         // joined, or the next argument when nothing is joined
  std::string_view option;  // before the value; empty: the option is only counted
  std::string_view more = {};
};

// The longest name wins. What is not here and is no GCC-style option is counted as unknown.
constexpr auto kTranslations = std::to_array<Translation>({
    {"I", true, "-I"},
    {"external:I", true, "-isystem"},
    {"imsvc", true, "-isystem"},
    {"D", true, "-D"},
    {"U", true, "-U"},
    {"FI", true, "-include"},
    {"std:", true, "-std="},
    {"TC", false, "-x", "c"},
    {"TP", false, "-x", "c++"},
    {"J", false, "-funsigned-char"},
    {"GR", false, "-frtti"},
    {"GR-", false, "-fno-rtti"},
    {"EHsc", false, "-fcxx-exceptions", "-fexceptions"},
    {"EHa", false, "-fcxx-exceptions", "-fexceptions"},
    {"EHs", false, "-fcxx-exceptions", "-fexceptions"},
    {"EHs-c-", false, "-fno-exceptions"},
    {"MD", false, "-D_MT", "-D_DLL"},
    {"MDd", false, "-D_MT", "-D_DLL"},
    {"MT", false, "-D_MT"},
    {"MTd", false, "-D_MT"},
    {"LD", false, "-D_WINDLL"},
    {"openmp", false, "-fopenmp"},
    {"arch:AVX", false, "-mavx"},
    {"arch:AVX2", false, "-mavx2"},
    {"arch:AVX512", false, "-mavx512f"},
    {"Zc:wchar_t-", false, "-fno-short-wchar"},
    {"Zc:char8_t", false, "-fchar8_t"},
    {"Zc:char8_t-", false, "-fno-char8_t"},
    {"Zc:sizedDealloc-", false, "-fno-sized-deallocation"},
    {"Zc:trigraphs", false, "-ftrigraphs"},
    {"Za", false, "-fno-ms-extensions"},
    {"w", false, "-w"},
    {"clang:", true, ""},
    {"o", true, "-o"},
    {"winsysroot", true, "--sysroot"},
});

// Known, and without a meaning for what is parsed. A name ending in ':' or '*' may go on.
constexpr auto kNotNeeded = std::to_array<std::string_view>({"c",
                                                             "nologo",
                                                             "showIncludes*",
                                                             "O*",
                                                             "Ob*",
                                                             "Z7",
                                                             "Zi",
                                                             "ZI",
                                                             "Fo*",
                                                             "Fd*",
                                                             "Fe*",
                                                             "Fp*",
                                                             "Fa*",
                                                             "FA*",
                                                             "Fi*",
                                                             "Fm*",
                                                             "FR*",
                                                             "Fr*",
                                                             "G*",
                                                             "W*",
                                                             "w*",
                                                             "MP*",
                                                             "bigobj",
                                                             "FS",
                                                             "FC",
                                                             "Y*",
                                                             "permissive*",
                                                             "utf-8",
                                                             "source-charset:*",
                                                             "execution-charset:*",
                                                             "Zc:*",
                                                             "external:*",
                                                             "RTC*",
                                                             "sdl*",
                                                             "analyze*",
                                                             "diagnostics:*",
                                                             "errorReport:*",
                                                             "fp:*",
                                                             "Qspectre*",
                                                             "Qpar*",
                                                             "Qvec*",
                                                             "guard:*",
                                                             "volatile:*",
                                                             "vm*",
                                                             "vd*",
                                                             "validate-charset*",
                                                             "Zm*",
                                                             "Zl",
                                                             "Zo*",
                                                             "Zp*",
                                                             "Zs",
                                                             "hotpatch",
                                                             "kernel*",
                                                             "await*",
                                                             "link",
                                                             "LDd",
                                                             "LN",
                                                             "T*",
                                                             "P",
                                                             "E",
                                                             "EP",
                                                             "C",
                                                             "X",
                                                             "u",
                                                             "V*",
                                                             "JMC*",
                                                             "experimental:*",
                                                             "d1*",
                                                             "d2*"});

std::string_view longest(std::string_view name, const Translation*& best) {
  best = nullptr;
  for (const Translation& t : kTranslations) {
    const bool fits = t.takes_value ? name.starts_with(t.from) : name == t.from;
    if (fits && (best == nullptr || t.from.size() > best->from.size())) best = &t;
  }
  return best == nullptr ? std::string_view() : name.substr(best->from.size());
}

bool is_not_needed(std::string_view name) {
  for (std::string_view known : kNotNeeded) {
    const bool open = known.back() == '*';
    if (open ? name.starts_with(known.substr(0, known.size() - 1)) : name == known) return true;
  }
  return false;
}

std::string standard(std::string_view value) {
  return std::string("-std=") + (value == "c++latest" ? "c++2c" : std::string(value));
}

}  // namespace

std::vector<std::string> gnu_from_cl(const std::vector<std::string>& arguments,
                                     const std::string& directory, const std::string& file,
                                     FlagReport& report) {
  std::vector<std::string> out = {"--target=x86_64-pc-windows-msvc", "-fms-extensions",
                                  "-fms-compatibility"};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "/link" || word == "-link") break;  // the linker's from here on
    const bool is_file = (fs::path(directory) / word).lexically_normal() == file;
    if (is_file || word.size() < 2 || (word[0] != '/' && word[0] != '-')) {
      if (word != "--") out.push_back(word);
      continue;
    }
    const std::string_view name = std::string_view(word).substr(1);
    const Translation* found = nullptr;
    std::string_view value = longest(name, found);
    // Clang's own spelling ("-Wno-x", "-Xclang", "-fsanitize=address", "--target=x") goes through.
    const bool clangs = name.starts_with('W') || !is_not_needed(name);
    if (found == nullptr && word[0] == '-' && clangs) {
      out.push_back(word);
      continue;
    }
    if (found == nullptr) {
      report.count(is_not_needed(name) ? FlagFate::kNotNeeded : FlagFate::kUnknown, word);
      continue;
    }
    if (found->takes_value && value.empty()) {
      if (i + 1 == arguments.size()) break;
      value = arguments[++i];
    }
    if (found->from == "std:") {
      out.push_back(standard(value));
    } else if (found->from == "clang:") {
      out.emplace_back(value);
    } else {
      out.emplace_back(found->option);
      if (found->takes_value) out.emplace_back(value);
      if (!found->more.empty()) out.emplace_back(found->more);
    }
    report.count(FlagFate::kTranslated, "/" + std::string(found->from));
  }
  return out;
}

}  // namespace engram
