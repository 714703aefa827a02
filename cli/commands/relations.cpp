// engram callers, callees, implementations, type-definition, type-hierarchy: what stands in a
// relation to the symbol at a place.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <set>

#include "cli/command.h"
#include "cli/commands/asked_place.h"

namespace engram::cli {

namespace {

struct Answered {
  json::array locations;
  std::string text;

  // `depth`: how many steps away; 0: not said.
  void add(const RelatedSymbol& one, const char* role, std::size_t depth) {
    FoundPlace place = one.place;
    place.role = role;
    json::object out = place_json(place);
    text += std::string(2 * (depth > 0 ? depth - 1 : 0), ' ') + place_line(place);
    if (depth > 0) out["depth"] = depth;
    if (!one.calls.empty()) {
      json::array calls;
      for (const FoundPlace& call : one.calls) {
        calls.push_back(place_json(call));
        text += "  " + place_line(call);
      }
      out["calls"] = std::move(calls);
    }
    locations.push_back(std::move(out));
  }
};

using Spots = std::set<std::pair<std::string, std::uint32_t>>;

// Depth first, each type once.
Result<void> add_types(Navigator& navigator, const RelatedSymbol& from, SymbolRelation relation,
                       const char* role, std::size_t depth, Spots& seen, Answered& out,
                       const std::stop_token& stop) {
  constexpr std::size_t kDeepest = 64;
  if (depth > kDeepest) return {};
  const FoundPlace& place = from.place;
  ENGRAM_TRY(next, place.key
                       ? navigator.related_to(*place.key, place.symbol ? place.symbol->name : "",
                                              relation, stop)
                       : navigator.related({place.source->path, place.begin}, relation, stop));
  for (const RelatedSymbol& one : next) {
    if (!seen.emplace(one.place.source->path, one.place.begin).second) continue;
    out.add({one.place}, role, depth);
    ENGRAM_TRY_VOID(add_types(navigator, one, relation, role, depth + 1, seen, out, stop));
  }
  return {};
}

Result<Answered> type_hierarchy(Navigator& navigator, const CodePlace& at,
                                const std::stop_token& stop) {
  Answered out;
  ENGRAM_TRY(roots, navigator.related(at, SymbolRelation::kClass, stop));
  Spots seen;
  for (const RelatedSymbol& root : roots) {
    seen.emplace(root.place.source->path, root.place.begin);
    out.add(root, "type", 0);
  }
  for (const RelatedSymbol& root : roots) {
    ENGRAM_TRY_VOID(
        add_types(navigator, root, SymbolRelation::kSupertypes, "supertype", 1, seen, out, stop));
    ENGRAM_TRY_VOID(
        add_types(navigator, root, SymbolRelation::kSubtypes, "subtype", 1, seen, out, stop));
  }
  return out;
}

struct RelationQuestion {
  const char* command;
  const char* description;
  const char* role;
  SymbolRelation relation;  // of type-hierarchy not used
};

constexpr RelationQuestion kQuestions[] = {
    {"callers", "What calls it, and where", "caller", SymbolRelation::kCallers},
    {"callees", "What it calls, and where", "callee", SymbolRelation::kCallees},
    {"implementations", "What overrides a method or derives from a type", "implementation",
     SymbolRelation::kImplementations},
    {"type-definition", "Where the type of a value is defined", "type", SymbolRelation::kType},
    {"type-hierarchy", "All that a type derives from, and all that derives from it", nullptr,
     SymbolRelation::kClass}};

Result<Answered> answer(Navigator& navigator, const CodePlace& at, const RelationQuestion& question,
                        const std::stop_token& stop) {
  if (question.role == nullptr) return type_hierarchy(navigator, at, stop);
  Answered out;
  ENGRAM_TRY(found, navigator.related(at, question.relation, stop));
  for (const RelatedSymbol& one : found) out.add(one, question.role, 0);
  return out;
}

ExitCode run_relation(const Context& context, const RelationQuestion& question,
                      const std::string& text) {
  const auto asked = parse_place(text);
  if (!asked) return context.fail(asked.error());
  const auto navigator = open_navigator(context, *asked);
  if (!navigator) return context.fail(navigator.error());
  const auto place = locate(**navigator, *asked, text);
  if (!place) return context.fail(place.error());
  Result<Answered> found = Answered();
  if (*place) found = answer(**navigator, **place, question, context.stop.get_token());
  if (!found) return context.fail(found.error());
  return context.answer(json::object{{"locations", std::move(found->locations)}}, found->text);
}

}  // namespace

void register_relations(CLI::App& app, Context& context, Run& run) {
  for (const RelationQuestion& question : kQuestions) {
    auto place = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand(question.command, question.description);
    command->add_option("PLACE", *place, "FILE:LINE:COLUMN, FILE:LINE or the id of a symbol")
        ->required();
    command->callback([&context, &run, &question, place] {
      run = [&context, &question, place] { return run_relation(context, question, *place); };
    });
  }
}

}  // namespace engram::cli
