#include "indexer/syntax/parse.h"

#include <time.h>
#include <tree_sitter/api.h>

#include <cstdint>
#include <limits>
#include <unordered_map>

#include "core/check.h"

namespace engram {

namespace {

struct DeleteParser {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
using Parser = std::unique_ptr<TSParser, DeleteParser>;

TSParser* parser_of_thread(const TSLanguage* grammar) {
  thread_local std::unordered_map<const TSLanguage*, Parser> parsers;
  Parser& parser = parsers[grammar];
  if (!parser) {
    parser.reset(ts_parser_new());
    ENGRAM_CHECK(ts_parser_set_language(parser.get(), grammar), "grammar ABI not supported");
  }
  return parser.get();
}

std::int64_t now_ns(ParseBudget::Clock clock) {
  timespec t{};
  clock_gettime(clock == ParseBudget::Clock::kWall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

struct Watch {
  const ParseBudget* budget;
  std::int64_t deadline_ns;
  unsigned calls = 0;
  ParseEnd end = ParseEnd::kDone;
};

// Called by the parser every hundred steps or so; true stops it. The thread clock is a system
// call, so only every 16th call looks at it.
bool over_budget(TSParseState* state) {
  auto* watch = static_cast<Watch*>(state->payload);
  if (watch->budget->stop.stop_requested()) {
    watch->end = ParseEnd::kStopped;
    return true;
  }
  if (watch->calls++ % 16 == 0 && now_ns(watch->budget->clock) > watch->deadline_ns) {
    watch->end = ParseEnd::kTimeout;
    return true;
  }
  return false;
}

const char* read_text(void* payload, std::uint32_t byte, TSPoint, std::uint32_t* length) {
  const auto* text = static_cast<const std::string_view*>(payload);
  if (byte >= text->size()) {
    *length = 0;
    return "";
  }
  *length = static_cast<std::uint32_t>(text->size() - byte);
  return text->data() + byte;
}

}  // namespace

void DeleteTree::operator()(TSTree* tree) const { ts_tree_delete(tree); }

Parse parse_text(const TSLanguage* grammar, std::string_view text, const ParseBudget& budget,
                 const TSTree* old_tree) {
  ENGRAM_CHECK(text.size() < std::numeric_limits<std::uint32_t>::max(), "text over 4 GiB");
  TSParser* parser = parser_of_thread(grammar);
  Watch watch{&budget, now_ns(budget.clock) + budget.time.count() * 1'000'000};
  const TSInput input{&text, read_text, TSInputEncodingUTF8, nullptr};
  Parse result;
  result.tree.reset(
      ts_parser_parse_with_options(parser, old_tree, input, TSParseOptions{&watch, over_budget}));
  if (!result.tree) {
    ts_parser_reset(parser);  // else the next parse would resume this one
    result.end = watch.end == ParseEnd::kDone ? ParseEnd::kTimeout : watch.end;
  }
  return result;
}

}  // namespace engram
