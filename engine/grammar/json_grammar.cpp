#include "engine/grammar/json_grammar.h"

#include <algorithm>
#include <vector>

#include "core/json.h"

namespace engram {
namespace {

ByteSet set_of(std::string_view bytes) {
  ByteSet set;
  for (const char c : bytes) set.set(static_cast<unsigned char>(c));
  return set;
}

ByteSet range_of(char first, char last) {
  ByteSet set;
  const auto end = static_cast<unsigned char>(last);
  for (unsigned c = static_cast<unsigned char>(first); c <= end; ++c) set.set(c);
  return set;
}

ByteSet key_characters() {  // needs no escape, and is spelled in one way only
  return range_of('a', 'z') | range_of('A', 'Z') | range_of('0', '9') | set_of("_-. ");
}

}  // namespace

JsonGrammar::JsonGrammar(GrammarBuilder& builder) : builder_(builder) {
  constexpr NodeId kReturn = GrammarBuilder::kReturn;
  constexpr std::size_t kMostIndentation = 32;
  space_ = builder_.declare("space");
  const auto indentation = [&](NodeId next) { return builder_.bytes(set_of(" \t"), next); };
  const NodeId ways[] = {
      kReturn, builder_.literal(" ", kReturn),
      builder_.literal("\n", builder_.repeat(indentation, 0, kMostIndentation, kReturn))};
  builder_.define(space_, builder_.any_of(ways));
  character_ = character_rule();
  any_ = any_rule();
}

// One character of a string: itself, or an escape of a code point of its own.
RuleId JsonGrammar::character_rule() {
  constexpr NodeId kReturn = GrammarBuilder::kReturn;
  const GrammarBuilder::CodePoints plain[] = {{0x20, 0x21}, {0x23, 0x5B}, {0x5D, 0x10FFFF}};
  const ByteSet hex = range_of('0', '9') | range_of('a', 'f') | range_of('A', 'F');
  const auto hex_digit = [&](NodeId next) { return builder_.bytes(hex, next); };
  const NodeId two = builder_.repeat(hex_digit, 2, 2, kReturn);
  const ByteSet surrogate = set_of("dD");
  const NodeId four[] = {builder_.bytes(hex & ~surrogate, builder_.repeat(hex_digit, 1, 1, two)),
                         builder_.bytes(surrogate, builder_.bytes(range_of('0', '7'), two))};
  const NodeId escapes[] = {builder_.bytes(set_of("\"\\/bfnrt"), kReturn),
                            builder_.literal("u", builder_.any_of(four))};
  const NodeId ways[] = {builder_.code_point(plain, kReturn),
                         builder_.literal("\\", builder_.any_of(escapes))};
  const RuleId rule = builder_.declare("character");
  builder_.define(rule, builder_.any_of(ways));
  builder_.set_character_rule(rule);
  return rule;
}

RuleId JsonGrammar::any_rule() {
  constexpr NodeId kReturn = GrammarBuilder::kReturn;
  any_ = builder_.declare("any value");
  const auto more = [&](const GrammarBuilder::Body& item, char close) {
    const NodeId end = builder_.call(space_, builder_.literal({&close, 1}, kReturn));
    const NodeId rest = builder_.repeat([&](NodeId next) { return comma(item(next)); }, 0,
                                        GrammarBuilder::kUnbounded, end);
    return builder_.call(space_, builder_.either(item(rest), end));
  };
  const auto value = [&](NodeId next) { return builder_.call(any_, next); };
  const auto member = [&](NodeId next) {
    const NodeId after = builder_.literal(":", builder_.call(space_, value(next)));
    return string(0, GrammarBuilder::kUnbounded, after);
  };
  const NodeId ways[] = {builder_.literal("{", more(member, '}')),
                         builder_.literal("[", more(value, ']')),
                         string(0, GrammarBuilder::kUnbounded, kReturn), plain_number(kReturn),
                         builder_.any_literal({"true", "false", "null"}, kReturn)};
  builder_.define(any_, builder_.any_of(ways));
  return any_;
}

NodeId JsonGrammar::comma(NodeId next) {
  return builder_.literal(",", builder_.call(space_, next));
}

NodeId JsonGrammar::key(std::string_view name, NodeId next) {
  const std::string quoted = to_json(json::value(json_string(name)));
  return builder_.literal(quoted + ":", builder_.call(space_, next));
}

NodeId JsonGrammar::other_key(const std::set<std::string>& taken, NodeId next) {
  const NodeId end = builder_.literal(":", builder_.call(space_, next));
  return builder_.literal("\"", other_key_from(taken, "", end));
}

// All that may follow the characters `read`, which begin at least one taken key.
NodeId JsonGrammar::other_key_from(const std::set<std::string>& taken, const std::string& read,
                                   NodeId next) {
  const NodeId end = builder_.literal("\"", next);
  ByteSet free = key_characters();
  std::vector<NodeId> ways;
  for (auto it = taken.lower_bound(read); it != taken.end() && it->starts_with(read); ++it) {
    if (it->size() == read.size()) continue;
    const auto c = static_cast<unsigned char>((*it)[read.size()]);
    if (!free.test(c)) continue;  // seen already, or no character of these keys
    free.reset(c);
    const std::string longer = read + static_cast<char>(c);
    ways.push_back(
        builder_.literal({longer.data() + read.size(), 1}, other_key_from(taken, longer, next)));
  }
  const auto character = [&](NodeId after) { return builder_.bytes(key_characters(), after); };
  ways.push_back(
      builder_.bytes(free, builder_.repeat(character, 0, GrammarBuilder::kUnbounded, end)));
  if (!read.empty() && !taken.contains(read)) ways.push_back(end);
  return builder_.any_of(ways);
}

NodeId JsonGrammar::string(std::size_t least, std::size_t most, NodeId next) {
  const auto character = [&](NodeId after) { return builder_.call(character_, after); };
  return builder_.literal("\"",
                          builder_.repeat(character, least, most, builder_.literal("\"", next)));
}

NodeId JsonGrammar::digits(std::size_t least, std::size_t most, NodeId next) {
  const auto digit = [&](NodeId after) { return builder_.bytes(range_of('0', '9'), after); };
  return builder_.repeat(digit, least, most, next);
}

// Numbers of as many digits as both bounds have.
NodeId JsonGrammar::digits_between(std::string_view low, std::string_view high, NodeId next) {
  if (low.empty()) return next;
  const std::string_view low_rest = low.substr(1), high_rest = high.substr(1);
  if (low[0] == high[0]) {
    return builder_.literal(low.substr(0, 1), digits_between(low_rest, high_rest, next));
  }
  const std::string nines(low_rest.size(), '9'), zeros(low_rest.size(), '0');
  char first = low[0], last = high[0];
  std::vector<NodeId> ways;
  if (low_rest != zeros) {
    ways.push_back(builder_.literal(low.substr(0, 1), digits_between(low_rest, nines, next)));
    ++first;
  }
  if (high_rest != nines) {
    ways.push_back(builder_.literal(high.substr(0, 1), digits_between(zeros, high_rest, next)));
    --last;
  }
  if (first <= last) {
    ways.push_back(
        builder_.bytes(range_of(first, last), digits(low_rest.size(), low_rest.size(), next)));
  }
  return builder_.any_of(ways);
}

std::optional<NodeId> JsonGrammar::natural(std::int64_t low, std::int64_t high, NodeId next) {
  low = std::max<std::int64_t>(low, 0);
  std::vector<NodeId> ways;
  std::int64_t power = 1;  // the least number of as many digits
  for (std::size_t n = 1; n <= 18 && low <= high; ++n, power *= 10) {
    const std::int64_t least = n == 1 ? 0 : power;
    const std::int64_t most = power * 10 - 1;
    if (low > most || high < least) continue;
    ways.push_back(digits_between(std::to_string(std::max(low, least)),
                                  std::to_string(std::min(high, most)), next));
  }
  if (ways.empty()) return std::nullopt;
  return builder_.any_of(ways);
}

std::optional<NodeId> JsonGrammar::signed_range(std::int64_t low, std::int64_t high, NodeId next) {
  const auto positive = natural(low, high, next);
  const auto negative =
      low < 0 ? natural(std::max<std::int64_t>(1, -high), -low, next) : std::nullopt;
  if (!negative) return positive;
  const NodeId signed_way = builder_.literal("-", *negative);
  return positive ? builder_.either(signed_way, *positive) : signed_way;
}

std::optional<NodeId> JsonGrammar::integer(const Bounds& bounds, NodeId next) {
  return signed_range(bounds.least, bounds.most, next);
}

NodeId JsonGrammar::plain_number(NodeId next) {
  const auto exponent = [&](NodeId after) {
    const auto sign = [&](NodeId then) { return builder_.bytes(set_of("+-"), then); };
    return builder_.bytes(set_of("eE"), builder_.optional(sign, digits(1, 2, after)));
  };
  const auto fraction = [&](NodeId after) { return builder_.literal(".", digits(1, 17, after)); };
  const NodeId rest = builder_.optional(fraction, builder_.optional(exponent, next));
  const NodeId number = *natural(0, Bounds::kMost, rest);
  return builder_.either(builder_.literal("-", number), number);
}

// With bounds: integers within them, and decimals whose integer parts leave no doubt.
std::optional<NodeId> JsonGrammar::number(const Bounds& bounds, NodeId next) {
  if (!bounds.bounded) return plain_number(next);
  std::vector<NodeId> ways;
  const NodeId fraction = builder_.literal(".", digits(1, 17, next));
  if (const auto whole = integer(bounds, next)) ways.push_back(*whole);
  if (const auto above = natural(bounds.least_floor, bounds.most_ceil - 1, fraction)) {
    ways.push_back(*above);
  }
  if (bounds.least_floor < 0) {
    if (const auto below = natural(-bounds.most_ceil, -bounds.least_floor - 1, fraction)) {
      ways.push_back(builder_.literal("-", *below));
    }
  }
  if (ways.empty()) return std::nullopt;
  return builder_.any_of(ways);
}

}  // namespace engram
