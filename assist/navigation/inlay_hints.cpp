#include "assist/navigation/inlay_hints.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

#include "assist/navigation/parameter_names.h"
#include "indexer/syntax/syntax_tree.h"
#include "memory/sub_words.h"
#include "memory/symbol_kinds.h"

namespace engram {

namespace {

constexpr std::size_t kMostSyntaxLookups = 200;  // of functions that only syntax finds
constexpr std::size_t kMostTypeBytes = 60;

struct Called {
  std::string name, signature;
  Certainty certainty = Certainty::kSyntactic;
};

class Hints {
 public:
  Hints(Navigator& navigator, const SourceText& source, const std::optional<CompiledNames>& known,
        std::stop_token stop)
      : navigator_(navigator), source_(source), known_(known), stop_(std::move(stop)) {
    for (std::size_t i = 0; known && i < known->names.size(); ++i) {
      by_end_.emplace(known->names[i].end, i);
    }
  }

  Result<void> add_parameters(std::size_t begin, std::size_t end) {
    ENGRAM_TRY(tree, SyntaxTree::parse(source_.language, *source_.text));
    for (const SyntaxCall& call : tree.calls(begin, end)) {
      if (stop_.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
      ENGRAM_TRY(called, function_called(call.callee_end));
      if (called) add_parameters_of(*called, call);
    }
    return {};
  }

  // "Tile it" for `auto it`: what stands before the name.
  void add_types(std::size_t begin, std::size_t end) {
    if (!known_) return;
    for (const CompiledName& name : known_->names) {
      const UnitSymbol& s = known_->symbols[name.symbol];
      const bool defines = (name.roles & kRoleDefinition) != 0;
      if (!defines || s.kind != SymbolKind::kVariable || name.begin < begin || name.begin >= end ||
          !is_deduced(name.begin)) {
        continue;
      }
      std::string_view type = s.signature;
      if (!type.ends_with(s.name)) continue;
      type.remove_suffix(s.name.size());
      while (type.ends_with(' ')) type.remove_suffix(1);
      if (type.empty() || type.size() > kMostTypeBytes || type.find("auto") != type.npos ||
          type.find("(lambda") != type.npos)
        continue;
      out_.push_back({name.end, ": " + std::string(type), true, name.certainty});
    }
  }

  std::vector<InlayHint> take() {
    std::sort(out_.begin(), out_.end(), [](const InlayHint& a, const InlayHint& b) {
      return std::tie(a.offset, a.label) < std::tie(b.offset, b.label);
    });
    return std::move(out_);
  }

 private:
  // The compiler's word is the only one where it has any.
  Result<std::optional<Called>> function_called(std::size_t callee_end) {
    std::optional<Called> out;
    if (known_) {
      const CompiledName* best = nullptr;
      const auto [first, last] = by_end_.equal_range(callee_end);
      for (auto it = first; it != last; ++it) {
        best = &known_->names[it->second];
        if (is_function(known_->symbols[best->symbol].kind)) return said(*best);
      }
      if (best != nullptr) return out;  // a pointer to a function, a macro
    }
    if (++lookups_ > kMostSyntaxLookups) return out;
    ENGRAM_TRY(places, navigator_.definition({source_.path, callee_end}, stop_));
    if (places.size() != 1 || !places[0].symbol || !is_function(places[0].symbol->kind)) return out;
    return std::optional(
        Called{places[0].symbol->name, places[0].symbol->signature, places[0].certainty});
  }

  std::optional<Called> said(const CompiledName& name) const {
    const UnitSymbol& s = known_->symbols[name.symbol];
    return Called{s.name, s.signature, name.certainty};
  }

  void add_parameters_of(const Called& called, const SyntaxCall& call) {
    const auto names = parameter_names(called.signature, called.name, source_.language);
    if (names.size() == 1 && is_setter(called.name)) return;
    const std::size_t count = std::min(names.size(), call.arguments.size());
    for (std::size_t i = 0; i < count; ++i) {
      std::string_view name = names[i];
      while (name.starts_with('_')) name.remove_prefix(1);
      while (name.ends_with('_')) name.remove_suffix(1);
      const SyntaxRange& argument = call.arguments[i];
      if (name.empty() || says(argument, name)) continue;
      out_.push_back({static_cast<std::uint32_t>(argument.begin), std::string(name) + ":", false,
                      called.certainty});
    }
  }

  static bool is_setter(std::string_view name) {
    return name.starts_with("set") &&
           (name.size() == 3 || std::islower(static_cast<unsigned char>(name[3])) == 0);
  }

  // The argument is the name (`count`, `this->count_`, `args.count`), names it (`count = 3`), or a
  // comment before it does.
  bool says(const SyntaxRange& argument, std::string_view name) const {
    const std::string_view text = *source_.text;
    const std::string_view written = text.substr(argument.begin, argument.end - argument.begin);
    if (argument.kind.find("keyword") != std::string_view::npos ||
        (written.starts_with(name) && written.substr(name.size()).starts_with("="))) {
      return true;
    }
    std::string_view last = written;
    while (last.ends_with('_')) last.remove_suffix(1);
    if (last.size() >= name.size()) {
      const std::string_view end = last.substr(last.size() - name.size());
      const bool same = std::equal(end.begin(), end.end(), name.begin(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
      });
      const char before = last.size() > name.size() ? last[last.size() - name.size() - 1] : '.';
      if (same && std::isalnum(static_cast<unsigned char>(before)) == 0 && before != '_') {
        return true;
      }
    }
    std::string_view ahead = text.substr(0, argument.begin);
    while (ahead.ends_with(' ')) ahead.remove_suffix(1);
    return ahead.ends_with("*/");
  }

  // Is `auto` the word before, behind at most `&`, `*` and `const`?
  bool is_deduced(std::size_t name_begin) const {
    std::string_view ahead = std::string_view(*source_.text).substr(0, name_begin);
    const auto trim = [&] {
      while (!ahead.empty() && std::string_view(" &*\n\t").find(ahead.back()) != ahead.npos) {
        ahead.remove_suffix(1);
      }
    };
    trim();
    for (; ends_with_word(ahead, "const"); trim()) ahead.remove_suffix(5);
    return ends_with_word(ahead, "auto");
  }

  static bool ends_with_word(std::string_view text, std::string_view word) {
    if (!text.ends_with(word)) return false;
    text.remove_suffix(word.size());
    return text.empty() || !is_identifier_byte(static_cast<unsigned char>(text.back()));
  }

  Navigator& navigator_;
  const SourceText& source_;
  const std::optional<CompiledNames>& known_;
  std::stop_token stop_;
  std::multimap<std::size_t, std::size_t> by_end_;  // names of known_
  std::size_t lookups_ = 0;
  std::vector<InlayHint> out_;
};

}  // namespace

Result<std::vector<InlayHint>> inlay_hints(Navigator& navigator, const SourceText& source,
                                           const std::optional<CompiledNames>& known,
                                           std::size_t begin, std::size_t end,
                                           std::stop_token stop) {
  if (source.language.empty()) return std::vector<InlayHint>();
  Hints hints(navigator, source, known, std::move(stop));
  ENGRAM_TRY_VOID(hints.add_parameters(begin, end));
  hints.add_types(begin, end);
  return hints.take();
}

}  // namespace engram
