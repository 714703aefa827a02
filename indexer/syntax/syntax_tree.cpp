#include "indexer/syntax/syntax_tree.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <utility>

#include "indexer/syntax/grammar.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/parse.h"
#include "indexer/syntax/query_set.h"
#include "indexer/syntax/scanner_guard.h"

namespace engram {

namespace {

class Cursor {
 public:
  explicit Cursor(TSNode node) : cursor_(ts_tree_cursor_new(node)) {}
  ~Cursor() { ts_tree_cursor_delete(&cursor_); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  TSNode node() const { return ts_tree_cursor_current_node(&cursor_); }
  std::uint16_t field() const { return ts_tree_cursor_current_field_id(&cursor_); }
  bool down() { return ts_tree_cursor_goto_first_child(&cursor_); }
  bool down_to(std::size_t byte) {
    return ts_tree_cursor_goto_first_child_for_byte(&cursor_, static_cast<std::uint32_t>(byte)) >=
           0;
  }
  bool next() { return ts_tree_cursor_goto_next_sibling(&cursor_); }
  bool up() { return ts_tree_cursor_goto_parent(&cursor_); }
  // The next node that is not below this one.
  bool over() {
    while (!next()) {
      if (!ts_tree_cursor_goto_parent(&cursor_)) return false;
    }
    return true;
  }

 private:
  TSTreeCursor cursor_;
};

TSPoint point_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto rows = std::count(before.begin(), before.end(), '\n');
  const auto last = before.rfind('\n');
  const std::size_t column = last == std::string_view::npos ? offset : offset - last - 1;
  return {static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(column)};
}

bool is_identifier_kind(std::string_view kind) {
  return kind.find("identifier") != std::string_view::npos || kind == "name" ||
         kind == "constant" || kind == "variable_name";
}

}  // namespace

struct SyntaxTree::State {
  std::string language;
  const TSLanguage* grammar = nullptr;
  std::string text;
  std::chrono::milliseconds limit{500};
  Tree tree;

  Result<void> reparse(const TSTree* old_tree) {
    if (breaks_scanner(language, text)) {
      return Error{Errc::kBusy, "cannot parse " + language + " text: it is nested too deeply"};
    }
    ParseBudget budget;
    budget.time = limit;
    budget.clock = ParseBudget::Clock::kWall;
    Parse parse = parse_text(grammar, text, budget, old_tree);
    if (parse.end != ParseEnd::kDone) {
      return Error{Errc::kBusy, "parsing " + language + " text of " + std::to_string(text.size()) +
                                    " bytes took more than " + std::to_string(limit.count()) +
                                    " ms"};
    }
    tree = std::move(parse.tree);
    return {};
  }

  struct Marked {
    TSNode node;
    std::uint16_t marks;
  };
  // The nodes around `offset`, outermost first, with what the query files say they are.
  std::vector<Marked> path_to(std::size_t offset) const {
    std::vector<Marked> path;
    auto matcher = matcher_of_thread(language);
    if (!matcher) return path;
    const PathAutomaton& automaton = (*matcher)->automaton();
    Cursor cursor(ts_tree_root_node(tree.get()));
    std::uint16_t state = Matcher::kStart;
    do {
      const TSNode node = cursor.node();
      const bool root = path.empty();
      if (!root && (ts_node_start_byte(node) > offset || ts_node_end_byte(node) <= offset)) break;
      const Matcher::Step step =
          (*matcher)->step(state, automaton.symbol_class(ts_node_symbol(node)),
                           automaton.field_class(cursor.field()), false);
      state = step.state;
      path.push_back({node, (*matcher)->accept(step.accept).marks});
    } while (cursor.down_to(offset));
    return path;
  }

  std::vector<SyntaxRange> all_marked(std::uint16_t mark) const {
    std::vector<SyntaxRange> out;
    auto matcher = matcher_of_thread(language);
    if (!matcher) return out;
    const PathAutomaton& automaton = (*matcher)->automaton();
    std::vector<std::uint16_t> states;  // of the nodes above
    Cursor cursor(ts_tree_root_node(tree.get()));
    while (true) {
      const TSNode node = cursor.node();
      const std::uint16_t above = states.empty() ? Matcher::kStart : states.back();
      const Matcher::Step step =
          (*matcher)->step(above, automaton.symbol_class(ts_node_symbol(node)),
                           automaton.field_class(cursor.field()), false);
      if (((*matcher)->accept(step.accept).marks & mark) != 0) {
        out.push_back({ts_node_start_byte(node), ts_node_end_byte(node), ts_node_type(node)});
      }
      if (cursor.down()) {
        states.push_back(step.state);
        continue;
      }
      while (!cursor.next()) {
        if (!cursor.up()) return out;
        states.pop_back();
      }
    }
  }

  bool marked(std::size_t offset, std::uint16_t mark) const {
    for (const Marked& m : path_to(offset)) {
      if ((m.marks & mark) != 0 && ts_node_start_byte(m.node) < offset) return true;
    }
    return false;
  }
};

SyntaxTree::SyntaxTree(std::unique_ptr<State> state) : state_(std::move(state)) {}
SyntaxTree::SyntaxTree(SyntaxTree&&) noexcept = default;
SyntaxTree& SyntaxTree::operator=(SyntaxTree&&) noexcept = default;
SyntaxTree::~SyntaxTree() = default;

Result<SyntaxTree> SyntaxTree::parse(std::string_view language, std::string text,
                                     std::chrono::milliseconds limit) {
  auto state = std::make_unique<State>();
  state->language = language;
  state->grammar = grammar_of(language);
  if (state->grammar == nullptr) {
    return Error{Errc::kInvalidArgument,
                 "cannot parse language \"" + state->language + "\": no grammar for it"};
  }
  state->text = std::move(text);
  state->limit = limit;
  ENGRAM_TRY_VOID(state->reparse(nullptr));
  return SyntaxTree(std::move(state));
}

SyntaxTree SyntaxTree::copy() const {
  auto state = std::make_unique<State>();
  state->language = state_->language;
  state->grammar = state_->grammar;
  state->text = state_->text;
  state->limit = state_->limit;
  state->tree.reset(ts_tree_copy(state_->tree.get()));
  return SyntaxTree(std::move(state));
}

Result<void> SyntaxTree::edit(std::size_t begin, std::size_t old_end,
                              std::string_view replacement) {
  std::string& text = state_->text;
  begin = std::min(begin, text.size());
  old_end = std::clamp(old_end, begin, text.size());
  TSInputEdit change{};
  change.start_byte = static_cast<std::uint32_t>(begin);
  change.old_end_byte = static_cast<std::uint32_t>(old_end);
  change.new_end_byte = static_cast<std::uint32_t>(begin + replacement.size());
  change.start_point = point_at(text, begin);
  change.old_end_point = point_at(text, old_end);
  text.replace(begin, old_end - begin, replacement);
  change.new_end_point = point_at(text, begin + replacement.size());
  ts_tree_edit(state_->tree.get(), &change);
  return state_->reparse(state_->tree.get());
}

std::string_view SyntaxTree::text() const { return state_->text; }

SyntaxErrorCount SyntaxTree::errors(std::size_t begin, std::size_t end) const {
  SyntaxErrorCount out;
  Cursor cursor(ts_tree_root_node(state_->tree.get()));
  std::size_t counted = 0;  // bytes up to here are in error_bytes already
  for (bool more = true; more;) {
    const TSNode node = cursor.node();
    const std::size_t from = ts_node_start_byte(node), to = ts_node_end_byte(node);
    const bool empty = from == to;
    const bool overlaps = empty ? from >= begin && from <= end : from < end && to > begin;
    if (overlaps && ts_node_is_missing(node)) ++out.missing;
    if (overlaps && ts_node_is_error(node)) {
      ++out.errors;
      const std::size_t a = std::max({from, begin, counted}), b = std::min(to, end);
      if (b > a) {
        out.error_bytes += b - a;
        counted = b;
      }
    }
    more = overlaps && ts_node_has_error(node) && cursor.down() ? true : cursor.over();
  }
  return out;
}

std::vector<SyntaxRange> SyntaxTree::ancestors(std::size_t offset) const {
  std::vector<SyntaxRange> out;
  for (const State::Marked& m : state_->path_to(offset)) {
    out.push_back({ts_node_start_byte(m.node), ts_node_end_byte(m.node), ts_node_type(m.node)});
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::optional<SyntaxRange> SyntaxTree::enclosing_block(std::size_t offset) const {
  const auto path = state_->path_to(offset);
  for (auto it = path.rbegin(); it != path.rend(); ++it) {
    if ((it->marks & kMarkBlock) == 0) continue;
    return SyntaxRange{ts_node_start_byte(it->node), ts_node_end_byte(it->node),
                       ts_node_type(it->node)};
  }
  return std::nullopt;
}

std::vector<SyntaxRange> SyntaxTree::blocks() const { return state_->all_marked(kMarkBlock); }

std::vector<SyntaxRange> SyntaxTree::comments() const {
  const std::string_view text = state_->text;
  std::vector<SyntaxRange> out;
  for (const SyntaxRange& comment : state_->all_marked(kMarkComment)) {
    if (!out.empty() && comment.begin >= out.back().end) {
      const std::string_view between = text.substr(out.back().end, comment.begin - out.back().end);
      const bool blank = between.find_first_not_of(" \t\r\n") == std::string_view::npos;
      if (blank && std::count(between.begin(), between.end(), '\n') <= 1) {
        out.back().end = comment.end;
        continue;
      }
    }
    out.push_back(comment);
  }
  return out;
}

namespace {

std::vector<SyntaxRange> arguments_of(TSNode list) {
  std::vector<SyntaxRange> out;
  const std::uint32_t count = ts_node_named_child_count(list);
  Cursor cursor(list);
  if (count == 0 || !cursor.down()) return out;
  do {
    const TSNode node = cursor.node();
    const std::string_view kind = ts_node_type(node);
    if (!ts_node_is_named(node) || kind.find("comment") != std::string_view::npos) continue;
    out.push_back({ts_node_start_byte(node), ts_node_end_byte(node), kind});
  } while (cursor.next());
  return out;
}

}  // namespace

std::vector<SyntaxCall> SyntaxTree::calls(std::size_t begin, std::size_t end) const {
  std::vector<SyntaxCall> out;
  const std::string_view text = state_->text;
  Cursor cursor(ts_tree_root_node(state_->tree.get()));
  for (bool more = true; more;) {
    const TSNode node = cursor.node();
    const std::string_view kind = ts_node_type(node);
    const std::size_t from = ts_node_start_byte(node);
    if (from >= end) break;
    if ((kind == "argument_list" || kind == "arguments") && from >= begin) {
      const std::size_t last = text.substr(0, from).find_last_not_of(" \t\r\n");
      auto arguments = arguments_of(node);
      if (last != std::string_view::npos && !arguments.empty()) {
        out.push_back({last + 1, std::move(arguments)});
      }
    }
    const bool inside = ts_node_end_byte(node) > begin;
    more = (inside && cursor.down()) || cursor.over();
  }
  return out;
}

bool SyntaxTree::in_comment(std::size_t offset) const {
  if (state_->marked(offset, kMarkComment)) return true;
  // At the end of a line comment one still writes the comment.
  const std::string_view text = state_->text;
  if (offset == 0 || offset > text.size()) return false;
  if (offset < text.size() && text[offset] != '\n' && text[offset] != '\r') return false;
  if (!state_->marked(offset - 1, kMarkComment) && text[offset - 1] != ' ') return false;
  for (const State::Marked& m : state_->path_to(offset - 1)) {
    if ((m.marks & kMarkComment) == 0) continue;
    const LanguageTraits* traits = language_traits(state_->language);
    return traits != nullptr && !traits->line_comment.empty() &&
           text.substr(ts_node_start_byte(m.node)).starts_with(traits->line_comment);
  }
  return false;
}

bool SyntaxTree::in_string(std::size_t offset) const { return state_->marked(offset, kMarkString); }

std::vector<std::string> SyntaxTree::identifiers(std::size_t begin, std::size_t end,
                                                 std::size_t limit) const {
  std::vector<std::string> out;
  Cursor cursor(ts_tree_root_node(state_->tree.get()));
  for (bool more = true; more && out.size() < limit;) {
    const TSNode node = cursor.node();
    const std::size_t from = ts_node_start_byte(node), to = ts_node_end_byte(node);
    if (from >= end) break;
    if (from >= begin && to <= end && to > from && ts_node_child_count(node) == 0 &&
        ts_node_is_named(node) && is_identifier_kind(ts_node_type(node))) {
      std::string name = state_->text.substr(from, to - from);
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
    }
    more = to > begin && cursor.down() ? true : cursor.over();
  }
  return out;
}

}  // namespace engram
