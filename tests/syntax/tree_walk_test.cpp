#include "indexer/syntax/tree_walk.h"

#include <tree_sitter/api.h>

#include <random>

#include "core/atomic_file.h"
#include "indexer/syntax/grammar.h"
#include "indexer/syntax/parse.h"
#include "tests/support/catch.h"
#include "tests/syntax/golden_facts.h"

namespace engram {

namespace {

struct Seen {
  std::uint32_t begin, end, depth;
  std::string kind;
  std::uint16_t field;
  bool named, missing;
  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Recorder {
  const TSLanguage* grammar;
  std::vector<Seen> seen;
  bool enter(const WalkNode& n, std::uint32_t depth) {
    const char* kind = ts_language_symbol_name(grammar, n.symbol);
    seen.push_back({n.begin, n.end, depth, kind, n.field, n.named, n.missing});
    return true;
  }
  void leave(std::uint32_t) {}
};

std::vector<Seen> by_cursor(const TSTree* tree) {
  std::vector<Seen> seen;
  TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  for (bool more = true; more;) {
    const TSNode n = ts_tree_cursor_current_node(&cursor);
    seen.push_back({ts_node_start_byte(n), ts_node_end_byte(n),
                    ts_tree_cursor_current_depth(&cursor), ts_node_type(n),
                    ts_tree_cursor_current_field_id(&cursor), ts_node_is_named(n),
                    ts_node_is_missing(n)});
    if (ts_tree_cursor_goto_first_child(&cursor)) continue;
    while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
      if (!ts_tree_cursor_goto_parent(&cursor)) {
        more = false;
        break;
      }
    }
  }
  ts_tree_cursor_delete(&cursor);
  return seen;
}

void check_walk(const std::string& language, const std::string& text) {
  const TSLanguage* grammar = grammar_of(language);
  const Parse parse = parse_text(grammar, text, ParseBudget{std::chrono::seconds(20), {}, {}});
  REQUIRE(parse.tree);
  Recorder recorder{grammar, {}};
  walk_tree(parse.tree.get(), recorder);
  const std::vector<Seen> expected = by_cursor(parse.tree.get());
  REQUIRE(recorder.seen.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (recorder.seen[i] == expected[i]) continue;
    INFO("node " << i << ": " << recorder.seen[i].kind << " at " << recorder.seen[i].begin << " - "
                 << recorder.seen[i].end << " field " << recorder.seen[i].field << ", expected "
                 << expected[i].kind << " at " << expected[i].begin << " - " << expected[i].end
                 << " field " << expected[i].field);
    FAIL();
  }
}

}  // namespace

TEST_CASE("tree walk: sees what tree-sitter's own cursor sees, in every language", "[syntax]") {
  for (const GoldenCase& c : golden_cases()) {
    INFO(c.input.string());
    const auto text = read_file(c.input);
    REQUIRE(text);
    check_walk(c.language, *text);
    // Broken code too: errors and missing tokens have a layout of their own.
    std::mt19937 random(3);
    for (int i = 0; i < 6; ++i) {
      std::string broken = *text;
      for (int k = 0; k < 5 && !broken.empty(); ++k) {
        broken.erase(random() % broken.size(), 1 + random() % 9);
      }
      check_walk(c.language, broken);
    }
  }
}

}  // namespace engram
