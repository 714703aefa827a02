// engram model quantize: a model's matrices in another weight type, as a new GGUF file.
#include "engine/quantize_model.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <thread>

#include "cli/commands/model_commands.h"
#include "cli/progress.h"

namespace engram::cli {

namespace {

namespace fs = std::filesystem;

// Refuses an OUT that would be lost.
Result<void> check_out(const ModelInfo& source, const QuantizeArguments& arguments) {
  std::error_code ignored;
  if (!fs::exists(arguments.out, ignored)) return {};
  if (fs::equivalent(source.file, arguments.out, ignored)) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot write {}: it is the source itself", arguments.out)};
  }
  if (arguments.force && fs::is_regular_file(arguments.out, ignored)) return {};
  return Error{Errc::kInvalidArgument,
               fmt::format("cannot write {}: it exists; --force replaces a file", arguments.out)};
}

// How many tensors of which row length became which type because they had to.
using Fallbacks = std::map<std::pair<std::uint64_t, std::string_view>, std::size_t>;

Fallbacks fallbacks_of(const QuantizeReport& report) {
  Fallbacks out;
  for (const QuantizedTensor& t : report.tensors) {
    if (t.fell_back) ++out[{t.source->shape[0], traits_of(t.type).name}];
  }
  return out;
}

json::object tensor_types(const QuantizeReport& report) {
  std::map<std::string_view, std::size_t> counts;
  for (const QuantizedTensor& t : report.tensors) ++counts[traits_of(t.type).name];
  json::object out;
  for (const auto& [name, n] : counts) out[name] = n;
  return out;
}

// True when a matrix is in a block type already: what that lost stays lost.
bool is_quantised(const GgufFile& file) {
  for (const GgufTensor& t : file.tensors()) {
    if (traits_of(t.type).block_values > 1) return true;
  }
  return false;
}

ExitCode answer(const Context& context, const QuantizeArguments& arguments, const ModelInfo& source,
                const QuantizeReport& report, double seconds) {
  std::error_code ignored;
  const std::uint64_t bytes = fs::file_size(arguments.out, ignored);
  json::array fallbacks;
  for (const auto& [key, n] : fallbacks_of(report)) {
    fallbacks.push_back(
        json::object{{"row_values", key.first}, {"type", key.second}, {"tensors", n}});
  }
  const json::object document{
      {"file", json_string(arguments.out)},  {"source", json_string(source.file.string())},
      {"type", json_string(arguments.type)}, {"bytes", bytes},
      {"source_bytes", source.bytes},        {"tensor_types", tensor_types(report)},
      {"fallbacks", std::move(fallbacks)},   {"relative_error", report.relative_error},
      {"resumed", report.resumed},           {"seconds", seconds}};
  return context.answer(
      document,
      fmt::format("{}: {} from {}, relative error {:.4f}{}, {}\n", arguments.out,
                  format_bytes(bytes), format_bytes(source.bytes), report.relative_error,
                  report.resumed ? " (of what was left to do)" : "", format_seconds(seconds)));
}

}  // namespace

ExitCode run_model_quantize(const Context& context, const QuantizeArguments& arguments) {
  const TensorTypeTraits* type = quantizable_type(arguments.type);
  if (type == nullptr) {
    return context.fail(
        {Errc::kInvalidArgument, fmt::format("cannot quantise to '{}': --type takes {}",
                                             arguments.type, quantizable_types())});
  }
  const auto model = find_model(arguments.source);
  if (!model) return context.fail(model.error());
  if (const auto fine = check_out(*model, arguments); !fine) return context.fail(fine.error());
  const auto file = GgufFile::open(model->file);
  if (!file) return context.fail({Errc::kCorrupt, file.error().message});
  if (is_quantised(**file)) {
    context.notice(
        fmt::format("{} is quantised already: what that lost stays lost", model->file.string()));
  }
  const QuantizeOptions options{.type = type->type,
                                .pure = arguments.pure,
                                .threads = context.options.threads != 0
                                               ? context.options.threads
                                               : std::max(std::thread::hardware_concurrency(), 1U)};
  Progress progress("quantising to " + arguments.type,
                    Progress::style_for_stderr(context.options.quiet));
  const auto begin = std::chrono::steady_clock::now();
  const auto report = quantize_model(
      **file, arguments.out, options,
      [&](const QuantizeProgress& p) {
        progress.update(p.values_done, p.values_total,
                        fmt::format("{} of {} million weights", p.values_done / 1'000'000,
                                    p.values_total / 1'000'000),
                        p.tensor);
      },
      context.stop.get_token());
  progress.finish();
  if (!report) return context.fail(report.error());
  for (const auto& [key, n] : fallbacks_of(*report)) {
    context.notice(
        fmt::format("{} tensors with rows of {} values, which the type asked for cannot "
                    "divide, became {}",
                    n, key.first, key.second));
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return answer(context, arguments, *model, *report, seconds.count());
}

}  // namespace engram::cli
