// engram definition, declaration, references, hover: navigation from a position or a symbol's id.
//
// Works without an index too: then the file itself and what it imports answer.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/commands/asked_place.h"

namespace engram::cli {

namespace {

enum class Question { kDefinition, kDeclaration, kReferences, kHover };

struct NavigateArguments {
  std::string place;
  std::size_t limit = 20'000;
};

ExitCode answer_places(const Context& context, const std::vector<FoundPlace>& places) {
  json::array locations;
  std::string text;
  for (const FoundPlace& place : places) {
    locations.push_back(place_json(place));
    text += place_line(place);
  }
  return context.answer(json::object{{"locations", std::move(locations)}}, text);
}

ExitCode answer_hover(const Context& context, const std::optional<HoverText>& hover) {
  if (!hover) return context.answer(json::object{{"locations", json::array()}}, "");
  json::object out{{"locations", json::array{place_json(hover->place)}}, {"others", hover->others}};
  std::string text = place_line(hover->place);
  if (const auto& symbol = hover->place.symbol) {
    out["qualified_name"] = json_string(hover->qualified_name);
    out["kind"] = to_string(symbol->kind);
    out["signature"] = json_string(symbol->signature);
    out["doc"] = json_string(symbol->doc);
    text += fmt::format("{} {}\n{}\n", to_string(symbol->kind), hover->qualified_name,
                        symbol->signature);
    if (!symbol->doc.empty()) text += symbol->doc + "\n";
  }
  if (hover->others > 0) text += fmt::format("({} more candidates)\n", hover->others);
  return context.answer(out, text);
}

ExitCode answer(const Context& context, Question question, Navigator& navigator,
                const CodePlace& place, const NavigateArguments& arguments) {
  const std::stop_token stop = context.stop.get_token();
  if (question == Question::kHover) {
    const auto hover = navigator.hover(place, stop);
    return hover ? answer_hover(context, *hover) : context.fail(hover.error());
  }
  const auto places = question == Question::kDefinition ? navigator.definition(place, stop)
                      : question == Question::kDeclaration
                          ? navigator.declaration(place, stop)
                          : navigator.references(place, {.limit = arguments.limit}, stop);
  return places ? answer_places(context, *places) : context.fail(places.error());
}

ExitCode run_navigate(const Context& context, Question question,
                      const NavigateArguments& arguments) {
  const auto asked = parse_place(arguments.place);
  if (!asked) return context.fail(asked.error());
  const auto navigator = open_navigator(context, *asked);
  if (!navigator) return context.fail(navigator.error());
  const auto place = locate(**navigator, *asked, arguments.place);
  if (!place) return context.fail(place.error());
  if (!*place) return answer_places(context, {});
  return answer(context, question, **navigator, **place, arguments);
}

void add_command(CLI::App& app, Context& context, Run& run, Question question, const char* name,
                 const char* description) {
  auto arguments = std::make_shared<NavigateArguments>();
  CLI::App* command = app.add_subcommand(name, description);
  command
      ->add_option("PLACE", arguments->place, "FILE:LINE:COLUMN, FILE:LINE or the id of a symbol")
      ->required();
  if (question == Question::kReferences) {
    command->add_option("--limit", arguments->limit, "At most so many (default 20000)")
        ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  }
  command->callback([&context, &run, question, arguments] {
    run = [&context, question, arguments] { return run_navigate(context, question, *arguments); };
  });
}

}  // namespace

void register_navigate(CLI::App& app, Context& context, Run& run) {
  add_command(app, context, run, Question::kDefinition, "definition",
              "Where what stands at a place is defined");
  add_command(app, context, run, Question::kDeclaration, "declaration",
              "Where it is declared, when apart from its definition");
  add_command(app, context, run, Question::kReferences, "references", "Where it is used");
  add_command(app, context, run, Question::kHover, "hover", "What it is: head, comment, place");
}

}  // namespace engram::cli
