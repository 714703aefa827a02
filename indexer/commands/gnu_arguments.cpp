#include "indexer/commands/gnu_arguments.h"

#include <cctype>
#include <deque>
#include <filesystem>

#include "indexer/commands/flag_lists.h"
#include "indexer/commands/option_table.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kWarningLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=-_";

class Sifter {
 public:
  Sifter(const std::string& directory, const std::string& file, const PathPolicy& policy,
         FlagReport& report)
      : directory_(directory), file_(file), policy_(policy), report_(report) {}

  SiftedArguments run(const std::vector<std::string>& arguments, const std::string& target) {
    if (is_target_name(target)) out_.target = target;
    words_.assign(arguments.begin(), arguments.end());
    while (!words_.empty()) {
      const std::string word = take();
      if (word == "--")
        only_inputs_ = true;
      else if (word.find('\0') != std::string::npos)
        drop(FlagFate::kRefused, "a zero byte");
      else if (only_inputs_ || word.size() < 2 || word.front() != '-')
        input(word);
      else
        option(word);
    }
    keep_listed_flags();
    return std::move(out_);
  }

 private:
  std::string take() {
    std::string word = std::move(words_.front());
    words_.pop_front();
    return word;
  }
  void drop(FlagFate fate, std::string_view name) { report_.count(fate, name); }
  static std::string_view name_of(std::string_view word) {
    return word.substr(0, word.find('=') + 1 == 0 ? word.npos : word.find('=') + 1);
  }
  std::string absolute(std::string_view path) const {
    if (!out_.sysroot.empty() && path.starts_with('=')) {
      return out_.sysroot + "/" + std::string(path.substr(1));
    }
    if (path.starts_with('/')) return std::string(path);
    return directory_ + "/" + std::string(path);
  }

  void input(const std::string& word) {
    if (fs::path(absolute(word)).lexically_normal() == file_) return;
    drop(FlagFate::kNotNeeded, word.starts_with('@') ? "@file" : "another input");
  }

  void option(const std::string& word) {
    const OptionSpec* spec = find_option(word);
    if (spec == nullptr) return drop(FlagFate::kUnknown, name_of(word));
    std::string value = word.substr(spec->name.size());
    const bool apart =
        spec->form == OptionForm::kSeparate || (spec->form == OptionForm::kEither && value.empty());
    if (apart) {
      if (words_.empty()) return drop(FlagFate::kUnknown, spec->name);
      value = take();
      if (value.find('\0') != std::string::npos) return drop(FlagFate::kRefused, "a zero byte");
    }
    use(*spec, word, value);
  }

  void use(const OptionSpec& spec, const std::string& word, const std::string& value) {
    switch (spec.use) {
      case OptionUse::kKeep:
        out_.kept.push_back(word);
        return;
      case OptionUse::kKeepJoined:
        if (!starts_a_name(value)) return drop(FlagFate::kUnknown, spec.name);
        out_.kept.push_back(std::string(spec.name) + value);
        return;
      case OptionUse::kPath:
        return path(spec, value);
      case OptionUse::kWarning:
        return warning(word);
      case OptionUse::kListed:
        out_.kept.push_back(word);  // judged at the end, when the target is known
        return;
      case OptionUse::kOptimize:
        return optimize(word, value);
      case OptionUse::kLanguage:
        return language(value);
      case OptionUse::kStandard:
        out_.standard = standard_for_clang(value);
        if (out_.standard.empty()) drop(FlagFate::kUnknown, word);
        return;
      case OptionUse::kTarget:
        if (is_target_name(value))
          out_.target = value;
        else
          drop(FlagFate::kUnknown, spec.name);
        return;
      case OptionUse::kSysroot:
        return sysroot(spec, value);
      case OptionUse::kStdlib:
        out_.stdlib = value == "libc++" ? value : "";
        return;
      case OptionUse::kNoIncludes:
        return no_includes(word);
      case OptionUse::kForward:
        return forward(value, spec.name == "-Wp,");
      case OptionUse::kForwardCc1:
        return forward_cc1(value);
      case OptionUse::kDriverMode:
        out_.driver_mode = value;
        return;
      case OptionUse::kNotNeeded:
        return drop(FlagFate::kNotNeeded, spec.name);
      case OptionUse::kRefused:
        return drop(FlagFate::kRefused, name_of(word));
    }
  }

  static bool starts_a_name(std::string_view value) {
    if (value.empty()) return false;
    const auto c = static_cast<unsigned char>(value[0]);
    return std::isalpha(c) != 0 || c == '_' || c == '$' || c >= 0x80;
  }

  void path(const OptionSpec& spec, const std::string& value) {
    if (value.empty() || value == "-") return drop(FlagFate::kUnknown, spec.name);
    const std::string full = absolute(value);
    const auto admitted = policy_.admit(full);
    if (!admitted) return drop(FlagFate::kOutside, std::string(spec.name) + " " + full);
    if (is_compilers_own_folder(*admitted)) {  // Clang has its own here
      return drop(FlagFate::kTranslated, "the compiler's own include folder");
    }
    if (spec.spelling == "-I") {
      out_.kept.push_back("-I" + *admitted);
    } else {
      out_.kept.emplace_back(spec.spelling);
      out_.kept.push_back(*admitted);
    }
  }

  void warning(const std::string& word) {
    const bool plain = word.find_first_not_of(kWarningLetters) == std::string::npos;
    if (!plain) return drop(FlagFate::kUnknown, "-W...");
    if (word == "-W") return out_.kept.emplace_back("-Wextra"), void();  // its older name
    for (std::string_view stop : {"-Werror", "-Wno-error", "-Wfatal-errors", "-Wno-fatal-errors"}) {
      if (word.starts_with(stop)) return drop(FlagFate::kNotNeeded, stop);
    }
    out_.kept.push_back(word);
  }

  void optimize(const std::string& word, const std::string& value) {
    const bool known =
        value.empty() || value == "fast" ||
        (value.size() == 1 && std::string_view("0123sgz").find(value) != std::string_view::npos);
    if (known)
      out_.kept.push_back(word);  // __OPTIMIZE__ and __OPTIMIZE_SIZE__ depend on it
    else
      drop(FlagFate::kUnknown, word);
  }

  void language(const std::string& value) {
    if (value == "none") return;
    out_.language = value == "cu" ? "cuda" : std::string(language_for_clang(value));
    if (!out_.language.empty()) return;
    out_.language = "?";
    drop(FlagFate::kUnknown, "-x " + value);
  }

  void sysroot(const OptionSpec& spec, const std::string& value) {
    const std::string full = (fs::path(directory_) / value).string();
    if (const auto admitted = policy_.admit(full))
      out_.sysroot = *admitted;
    else if (full != "/")
      drop(FlagFate::kOutside, std::string(spec.name) + " " + full);
  }

  void no_includes(std::string_view word) {
    if (word == "-nostdinc") out_.no_includes = true;
    if (word == "-nostdinc++") out_.no_cxx_includes = true;
    if (word == "-nostdlibinc") out_.no_libc_includes = true;
    if (word == "-nobuiltininc") out_.no_builtin_includes = true;
  }

  void forward(const std::string& value, bool split) {
    std::deque<std::string> words;
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t comma = split ? value.find(',', at) : std::string::npos;
      words.push_back(value.substr(at, comma - at));
      // -MD and -MMD take a file when the preprocessor itself is told.
      if (split && (words.back() == "-MD" || words.back() == "-MMD")) words.back() = "-MF";
      if (comma == std::string::npos) break;
      at = comma + 1;
    }
    while (!words.empty()) {
      words_.push_front(std::move(words.back()));
      words.pop_back();
    }
  }

  // CMake's precompiled headers under Clang: "-Xclang -include-pch -Xclang F.pch -Xclang -include
  // -Xclang F". The header is included as source; all else said to -cc1 is refused.
  void forward_cc1(const std::string& value) {
    const bool pair = words_.size() >= 2 && words_.front() == "-Xclang";
    if (pair && (value == "-include" || value == "-include-pch")) {
      take();
      const std::string file = take();
      if (value == "-include-pch") return drop(FlagFate::kTranslated, "-Xclang -include-pch");
      words_.push_front(file);
      words_.push_front(value);
      return drop(FlagFate::kTranslated, "-Xclang -include");
    }
    drop(FlagFate::kRefused, "-Xclang " + std::string(name_of(value)));
  }

  void keep_listed_flags() {
    std::vector<std::string> kept;
    bool is_value = false;  // of -isystem and the like: a path, never a flag
    for (std::string& word : out_.kept) {
      const bool judged = !is_value && (word.starts_with("-f") || word.starts_with("-m"));
      is_value = !is_value &&
                 (word == "-isystem" || word == "-iquote" || word == "-idirafter" || word == "-F" ||
                  word == "-iframework" || word == "-include" || word == "-imacros");
      if (!judged || is_allowed_flag(word, out_.target))
        kept.push_back(std::move(word));
      else
        drop(FlagFate::kUnknown, name_of(word));
    }
    out_.kept = std::move(kept);
  }

  const std::string& directory_;
  const std::string& file_;
  const PathPolicy& policy_;
  FlagReport& report_;
  std::deque<std::string> words_;
  bool only_inputs_ = false;
  SiftedArguments out_;
};

}  // namespace

bool is_compilers_own_folder(std::string_view path) {
  for (std::string_view folder : {"/lib/gcc/", "/lib/clang/", "/lib64/clang/"}) {
    if (path.find(folder) == std::string_view::npos) continue;
    if (path.ends_with("/include") || path.ends_with("/include-fixed")) return true;
  }
  return false;
}

SiftedArguments sift_gnu_arguments(const std::vector<std::string>& arguments,
                                   const std::string& directory, const std::string& file,
                                   const std::string& target, const PathPolicy& policy,
                                   FlagReport& report) {
  return Sifter(directory, file, policy, report).run(arguments, target);
}

}  // namespace engram
