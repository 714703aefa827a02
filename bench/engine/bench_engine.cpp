// Speed of the engine on one model: one JSON line with every case and its ceiling.
//
//   bench_engine [--model FILE.gguf] [--threads N] [--kernels NAME] [--runs N] [case...]
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "core/path.h"
#include "engine/benchmark.h"
#include "engine/transformer.h"

namespace engram {
namespace {

struct Arguments {
  std::string model =
      (cache_home() / "models" / "smollm2-135m" / "SmolLM2-135M-Instruct.Q4_1.gguf").string();
  TransformerOptions engine;
  BenchmarkOptions bench;
};

Result<json::object> run(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  ENGRAM_TRY(file, GgufFile::open(arguments.model));
  {
    ENGRAM_TRY_VOID(Transformer::create(file, arguments.engine));
  }
  const std::chrono::duration<double, std::milli> load = std::chrono::steady_clock::now() - begin;
  ENGRAM_TRY(report, benchmark_model(file, arguments.engine, arguments.bench));
  json::object line = to_json(report);
  line["bench"] = "engine";
  line["load_ms"] = load.count();
  return line;
}

int main_of(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Speed of the engine on one model");
  app.add_option("--model", arguments.model, "a GGUF file");
  app.add_option("--threads", arguments.engine.threads, "0: all cores");
  app.add_option("--kernels", arguments.engine.kernels, "a kernel table; the best by default");
  app.add_flag("--mixed", arguments.engine.mixed_activations, "8-bit activations where they do");
  app.add_option("--runs", arguments.bench.runs, "of each case");
  app.add_option("cases", arguments.bench.cases, "names of cases, or their beginnings");
  CLI11_PARSE(app, argc, argv);
  arguments.bench.on_case = [](std::string_view name) { std::cerr << name << '\n'; };
  auto line = run(arguments);
  if (!line) {
    std::cerr << line.error().message << '\n';
    return 1;
  }
  std::cout << to_json(json::value(*line)) << '\n';
  return 0;
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) { return engram::main_of(argc, argv); }
