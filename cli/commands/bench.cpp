// engram bench: speed of one layer on this machine, beside the ceiling measured in the same run.

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "engine/benchmark.h"

namespace engram::cli {

namespace {

struct BenchArguments {
  std::string layer;
  BenchmarkOptions engine;
};

std::string row_of(const BenchmarkCase& c) {
  return fmt::format("{:<17}{:>10.1f} {:<9}[{:.1f} to {:.1f}]{:>12.1f} of {:.1f} {}, {:.0f} %\n",
                     c.name, c.value, c.unit, c.least, c.most, c.rate, c.ceiling, c.rate_unit,
                     c.ceiling > 0 ? 100 * c.rate / c.ceiling : 0);
}

std::string text_of(const BenchmarkReport& report) {
  std::string text = fmt::format(
      "{}, {} MB of weights, kernels {}, {} threads\n"
      "this machine, this run: {:.1f} GB/s read, {:.0f} GMAC/s of bytes\n",
      report.model, report.weight_bytes >> 20U, report.kernels, report.threads,
      report.read_gb_per_s, report.multiply_gmac_per_s);
  for (const BenchmarkCase& c : report.cases) text += row_of(c);
  return text;
}

ExitCode run_bench(const Context& context, BenchArguments& arguments) {
  if (arguments.layer != "engine") {
    return context.fail(
        {Errc::kInvalidArgument,
         fmt::format("'{}' cannot be measured by this version; 'engine' can", arguments.layer)});
  }
  const auto settings = context.settings(std::filesystem::current_path());
  if (!settings) return context.fail(settings.error());
  const auto model = context.model(*settings);
  if (!model) return context.fail(model.error());
  if (!model->present) {
    return context.fail({Errc::kNotFound, fmt::format("the model '{0}' is not here: run 'engram "
                                                      "model fetch {0}'",
                                                      model->name)});
  }
  const auto file = GgufFile::open(model->file);
  if (!file) return context.fail(file.error());
  arguments.engine.on_case = [&](std::string_view name) {
    context.notice(fmt::format("measuring {}", name));
  };
  const TransformerOptions options{.kernels = settings->text("kernels"),
                                   .threads = static_cast<unsigned>(settings->number("threads"))};
  const auto report = benchmark_model(*file, options, arguments.engine, context.stop.get_token());
  if (!report) return context.fail(report.error());
  json::object document = to_json(*report);
  document["layer"] = arguments.layer;
  document["cores"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  return context.answer(document, text_of(*report));
}

}  // namespace

void register_bench(CLI::App& app, Context& context, Run& run) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = app.add_subcommand("bench", "Measure a layer beside this machine's ceiling");
  command->add_option("LAYER", arguments->layer, "engine")->required();
  command->add_option("CASE", arguments->engine.cases,
                      "Cases, or how their names begin (default: all)");
  command->add_option("--runs", arguments->engine.runs, "Of each case (default 5)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_bench(context, *arguments); };
  });
}

}  // namespace engram::cli
