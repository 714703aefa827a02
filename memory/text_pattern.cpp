#include "memory/text_pattern.h"

#include <fmt/format.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/ascii.h"
#include "memory/sub_words.h"
#include "memory/trigram_filter.h"

namespace engram {

namespace {

constexpr std::size_t kMaxPatternBytes = 10'000;
constexpr std::int64_t kMaxRegexMemory = 32 << 20;

bool is_ascii(std::string_view s) {
  return std::none_of(s.begin(), s.end(), [](char c) { return (c & 0x80) != 0; });
}

bool is_whole_word(std::string_view text, TextPattern::Span s) {
  const auto inner = [&](std::size_t i) {
    return is_identifier_byte(static_cast<unsigned char>(text[i]));
  };
  return s.end > s.begin && !(s.begin > 0 && inner(s.begin) && inner(s.begin - 1)) &&
         !(s.end < text.size() && inner(s.end - 1) && inner(s.end));
}

// Calls `find_any(from)` until what it finds is a whole word.
template <class FindAny>
TextPattern::Span find_word(std::string_view text, std::size_t from, FindAny find_any) {
  while (from <= text.size()) {
    const TextPattern::Span span = find_any(from);
    if (!span.found() || is_whole_word(text, span)) return span;
    from = span.begin + 1;
  }
  return {};
}

class Literal final : public TextPattern {
 public:
  explicit Literal(const TextQuery& query)
      : literal_(query.pattern),
        word_(query.word),
        fold_(query.ignore_case),
        hashes_(trigram_hashes(literal_, false)) {
    std::transform(literal_.begin(), literal_.end(), std::back_inserter(lower_), to_lower);
  }

  Span find(std::string_view text, std::size_t from) const override {
    if (!word_) return find_any(text, from);
    return find_word(text, from, [&](std::size_t at) { return find_any(text, at); });
  }
  bool may_match(std::string_view filter) const override { return may_contain(filter, hashes_); }

 private:
  Span find_any(std::string_view text, std::size_t from) const {
    if (from > text.size()) return {};
    std::size_t at = std::string_view::npos;
    if (!fold_) {
      const void* hit =
          ::memmem(text.data() + from, text.size() - from, literal_.data(), literal_.size());
      if (hit != nullptr)
        at = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    } else {
      const auto hit =
          std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), lower_.begin(),
                      lower_.end(), [](char a, char b) { return to_lower(a) == b; });
      if (hit != text.end()) at = static_cast<std::size_t>(hit - text.begin());
    }
    return at == std::string_view::npos ? Span{} : Span{at, at + literal_.size()};
  }

  std::string literal_, lower_;
  bool word_, fold_;
  std::vector<std::uint32_t> hashes_;
};

class Regex final : public TextPattern {
 public:
  static Result<std::unique_ptr<TextPattern>> create(const TextQuery& query) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxRegexMemory);
    options.set_case_sensitive(!query.ignore_case);
    const std::string inner = query.regex ? query.pattern : RE2::QuoteMeta(query.pattern);
    std::unique_ptr<Regex> made(new Regex(query.word));
    made->regex_ = std::make_unique<RE2>("(?m:" + inner + ")", options);
    if (!made->regex_->ok()) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot search for '{:.80}': {}; see RE2's syntax, or search "
                               "without --regex",
                               query.pattern, made->regex_->error())};
    }
    made->plan_filter("(?m:" + inner + ")", options);
    return std::unique_ptr<TextPattern>(std::move(made));
  }

  Span find(std::string_view text, std::size_t from) const override {
    if (!word_) return find_any(text, from);
    return find_word(text, from, [&](std::size_t at) { return find_any(text, at); });
  }

  // RE2 knows strings of which some must occur ("atoms"); which may, the filter says.
  bool may_match(std::string_view filter) const override {
    if (atoms_.empty()) return true;
    std::vector<int> present, potential;
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      if (may_contain(filter, atoms_[i])) present.push_back(static_cast<int>(i));
    }
    if (present.size() == atoms_.size()) return true;
    filtered_.AllPotentials(present, &potential);
    return !potential.empty();
  }

 private:
  explicit Regex(bool word) : word_(word), filtered_(3) {}

  void plan_filter(const std::string& pattern, const RE2::Options& options) {
    int id = 0;
    if (filtered_.Add(pattern, options, &id) != RE2::NoError) return;
    std::vector<std::string> atoms;
    filtered_.Compile(&atoms);
    for (const std::string& atom : atoms) atoms_.push_back(trigram_hashes(atom, true));
  }

  Span find_any(std::string_view text, std::size_t from) const {
    if (from > text.size()) return {};
    re2::StringPiece match;
    const re2::StringPiece input(text.data(), text.size());
    if (!regex_->Match(input, from, text.size(), RE2::UNANCHORED, &match, 1)) return {};
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    return {begin, begin + match.size()};
  }

  bool word_;
  std::unique_ptr<RE2> regex_;
  re2::FilteredRE2 filtered_;
  std::vector<std::vector<std::uint32_t>> atoms_;  // trigrams of each
};

}  // namespace

Result<std::unique_ptr<TextPattern>> TextPattern::create(const TextQuery& query) {
  if (query.pattern.empty()) {
    return Error{Errc::kInvalidArgument, "cannot search for nothing: the pattern is empty"};
  }
  if (query.pattern.size() > kMaxPatternBytes) {
    return Error{Errc::kInvalidArgument, fmt::format("cannot search for a pattern of {} bytes; at "
                                                     "most {} are allowed",
                                                     query.pattern.size(), kMaxPatternBytes)};
  }
  if (!query.regex && (!query.ignore_case || is_ascii(query.pattern))) {
    return std::unique_ptr<TextPattern>(std::make_unique<Literal>(query));
  }
  return Regex::create(query);
}

}  // namespace engram
