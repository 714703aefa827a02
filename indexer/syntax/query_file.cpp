#include "indexer/syntax/query_file.h"

#include <cctype>
#include <utility>

namespace engram {

namespace {

// Recursive descent; query files are our own, so depth is what we wrote.
class QueryParser {
 public:
  QueryParser(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  Result<QueryFile> parse() {
    QueryFile file;
    for (skip_blank(); !at_end() && error_.empty(); skip_blank()) parse_top(file);
    if (!error_.empty()) return Error{Errc::kInvalidArgument, error_};
    return file;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    skip_blank();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  void skip_blank() {
    while (!at_end()) {
      if (peek() == ';') {
        while (!at_end() && peek() != '\n') ++at_;
      } else if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
        if (peek() == '\n') ++line_;
        ++at_;
      } else {
        return;
      }
    }
  }

  void fail(const std::string& what) {
    if (error_.empty()) {
      error_ = std::string(name_) + ":" + std::to_string(line_) + ": " + what;
    }
    at_ = text_.size();
  }

  static bool is_name_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
           c == '!' || c == '?';
  }

  // A name may hold '.', '!' and '?' only where captures and predicates do.
  std::string take_name(bool rich) {
    std::string out;
    while (!at_end()) {
      const char c = peek();
      const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
      if (!plain && !(rich && is_name_char(c))) break;
      out += c;
      ++at_;
    }
    if (out.empty()) fail("a name is expected");
    return out;
  }

  std::string take_string() {
    std::string out;
    ++at_;  // the opening quote
    while (!at_end() && peek() != '"') {
      if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      out += peek();
      ++at_;
    }
    if (at_end()) fail("a string is not closed");
    ++at_;
    return out;
  }

  void parse_top(QueryFile& file) {
    const std::size_t line = line_;
    if (text_.substr(at_).starts_with("(#")) {
      const Directive directive = parse_directive();
      file.directives.push_back(directive);
      return;
    }
    predicates_.clear();
    PatternNode node = parse_node();
    // ((pattern) @x (#eq? @x "y")): a group of one pattern and its predicates.
    for (PatternNode& choice : expand(std::move(node))) {
      file.patterns.push_back(
          {std::move(choice), predicates_, std::string(name_) + ":" + std::to_string(line)});
    }
  }

  Directive parse_directive() {
    at_ += 2;
    Directive out;
    out.name = take_name(true);
    while (error_.empty() && !take(')')) {
      if (peek() != '"') {
        fail("a directive takes strings");
        break;
      }
      out.arguments.push_back(take_string());
    }
    return out;
  }

  void parse_predicate() {
    at_ += 2;
    Predicate out;
    const std::string name = take_name(true);
    if (name == "eq?" || name == "any-of?") {
      out.name = "any-of?";
    } else if (name == "not-eq?" || name == "not-any-of?") {
      out.name = "not-any-of?";
    } else if (name == "starts-with?") {
      out.name = name;
    } else {
      return fail("unknown predicate #" + name);
    }
    if (!take('@')) return fail("a predicate begins with a capture");
    out.capture = take_name(true);
    while (error_.empty() && !take(')')) {
      if (peek() != '"') return fail("a predicate compares with strings");
      out.values.push_back(take_string());
    }
    predicates_.push_back(std::move(out));
  }

  PatternNode parse_node() {
    skip_blank();
    PatternNode node;
    if (peek() == '(') {
      ++at_;
      skip_blank();
      if (peek() == '(' || peek() == '[') {  // a group: one pattern and predicates
        node = parse_node();
        for (skip_blank(); error_.empty() && !take(')'); skip_blank()) {
          if (!text_.substr(at_).starts_with("(#")) {
            fail("a group holds one pattern and predicates");
            return node;
          }
          parse_predicate();
        }
        return node;
      }
      parse_named(node);
    } else if (peek() == '"') {
      node.symbols.push_back({take_string(), false});
    } else if (peek() == '[') {
      parse_alternation(node);
    } else if (peek() == '_') {
      ++at_;
      node.any = true;
    } else {
      fail(std::string("a pattern cannot begin with '") + peek() + "'");
    }
    parse_suffix(node);
    return node;
  }

  void parse_named(PatternNode& node) {
    if (peek() == '_' && (at_ + 1 >= text_.size() || !is_name_char(text_[at_ + 1]))) {
      ++at_;
      node.any = node.any_named = true;
    } else {
      node.symbols.push_back({take_name(false), true});
    }
    bool first = false;
    for (skip_blank(); error_.empty() && !take(')'); skip_blank()) {
      if (text_.substr(at_).starts_with("(#")) {
        parse_predicate();
      } else if (peek() == '.') {
        ++at_;
        first = true;
      } else if (peek() == '!') {
        ++at_;
        PatternNode child;
        child.any = child.negated = true;
        child.field = take_name(false);
        node.children.push_back(std::move(child));
      } else {
        std::string field;
        if (std::isalpha(static_cast<unsigned char>(peek())) != 0) {
          field = take_name(false);
          if (!take(':')) return fail("a field name is followed by ':'");
        }
        PatternNode child = parse_node();
        set_position(child, field, first);
        first = false;
        node.children.push_back(std::move(child));
      }
      if (at_end()) return fail("a pattern is not closed");
    }
  }

  static void set_position(PatternNode& node, const std::string& field, bool first) {
    node.field = field;
    node.first = first;
    for (PatternNode& a : node.alternatives) set_position(a, field, first);
  }

  void parse_alternation(PatternNode& node) {
    ++at_;
    bool simple = true;
    std::vector<PatternNode> choices;
    for (skip_blank(); error_.empty() && !take(']'); skip_blank()) {
      if (at_end()) return fail("an alternation is not closed");
      choices.push_back(parse_node());
      const PatternNode& c = choices.back();
      simple =
          simple && c.children.empty() && c.captures.empty() && c.alternatives.empty() && !c.any;
    }
    if (!simple) {
      node.alternatives = std::move(choices);
      return;
    }
    for (PatternNode& c : choices) {
      for (PatternSymbol& s : c.symbols) node.symbols.push_back(std::move(s));
    }
  }

  void parse_suffix(PatternNode& node) {
    for (;;) {
      if (peek() == '?' || peek() == '*') {
        node.optional = true;
        ++at_;
        continue;
      }
      if (peek() == '+') {
        ++at_;
        continue;
      }
      skip_blank();
      if (peek() != '@') return;
      ++at_;
      node.captures.push_back(take_name(true));
      for (PatternNode& a : node.alternatives) a.captures.push_back(node.captures.back());
    }
  }

  // Every way to choose from the alternations inside.
  static std::vector<PatternNode> expand(PatternNode node) {
    if (!node.alternatives.empty()) {
      std::vector<PatternNode> out;
      for (PatternNode& a : node.alternatives) {
        a.optional = a.optional || node.optional;
        for (PatternNode& e : expand(std::move(a))) out.push_back(std::move(e));
      }
      return out;
    }
    std::vector<PatternNode> out(1, node);
    out[0].children.clear();
    for (PatternNode& child : node.children) {
      const std::vector<PatternNode> choices = expand(std::move(child));
      std::vector<PatternNode> product;
      for (const PatternNode& prefix : out) {
        for (const PatternNode& choice : choices) {
          product.push_back(prefix);
          product.back().children.push_back(choice);
        }
      }
      out = std::move(product);
    }
    return out;
  }

  std::string_view name_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string error_;
  std::vector<Predicate> predicates_;
};

}  // namespace

Result<QueryFile> parse_query_file(std::string_view name, std::string_view text) {
  return QueryParser(name, text).parse();
}

}  // namespace engram
