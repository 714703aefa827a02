// engram eval --fit-gate: the gate of evidence, fitted to hidden places of repositories.
//
// Each repository is also judged by a gate fitted to the others alone: what the numbers are worth
// where they were not fitted.

#include <fmt/format.h>

#include "assist/evaluation/gate_samples.h"
#include "cli/commands/eval_commands.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "core/atomic_file.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct GateProject {
  std::string name;
  std::vector<GateToken> tokens;
};

Result<std::vector<GateProject>> collect(const Context& context, const Settings& settings,
                                         const FitGateArguments& arguments,
                                         const EvaluatedModel& model) {
  std::vector<GateProject> projects;
  for (const std::string& repo : arguments.repos) {
    ENGRAM_TRY(root, evaluated_root(repo));
    fs::path store = context.store_directory(root, settings);
    if (!settings.text("store").empty() && arguments.repos.size() > 1) store /= root.filename();
    ENGRAM_TRY(prepared, prepare_repository(context, settings, root, store, model));
    prepared.setup.prompt_tokens = arguments.prompt_tokens;
    HideOptions hide;
    hide.samples = arguments.samples;
    hide.seed = arguments.seed;
    ENGRAM_TRY(places, hide_places(root, hide));
    Progress progress("looking", Progress::style_for_stderr(context.options.quiet));
    prepared.setup.progress = [&](std::size_t done, std::size_t of) {
      progress.update(done, of, fmt::format("{} of {} places", done, of), repo);
    };
    ENGRAM_TRY(tokens, gate_tokens(prepared.setup, places, context.stop.get_token()));
    progress.finish();
    projects.push_back({root.filename().string(), std::move(tokens)});
  }
  return projects;
}

std::vector<GateToken> all_but(const std::vector<GateProject>& projects, std::size_t left_out) {
  std::vector<GateToken> tokens;
  for (std::size_t i = 0; i < projects.size(); ++i) {
    if (i == left_out) continue;
    tokens.insert(tokens.end(), projects[i].tokens.begin(), projects[i].tokens.end());
  }
  return tokens;
}

json::object bits_of(const std::vector<GateToken>& tokens, const GateParameters& from,
                     const GateParameters& fitted) {
  return {{"tokens", tokens.size()},
          {"bits_model", model_bits(tokens)},
          {"bits_before", gate_bits(from, tokens)},
          {"bits_fitted", gate_bits(fitted, tokens)}};
}

std::string text_of(const json::object& answer) {
  std::string out = fmt::format("{:<28} {:>8} {:>8} {:>8} {:>8} {:>9}\n", "bits a token", "tokens",
                                "model", "before", "fitted", "left out");
  const auto row = [&](const json::object& bits, const std::string& name) {
    const json::value* const left_out = bits.if_contains("bits_left_out");
    out +=
        fmt::format("{:<28} {:>8} {:>8.3f} {:>8.3f} {:>8.3f} {:>9}\n", name,
                    bits.at("tokens").to_number<std::size_t>(), bits.at("bits_model").as_double(),
                    bits.at("bits_before").as_double(), bits.at("bits_fitted").as_double(),
                    left_out != nullptr ? fmt::format("{:.3f}", left_out->as_double()) : "");
  };
  for (const auto& project : answer.at("projects").as_array()) {
    row(project.as_object(), std::string(project.as_object().at("name").as_string()));
  }
  row(answer.at("all").as_object(), "all");
  return out;
}

Result<json::object> fit(const Context& context, const FitGateArguments& arguments) {
  ENGRAM_TRY(settings, context.settings(fs::current_path()));
  ENGRAM_TRY(model, open_evaluated_model(context, settings));
  ENGRAM_TRY(completion, completer_options_from(settings));
  const GateParameters& from = completion.recall.gate;
  ENGRAM_TRY(projects, collect(context, settings, arguments, model));
  const auto all = all_but(projects, projects.size());
  const GateParameters fitted = fit_gate(all, from);
  json::array rows;
  for (std::size_t i = 0; i < projects.size(); ++i) {
    json::object row = bits_of(projects[i].tokens, from, fitted);
    row["name"] = json_string(projects[i].name);
    if (projects.size() > 1) {
      row["bits_left_out"] = gate_bits(fit_gate(all_but(projects, i), from), projects[i].tokens);
    }
    rows.push_back(std::move(row));
  }
  ENGRAM_TRY_VOID(write_file_atomically(arguments.out, gate_json(fitted)));
  return json::object{{"model", json_string(model.info.name)},
                      {"seed", arguments.seed},
                      {"gate", *parse_json(gate_json(fitted))},
                      {"projects", std::move(rows)},
                      {"all", bits_of(all, from, fitted)}};
}

}  // namespace

ExitCode run_fit_gate(const Context& context, const FitGateArguments& arguments) {
  const auto answer = fit(context, arguments);
  if (!answer) return context.fail(answer.error());
  return context.answer(*answer, text_of(*answer));
}

}  // namespace engram::cli
