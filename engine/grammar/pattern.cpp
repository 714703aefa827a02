#include "engine/grammar/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/grammar/code_points.h"
#include "engine/grammar/text_cursor.h"

namespace engram {
namespace {

constexpr std::size_t kMaxNesting = 100;

struct Piece {
  CodePointRanges ranges;                                 // of one character, or else
  std::shared_ptr<std::vector<std::vector<Piece>>> ways;  // a group
  std::size_t least = 1, most = 1;
};
using Pieces = std::vector<Piece>;

struct Way {  // of the whole expression
  Pieces pieces;
  bool from_beginning = false, to_end = false;
};

CodePointRanges digits() { return {{'0', '9'}}; }
CodePointRanges word_characters() { return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}; }
CodePointRanges white_space() {
  return {{0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
          {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
}
CodePointRanges all_but_line_ends() {
  return complement({{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}});
}

class PatternParser : TextCursor {
 public:
  explicit PatternParser(std::string_view text) : TextCursor(text) {}

  Result<std::vector<Way>> parse() {
    std::vector<Way> ways;
    do {
      Way& way = ways.emplace_back();
      way.from_beginning = take("^");
      ENGRAM_TRY(pieces, parse_pieces(0));
      way.pieces = std::move(pieces);
      way.to_end = take("$");
    } while (take("|"));
    if (peek() == ')') return fail("has a ')' that closes nothing");
    if (at_ < text_.size()) return misplaced_anchor();
    return ways;
  }

 private:
  static Error fail(std::string_view what) {
    return {Errc::kInvalidArgument, fmt::format("the pattern {}", what)};
  }
  static Error misplaced_anchor() {
    return fail("has an anchor that is not at the beginning or end of all of it");
  }

  // Up to the end of an alternative.
  Result<Pieces> parse_pieces(std::size_t nesting) {
    Pieces pieces;
    while (at_ < text_.size() && peek() != '|' && peek() != ')') {
      if (peek() == '$' && nesting == 0) break;
      ENGRAM_TRY(piece, parse_piece(nesting));
      ENGRAM_TRY_VOID(parse_repeat(piece));
      pieces.push_back(std::move(piece));
    }
    return pieces;
  }

  Result<Piece> parse_piece(std::size_t nesting) {
    Piece piece;
    if (take("(")) {
      if (nesting >= kMaxNesting) return fail("is nested too deeply");
      if (peek() == '?' && !take("?:")) return fail("looks around or names a group");
      piece.ways = std::make_shared<std::vector<Pieces>>();
      do {
        ENGRAM_TRY(way, parse_pieces(nesting + 1));
        piece.ways->push_back(std::move(way));
      } while (take("|"));
      if (!take(")")) return fail("lacks a ')'");
      return piece;
    }
    if (peek() == '^' || peek() == '$') return misplaced_anchor();
    if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') {
      return fail(fmt::format("repeats nothing at '{}'", peek()));
    }
    if (take(".")) {
      piece.ranges = all_but_line_ends();
    } else if (take("[")) {
      ENGRAM_TRY(ranges, parse_class());
      piece.ranges = std::move(ranges);
    } else {
      ENGRAM_TRY(ranges, parse_character(false));
      piece.ranges = std::move(ranges);
    }
    return piece;
  }

  Result<void> parse_repeat(Piece& piece) {
    if (take("*")) {
      piece.least = 0, piece.most = GrammarBuilder::kUnbounded;
    } else if (take("+")) {
      piece.most = GrammarBuilder::kUnbounded;
    } else if (take("?")) {
      piece.least = 0;
    } else if (take("{")) {
      ENGRAM_TRY(least, parse_number());
      piece.least = piece.most = least;
      if (take(",")) {
        piece.most = GrammarBuilder::kUnbounded;
        if (peek() != '}') {
          ENGRAM_TRY(most, parse_number());
          piece.most = most;
        }
      }
      if (!take("}") || piece.most < piece.least) return fail("has a wrong repetition in braces");
    } else {
      return {};
    }
    take("?");  // lazy
    if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') {
      return fail("repeats a repetition");
    }
    return {};
  }

  Result<std::size_t> parse_number() {
    std::size_t number = 0;
    const std::size_t begin = at_;
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      number = number * 10 + static_cast<std::size_t>(peek() - '0');
      if (number > GrammarBuilder::kMaxRepeats) {
        return fail(fmt::format("repeats more than {} times", GrammarBuilder::kMaxRepeats));
      }
    }
    if (at_ == begin) return fail("has no number in braces");
    return number;
  }

  Result<CodePointRanges> parse_class() {
    const bool negated = take("^");
    CodePointRanges all;
    while (peek() != ']') {
      if (at_ >= text_.size()) return fail("lacks a ']'");
      ENGRAM_TRY(one, parse_character(true));
      const bool single = one.size() == 1 && one[0].first == one[0].last;
      if (single && peek() == '-' && peek(1) != ']') {
        ++at_;
        ENGRAM_TRY(end, parse_character(true));
        const bool ends = end.size() == 1 && end[0].first == end[0].last;
        if (!ends || end[0].last < one[0].first) return fail("has a wrong range in a class");
        one[0].last = end[0].last;
      }
      all.insert(all.end(), one.begin(), one.end());
    }
    ++at_;
    return negated ? complement(std::move(all)) : all;
  }

  // One character, or those of an escape like \d.
  Result<CodePointRanges> parse_character(bool in_class) {
    if (at_ >= text_.size()) return fail("ends too early");
    if (take("\\")) return parse_escape(in_class);
    const std::uint32_t c = take_code_point(text_, at_);
    return CodePointRanges{{c, c}};
  }

  Result<CodePointRanges> parse_escape(bool in_class) {
    if (at_ >= text_.size()) return fail("ends with a backslash");
    const std::uint32_t c = take_code_point(text_, at_);
    const auto one = [](std::uint32_t value) { return CodePointRanges{{value, value}}; };
    switch (c) {
      case 'd':
        return digits();
      case 'D':
        return complement(digits());
      case 'w':
        return word_characters();
      case 'W':
        return complement(word_characters());
      case 's':
        return white_space();
      case 'S':
        return complement(white_space());
      case 'n':
        return one('\n');
      case 'r':
        return one('\r');
      case 't':
        return one('\t');
      case 'f':
        return one('\f');
      case 'v':
        return one('\v');
      case 'x':
        return parse_hex(2);
      case 'u':
        return parse_hex(4);
      default:
        break;
    }
    if (c == 'b' && in_class) return one('\b');
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9')) {
      return fail(
          fmt::format("has the escape '\\{}', which is not supported", static_cast<char>(c)));
    }
    return one(c);
  }

  Result<CodePointRanges> parse_hex(std::size_t digits) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at_) {
      const char c = peek();
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && !(lower >= 'a' && lower <= 'f')) return fail("has a wrong \\x or \\u escape");
      value = value * 16 + static_cast<std::uint32_t>(digit ? c - '0' : lower - 'a' + 10);
    }
    if (value >= 0xD800 && value < 0xE000) return fail("has an escape of half a character");
    return CodePointRanges{{value, value}};
  }
};

bool holds(const CodePointRanges& ranges, std::uint32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const auto& range) { return range.first <= c && c <= range.last; });
}

// One of the characters as JSON spells it.
NodeId character(GrammarBuilder& builder, const CodePointRanges& ranges, NodeId next) {
  constexpr std::pair<std::uint32_t, std::string_view> kEscapes[] = {
      {'"', "\\\""}, {'\\', "\\\\"}, {'\b', "\\b"}, {'\f', "\\f"},
      {'\n', "\\n"}, {'\r', "\\r"},  {'\t', "\\t"}};
  std::vector<NodeId> ways;
  std::vector<std::string> escapes;
  for (std::uint32_t c = 0; c < 0x60; ++c) {
    const bool needs_escape = c < 0x20 || c == '"' || c == '\\';
    if (!needs_escape || !holds(ranges, c)) continue;
    const auto* known = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                     [c](const auto& escape) { return escape.first == c; });
    escapes.push_back(known != std::end(kEscapes) ? std::string(known->second)
                                                  : fmt::format("\\u{:04x}", c));
  }
  if (!escapes.empty()) ways.push_back(builder.any_literal(std::move(escapes), next));
  CodePointRanges plain = complement(ranges);
  plain.push_back({0, 0x1F});
  plain.push_back({'"', '"'});
  plain.push_back({'\\', '\\'});
  ways.push_back(builder.code_point(complement(std::move(plain)), next));
  return builder.any_of(ways);
}

NodeId build(GrammarBuilder& builder, const Pieces& pieces, NodeId next) {
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
    const auto body = [&](NodeId after) {
      if (piece->ways == nullptr) return character(builder, piece->ranges, after);
      std::vector<NodeId> ways;
      for (const Pieces& way : *piece->ways) ways.push_back(build(builder, way, after));
      return builder.any_of(ways);
    };
    next = builder.repeat(body, piece->least, piece->most, next);
  }
  return next;
}

}  // namespace

Result<NodeId> text_of_pattern(GrammarBuilder& builder, std::string_view pattern,
                               const GrammarBuilder::Body& any, NodeId next) {
  ENGRAM_TRY(parsed, PatternParser(pattern).parse());
  const auto anything = [&](NodeId after) {
    return builder.repeat(any, 0, GrammarBuilder::kUnbounded, after);
  };
  std::vector<NodeId> ways;
  for (const Way& way : parsed) {
    const NodeId end = way.to_end ? next : anything(next);
    const NodeId body = build(builder, way.pieces, end);
    ways.push_back(way.from_beginning ? body : anything(body));
  }
  return builder.any_of(ways);
}

}  // namespace engram
