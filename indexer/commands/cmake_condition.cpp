#include <algorithm>
#include <array>
#include <cctype>

#include "indexer/commands/cmake_definitions.h"

namespace engram {

namespace {

constexpr std::size_t kMaxNesting = 64;

CmakeTruth negated(CmakeTruth value) {
  if (value == CmakeTruth::kMaybe) return value;
  return value == CmakeTruth::kTrue ? CmakeTruth::kFalse : CmakeTruth::kTrue;
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_system_name(std::string_view word) {
  return word == "CMAKE_SYSTEM_NAME" || word == "${CMAKE_SYSTEM_NAME}" ||
         word == "CMAKE_HOST_SYSTEM_NAME" || word == "${CMAKE_HOST_SYSTEM_NAME}";
}

// Patterns of letters, '|' and anchors; others are not understood.
CmakeTruth linux_matches(std::string_view pattern) {
  static constexpr std::string_view kLinux = "Linux";
  while (true) {
    std::string_view part = pattern.substr(0, pattern.find('|'));
    const std::size_t length = part.size();
    const bool begins = part.starts_with('^'), ends = part.ends_with('$');
    if (begins) part.remove_prefix(1);
    if (ends && !part.empty()) part.remove_suffix(1);
    const bool plain = std::all_of(part.begin(), part.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
    if (!plain) return CmakeTruth::kMaybe;
    const bool matches = begins && ends ? kLinux == part
                         : begins       ? kLinux.starts_with(part)
                         : ends         ? kLinux.ends_with(part)
                                        : kLinux.find(part) != std::string_view::npos;
    if (matches) return CmakeTruth::kTrue;
    if (length == pattern.size()) return CmakeTruth::kFalse;
    pattern.remove_prefix(length + 1);
  }
}

CmakeTruth variable(std::string_view name) {
  static constexpr std::array<std::string_view, 17> kFalse = {
      "WIN32", "MSVC",  "MINGW", "CYGWIN", "MSYS",    "APPLE", "IOS",    "ANDROID", "EMSCRIPTEN",
      "WINCE", "XCODE", "0",     "OFF",    "BORLAND", "FALSE", "WATCOM", "NO"};
  static constexpr std::array<std::string_view, 6> kTrue = {"UNIX", "LINUX", "1",
                                                            "ON",   "TRUE",  "YES"};
  if (name.starts_with("${") && name.ends_with('}')) name = name.substr(2, name.size() - 3);
  if (is_one_of(name, kFalse)) return CmakeTruth::kFalse;
  return is_one_of(name, kTrue) ? CmakeTruth::kTrue : CmakeTruth::kMaybe;
}

class Condition {
 public:
  explicit Condition(const std::vector<CmakeWord>& words) : words_(words) {}

  CmakeTruth value() {
    const CmakeTruth value = any();
    return failed_ || at_ != words_.size() ? CmakeTruth::kMaybe : value;
  }

 private:
  bool next_is(std::string_view word) const {
    return at_ < words_.size() && !words_[at_].quoted && words_[at_].text == word;
  }
  bool take(std::string_view word) {
    if (!next_is(word)) return false;
    ++at_;
    return true;
  }
  // CMake says that AND comes before OR, and its versions do otherwise: only what is the same from
  // left to right is known.
  CmakeTruth any() {
    CmakeTruth term = negation(), sum = CmakeTruth::kFalse, from_left = term;
    while (next_is("AND") || next_is("OR")) {
      const bool both = take("AND");
      if (!both) take("OR");
      const CmakeTruth next = negation();
      from_left = both ? std::min(from_left, next) : std::max(from_left, next);
      if (!both) sum = std::max(sum, term);
      term = both ? std::min(term, next) : next;
    }
    const CmakeTruth by_precedence = std::max(sum, term);
    return by_precedence == from_left ? from_left : CmakeTruth::kMaybe;
  }
  CmakeTruth negation() {
    const bool negate = take("NOT");
    if (next_is("NOT")) failed_ = true;
    const CmakeTruth value = atom();
    return negate ? negated(value) : value;
  }
  CmakeTruth atom() {
    if (take("(")) {
      if (++depth_ > kMaxNesting) failed_ = true;
      const CmakeTruth value = failed_ ? CmakeTruth::kMaybe : any();
      if (!take(")")) failed_ = true;
      --depth_;
      return value;
    }
    if (at_ >= words_.size() || next_is(")")) {
      failed_ = true;
      return CmakeTruth::kMaybe;
    }
    const std::string& word = words_[at_++].text;
    if (at_ + 1 < words_.size() && take("MATCHES")) {
      const std::string& pattern = words_[at_++].text;
      return is_system_name(word) ? linux_matches(pattern) : CmakeTruth::kMaybe;
    }
    if (at_ + 1 < words_.size() && take("STREQUAL")) {
      const std::string& other = words_[at_++].text;
      if (!is_system_name(word)) return CmakeTruth::kMaybe;
      return other == "Linux" ? CmakeTruth::kTrue : CmakeTruth::kFalse;
    }
    if (at_ == words_.size() || next_is(")") || next_is("AND") || next_is("OR")) {
      return variable(word);
    }
    return other_test();
  }
  // "EXISTS x", "x VERSION_LESS y": up to the next connective.
  CmakeTruth other_test() {
    while (at_ < words_.size() && !next_is(")") && !next_is("AND") && !next_is("OR")) ++at_;
    return CmakeTruth::kMaybe;
  }

  const std::vector<CmakeWord>& words_;
  std::size_t at_ = 0, depth_ = 0;
  bool failed_ = false;
};

}  // namespace

CmakeTruth cmake_condition(const std::vector<CmakeWord>& words) { return Condition(words).value(); }

}  // namespace engram
