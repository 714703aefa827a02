#include "engine/grammar/gbnf.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/text.h"
#include "engine/grammar/code_points.h"
#include "engine/grammar/text_cursor.h"

namespace engram {
namespace {

constexpr std::size_t kMaxNesting = 100;
constexpr std::size_t kMaxText = std::size_t{1} << 20;

// What was read; the graph is built from its end, when all of a rule is known.
struct Term {
  enum class Kind : std::uint8_t { kLiteral, kClass, kRule, kGroup };
  using Sequence = std::vector<Term>;
  Kind kind = Kind::kLiteral;
  std::string literal;
  std::vector<GrammarBuilder::CodePoints> ranges;
  RuleId rule = 0;
  std::shared_ptr<std::vector<Sequence>> ways;  // of a group
  std::size_t least = 1, most = 1;
};
using Ways = std::vector<Term::Sequence>;

class Parser : TextCursor {
 public:
  explicit Parser(std::string_view text) : TextCursor(text) {}
  Result<Grammar> parse();

 private:
  using Range = GrammarBuilder::CodePoints;

  Error fail(std::string_view what) const;
  void skip_space();
  std::string take_name();
  bool at_rule();  // "name ::="
  RuleId rule(const std::string& name);
  Result<void> parse_rule();
  Result<Ways> parse_ways(std::size_t nesting);
  Result<Term> parse_term(std::size_t nesting);
  Result<void> parse_repeat(Term& term);
  Result<std::size_t> parse_number();
  Result<std::string> parse_literal();
  Result<std::vector<Range>> parse_class();
  Result<std::uint32_t> parse_character();
  Result<std::uint32_t> parse_escape();

  NodeId build(const Ways& ways, NodeId next);
  NodeId build(const Term& term, NodeId next);

  GrammarBuilder builder_;
  std::map<std::string, RuleId> rules_;
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

Error Parser::fail(std::string_view what) const {
  const std::string_view before = text_.substr(0, std::min(at_, text_.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? at_ + 1 : at_ - newline;
  return {Errc::kInvalidArgument,
          fmt::format("cannot read the grammar, line {}, column {}: {}", line, column, what)};
}

void Parser::skip_space() {
  while (at_ < text_.size()) {
    if (peek() == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) {
      ++at_;
    } else {
      return;
    }
  }
}

std::string Parser::take_name() {
  const std::size_t begin = at_;
  while (is_name_character(peek())) ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

bool Parser::at_rule() {
  const std::size_t begin = at_;
  const bool named = !take_name().empty();
  skip_space();
  const bool found = named && text_.substr(at_).starts_with("::=");
  at_ = begin;
  return found;
}

RuleId Parser::rule(const std::string& name) {
  const auto known = rules_.find(name);
  if (known != rules_.end()) return known->second;
  return rules_.emplace(name, builder_.declare(name)).first->second;
}

Result<Grammar> Parser::parse() {
  if (text_.size() > kMaxText) {
    return Error{Errc::kInvalidArgument, "cannot read the grammar: it is longer than 1 MiB"};
  }
  skip_space();
  while (at_ < text_.size()) {
    ENGRAM_TRY_VOID(parse_rule());
    skip_space();
  }
  if (!rules_.contains("root")) {
    return Error{Errc::kInvalidArgument, "cannot read the grammar: it has no rule 'root'"};
  }
  auto grammar = builder_.finish(rules_.at("root"));
  if (grammar) return grammar;
  return Error{Errc::kInvalidArgument, "cannot use the grammar: " + grammar.error().message};
}

Result<void> Parser::parse_rule() {
  if (!at_rule()) return fail("expected a rule, such as root ::= \"a\"");
  const std::string name = take_name();
  skip_space();
  take("::=");
  const RuleId id = rule(name);
  if (builder_.defined(id)) return fail(fmt::format("'{}' is defined twice", name));
  ENGRAM_TRY(ways, parse_ways(0));
  builder_.define(id, build(ways, GrammarBuilder::kReturn));
  return {};
}

Result<Ways> Parser::parse_ways(std::size_t nesting) {
  if (nesting > kMaxNesting) return fail("groups are nested too deeply");
  Ways ways(1);
  for (skip_space(); at_ < text_.size() && peek() != ')' && !at_rule(); skip_space()) {
    if (take("|")) {
      ways.emplace_back();
      continue;
    }
    ENGRAM_TRY(term, parse_term(nesting));
    ways.back().push_back(std::move(term));
  }
  if (nesting == 0 && peek() == ')') return fail("')' closes nothing");
  return ways;
}

Result<Term> Parser::parse_term(std::size_t nesting) {
  Term term;
  if (peek() == '"') {
    ENGRAM_TRY(literal, parse_literal());
    term.literal = std::move(literal);
  } else if (peek() == '[') {
    ENGRAM_TRY(ranges, parse_class());
    term.kind = Term::Kind::kClass;
    term.ranges = std::move(ranges);
  } else if (take(".")) {
    term.kind = Term::Kind::kClass;
    term.ranges = {{0, 0x10FFFF}};
  } else if (take("(")) {
    ENGRAM_TRY(ways, parse_ways(nesting + 1));
    if (!take(")")) return fail("expected ')'");
    term.kind = Term::Kind::kGroup;
    term.ways = std::make_shared<Ways>(std::move(ways));
  } else if (is_name_character(peek())) {
    term.kind = Term::Kind::kRule;
    term.rule = rule(take_name());
  } else {
    return fail("expected \"text\", [a class], (a group) or a rule's name");
  }
  ENGRAM_TRY_VOID(parse_repeat(term));
  return term;
}

Result<void> Parser::parse_repeat(Term& term) {
  constexpr std::size_t kUnbounded = GrammarBuilder::kUnbounded;
  if (take("*")) {
    term.least = 0, term.most = kUnbounded;
  } else if (take("+")) {
    term.most = kUnbounded;
  } else if (take("?")) {
    term.least = 0;
  } else if (take("{")) {
    ENGRAM_TRY(least, parse_number());
    term.least = term.most = least;
    if (take(",")) {
      term.most = kUnbounded;
      if (peek() != '}') {
        ENGRAM_TRY(most, parse_number());
        term.most = most;
      }
    }
    if (!take("}")) return fail("expected '}'");
    if (term.most < term.least) return fail("a repetition's most is below its least");
  }
  return {};
}

Result<std::size_t> Parser::parse_number() {
  std::size_t value = 0;
  if (peek() < '0' || peek() > '9') return fail("expected a number");
  for (; peek() >= '0' && peek() <= '9'; ++at_) {
    value = value * 10 + static_cast<std::size_t>(peek() - '0');
    if (value > GrammarBuilder::kMaxRepeats) {
      return fail(fmt::format("more than {} repetitions", GrammarBuilder::kMaxRepeats));
    }
  }
  return value;
}

Result<std::string> Parser::parse_literal() {
  std::string out;
  take("\"");
  while (!take("\"")) {
    if (at_ >= text_.size() || peek() == '\n') return fail("a text lacks its closing quote");
    if (peek() == '\\' && peek(1) == 'x') {  // a byte, not a code point
      ENGRAM_TRY(value, parse_escape());
      out += static_cast<char>(value);
      continue;
    }
    ENGRAM_TRY(value, parse_character());
    append_utf8(out, value);
  }
  return out;
}

Result<std::vector<Parser::Range>> Parser::parse_class() {
  take("[");
  const bool negated = take("^");
  std::vector<Range> ranges;
  while (!take("]")) {
    if (at_ >= text_.size() || peek() == '\n') return fail("a class lacks its ']'");
    ENGRAM_TRY(first, parse_character());
    std::uint32_t last = first;
    if (peek() == '-' && peek(1) != ']') {
      ++at_;
      ENGRAM_TRY(end, parse_character());
      last = end;
    }
    if (last < first) return fail("a range's end is before its beginning");
    ranges.push_back({first, last});
  }
  if (ranges.empty() && !negated) return fail("a class is empty");
  return negated ? complement(std::move(ranges)) : ranges;
}

Result<std::uint32_t> Parser::parse_character() {
  if (at_ >= text_.size()) return fail("the grammar ends too early");
  if (peek() == '\\') return parse_escape();
  const std::size_t length = utf8_sequence_length(text_, at_);
  auto value = static_cast<std::uint32_t>(static_cast<unsigned char>(peek()));
  if (length == 1 && value >= 0x80) return fail("this is not UTF-8");
  if (length > 1) value &= 0x7FU >> length;
  for (std::size_t i = 1; i < length; ++i) {
    value = (value << 6) | (static_cast<unsigned char>(peek(i)) & 0x3FU);
  }
  at_ += length;
  return value;
}

Result<std::uint32_t> Parser::parse_escape() {
  ++at_;
  const char kind = peek();
  ++at_;
  switch (kind) {
    case 'n':
      return std::uint32_t{'\n'};
    case 't':
      return std::uint32_t{'\t'};
    case 'r':
      return std::uint32_t{'\r'};
    case '\\':
    case '"':
    case '[':
    case ']':
    case '-':
    case '^':
      return static_cast<std::uint32_t>(kind);
    case 'x':
    case 'u':
    case 'U':
      break;
    default:
      --at_;
      return fail(
          "unknown escape (known: \\n \\t \\r \\\\ \\\" \\[ \\] \\- \\^ \\xHH \\uHHHH "
          "\\UHHHHHHHH)");
  }
  std::uint32_t value = 0;
  for (int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8; digits > 0; --digits, ++at_) {
    const char c = peek();
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return fail("an escape lacks a hexadecimal digit");
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  if (value > 0x10FFFF) return fail("there is no such code point");
  return value;
}

NodeId Parser::build(const Ways& ways, NodeId next) {
  std::vector<NodeId> entries;
  for (const Term::Sequence& sequence : ways) {
    NodeId entry = next;
    for (std::size_t i = sequence.size(); i-- > 0;) entry = build(sequence[i], entry);
    entries.push_back(entry);
  }
  return builder_.any_of(entries);
}

NodeId Parser::build(const Term& term, NodeId next) {
  const auto once = [&](NodeId after) {
    switch (term.kind) {
      case Term::Kind::kLiteral:
        return builder_.literal(term.literal, after);
      case Term::Kind::kClass:
        return builder_.code_point(term.ranges, after);
      case Term::Kind::kRule:
        return builder_.call(term.rule, after);
      case Term::Kind::kGroup:
        return build(*term.ways, after);
    }
    return after;
  };
  return builder_.repeat(once, term.least, term.most, next);
}

}  // namespace

Result<Grammar> parse_gbnf(std::string_view text) { return Parser(text).parse(); }

}  // namespace engram
