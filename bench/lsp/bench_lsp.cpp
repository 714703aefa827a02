// bench_lsp PROGRAM MODEL REPOSITORY [SAMPLES [SEED]]: ghost text through the real `engram lsp`.
//
// A sample is a line of a file of the repository, cut off in its middle; the rest of the line is
// hidden. The file is opened, a completion asked for (the first at a new place), and when the
// server has warmed up there, the hidden text is typed one character at a time: each keystroke is a
// didChange and a request. The first keystroke that the cache cannot answer is the "warm, uncached"
// case; those before it are "typed through". Nothing is timed before the session was checked: the
// index is ready, the model loaded, and at least one sample shows something.
//
// Peer in the same run: the time the engine says it spent in prefill and decode for the same
// requests, so that what the server adds is seen.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "bench/lsp/lsp_client.h"
#include "core/atomic_file.h"
#include "core/path.h"

namespace engram {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Sample {
  fs::path path;
  std::string text;  // with the rest of the line hidden
  std::size_t line = 0, column = 0;
  std::string hidden;
};

double milliseconds_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

bool is_source(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".c" || extension == ".cpp" || extension == ".cc" || extension == ".h" ||
         extension == ".py";
}

std::vector<fs::path> sources_of(const fs::path& repository) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(repository)) {
    if (!entry.is_regular_file() || !is_source(entry.path())) continue;
    if (entry.file_size() > 2000 && entry.file_size() < 100'000) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Lines with something to complete: 24 to 100 characters, no comment.
std::vector<std::pair<std::size_t, std::size_t>> good_lines(const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    const std::size_t first = line.find_first_not_of(" \t");
    const bool comment =
        first != line.npos && (line[first] == '/' || line[first] == '*' || line[first] == '#');
    if (first != line.npos && !comment && line.size() - first >= 24 && line.size() <= 100) {
      out.emplace_back(at, end);
    }
    at = end + 1;
  }
  return out;
}

std::vector<Sample> draw(const fs::path& repository, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  auto files = sources_of(repository);
  std::shuffle(files.begin(), files.end(), random);
  std::vector<Sample> samples;
  for (const fs::path& path : files) {
    if (samples.size() == count) break;
    const auto text = read_file(path);
    if (!text) continue;
    const auto lines = good_lines(*text);
    if (lines.empty()) continue;
    const auto [begin, end] = lines[random() % lines.size()];
    const std::size_t first = text->find_first_not_of(" \t", begin);
    const std::size_t cut = first + (end - first) / 2;
    Sample s;
    s.path = path;
    s.hidden = text->substr(cut, end - cut);
    s.text = text->substr(0, cut) + text->substr(end);
    s.line = static_cast<std::size_t>(
        std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
    s.column = cut - begin;
    samples.push_back(std::move(s));
  }
  return samples;
}

constexpr std::int64_t kLongTokens = 12;  // the targets speak of 12

struct Timings {
  std::vector<double> cold, warm, warm_long, warm_model, typed_through, tokens, first_answer;
  std::size_t shown = 0;
};

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

void wait_until(LspClient& client, const char* what, auto condition) {
  const auto began = Clock::now();
  while (!condition(client.status())) {
    if (milliseconds_since(began) > 600'000) {
      fmt::print(stderr, "bench_lsp: {} did not come about in ten minutes\n", what);
      std::exit(3);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void run_sample(LspClient& client, const Sample& sample, Timings& timings) {
  const std::string uri = uri_from_path(sample.path);
  client.open(uri, "", sample.text);
  auto began = Clock::now();
  client.complete(uri, sample.line, sample.column, false);
  timings.cold.push_back(milliseconds_since(began));

  const auto warmed = find_int(client.status(), "warmed").value_or(0);
  wait_until(client, "warming up",
             [&](const json::value& s) { return find_int(s, "warmed").value_or(0) > warmed; });
  std::size_t column = sample.column;
  for (const char c : sample.hidden.substr(0, sample.hidden.size() - 1)) {
    began = Clock::now();
    client.insert(uri, sample.line, column++, {&c, 1});
    const std::string item = client.complete(uri, sample.line, column, false);
    const double took = milliseconds_since(began);
    const json::value status = client.status();
    if (find_bool(status, "lastCached").value_or(false)) {
      timings.typed_through.push_back(took);
      continue;
    }
    const json::value& spent = *find(status, "lastTimings");
    const auto of = [&](const char* part) { return find(spent, part)->to_number<double>(); };
    timings.warm.push_back(took);
    timings.warm_model.push_back(of("prefill") + of("decode"));
    const auto tokens = find_int(*find(status, "lastTokens"), "generated").value_or(0);
    timings.tokens.push_back(static_cast<double>(tokens));
    if (tokens >= kLongTokens) timings.warm_long.push_back(took);
    if (!item.empty()) ++timings.shown;
    break;
  }
  client.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
}

// Start of the process to its first item, on a warm store: three fresh servers.
void time_start(const std::vector<std::string>& command, const fs::path& repository,
                const Sample& sample, Timings& timings) {
  for (int i = 0; i < 3; ++i) {
    const auto began = Clock::now();
    LspClient client(command);
    client.initialize(uri_from_path(repository));
    const std::string uri = uri_from_path(sample.path);
    client.open(uri, "", sample.text);
    client.complete(uri, sample.line, sample.column, false);
    timings.first_answer.push_back(milliseconds_since(began));
  }
}

void print(const char* name, const std::string& model, const std::vector<double>& values,
           double target_ms, const json::object& more = {}) {
  json::object line{{"case", name},
                    {"model", model},
                    {"samples", values.size()},
                    {"p50_ms", quantile(values, 0.5)},
                    {"p95_ms", quantile(values, 0.95)},
                    {"min_ms", quantile(values, 0)},
                    {"target_p50_ms", target_ms}};
  for (const auto& [key, value] : more) line[key] = value;
  fmt::print("{}\n", to_json(json::value(line)));
}

int run(const std::vector<std::string>& arguments) {
  const std::string& program = arguments[0];
  const std::string& model = arguments[1];
  const fs::path repository = fs::absolute(arguments[2]);
  const std::size_t count = arguments.size() > 3 ? std::stoul(arguments[3]) : 30;
  const unsigned seed = arguments.size() > 4 ? static_cast<unsigned>(std::stoul(arguments[4])) : 1;
  const std::vector<std::string> command{program, "lsp", "--model", model};
  const auto samples = draw(repository, count, seed);
  if (samples.empty()) {
    fmt::print(stderr, "bench_lsp: {} has no sources to draw lines from\n", repository.string());
    return 2;
  }
  Timings timings;
  {
    LspClient client(command);
    client.initialize(uri_from_path(repository));
    wait_until(client, "the index and the model", [](const json::value& s) {
      return find_string(s, "state") == "ready" &&
             find_string(*find(s, "index"), "state") == "ready";
    });
    for (const Sample& sample : samples) run_sample(client, sample, timings);
  }
  if (timings.shown == 0) {
    fmt::print(stderr, "bench_lsp: nothing was shown in {} samples\n", samples.size());
    return 3;
  }
  time_start(command, repository, samples.front(), timings);

  const bool small = model.find("135m") != model.npos || model.find("135M") != model.npos;
  double tokens = 0;
  for (const double n : timings.tokens) tokens += n;
  print("lsp_warm_uncached", model, timings.warm, small ? 400 : 2000,
        {{"model_p50_ms", quantile(timings.warm_model, 0.5)},
         {"tokens_mean",
          tokens / static_cast<double>(std::max<std::size_t>(1, timings.tokens.size()))},
         {"shown", timings.shown}});
  print("lsp_warm_uncached_12_tokens_or_more", model, timings.warm_long, small ? 400 : 2000);
  print("lsp_new_place", model, timings.cold, 1200);
  print("lsp_typed_through", model, timings.typed_through, 5);
  print("lsp_start_to_first_answer", model, timings.first_answer, 1500);
  return 0;
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: bench_lsp PROGRAM MODEL REPOSITORY [SAMPLES [SEED]]\n");
    return 2;
  }
  return engram::run({argv + 1, argv + argc});
}
