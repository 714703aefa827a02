// bench_cancellation PROGRAM MODEL FILE [RUNS]: how soon `engram lsp` stops computing.
//
// FILE is opened under a new name each time and a completion asked for in its middle, by hand: with
// nothing in the cache the server prefills the largest prompt it makes while a person waits, or one
// of ENGRAM_COMPLETION_PROMPT_TOKENS. In the middle of that an edit arrives
// (textDocument/didChange), as from a keystroke, and two times are taken from the moment it is
// written: until the request is answered, and until the process last used a processor. The last
// comes from its threads' own clocks in /proc, so that it holds on a busy machine too, but for the
// time that others took the processor away from them in between.
//
// Validated: the request must still be unanswered when the edit is sent, the server at work (not
// waiting for another process's turn), and the answer ContentModified; else the sample is drawn
// again.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "bench/lsp/lsp_client.h"
#include "core/atomic_file.h"
#include "core/path.h"

namespace engram {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kContentModified = -32801;
constexpr auto kIntoPrefill = std::chrono::milliseconds(250);
constexpr auto kWatched = std::chrono::milliseconds(200);  // before the server warms up
constexpr std::uint64_t kPrefilling = 50'000'000;          // ns of it that are a prefill
constexpr std::uint64_t kWorking = 100'000;                // ns of processor time that are work

double milliseconds(Clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

// Nanoseconds of processor time that all threads of a process have used.
std::uint64_t processor_time(pid_t pid) {
  std::uint64_t total = 0;
  std::error_code ignored;
  for (const auto& task : fs::directory_iterator(fmt::format("/proc/{}/task", pid), ignored)) {
    std::ifstream file(task.path() / "schedstat");
    if (std::uint64_t one = 0; file >> one) total += one;
  }
  return total;
}

struct Sample {
  double answered_ms = 0, stopped_ms = 0;
};

// Absent when the answer came before the edit, or the server was not at work then.
std::optional<Sample> run_once(LspClient& client, const std::string& uri, const std::string& text) {
  const auto line = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n') / 2);
  client.open(uri, "cpp", text);
  const std::uint64_t before = processor_time(client.pid());
  const std::int64_t id = client.start_completion(uri, line, 0);
  std::this_thread::sleep_for(kIntoPrefill);
  if (client.poll_reply(id)) return std::nullopt;
  std::uint64_t used = processor_time(client.pid());
  if (used - before < kPrefilling) return std::nullopt;
  const auto sent = Clock::now();
  client.insert(uri, 0, 0, "x");
  std::optional<json::value> reply;
  Sample sample;
  while (Clock::now() - sent < kWatched || !reply) {
    if (!reply && (reply = client.poll_reply(id)))
      sample.answered_ms = milliseconds(Clock::now() - sent);
    const std::uint64_t now = processor_time(client.pid());
    if (now - used < kWorking) continue;
    used = now;
    sample.stopped_ms = milliseconds(Clock::now() - sent);
  }
  const json::value* error = find(*reply, "error");
  if (error == nullptr || find_int(*error, "code") != kContentModified) return std::nullopt;
  client.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
  return sample;
}

void print(const char* name, const std::string& model, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  fmt::print("{}\n", to_json(json::value{{"case", name},
                                         {"model", model},
                                         {"samples", values.size()},
                                         {"p50_ms", values[values.size() / 2]},
                                         {"max_ms", values.back()},
                                         {"min_ms", values.front()},
                                         {"target_max_ms", 10}}));
}

int run(const std::vector<std::string>& arguments) {
  const fs::path file = fs::absolute(arguments[2]);
  const std::size_t runs = arguments.size() > 3 ? std::stoul(arguments[3]) : 10;
  const auto text = read_file(file);
  if (!text) {
    fmt::print(stderr, "bench_cancellation: {}\n", text.error().message);
    return 2;
  }
  LspClient client({arguments[0], "lsp", "--model", arguments[1], "--no-memory"});
  client.initialize(uri_from_path(file.parent_path()));
  while (find_string(client.status(), "modelState") != "ready") {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::vector<double> answered, stopped;
  for (std::size_t i = 0; i < 3 * runs && answered.size() < runs; ++i) {
    // Another beginning, so that nothing of it is in the cache.
    const std::string changed = fmt::format("// {} {}\n", i * 7919, i) + *text;
    const std::string uri = uri_from_path(file.parent_path() / fmt::format("copy{}.cpp", i));
    if (const auto sample = run_once(client, uri, changed)) {
      answered.push_back(sample->answered_ms);
      stopped.push_back(sample->stopped_ms);
    }
  }
  if (answered.size() < runs) {
    fmt::print(stderr, "bench_cancellation: the model was not found at work often enough\n");
    return 3;
  }
  print("lsp_cancel_to_answer", arguments[1], answered);
  print("lsp_cancel_to_idle", arguments[1], stopped);
  return 0;
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: bench_cancellation PROGRAM MODEL FILE [RUNS]\n");
    return 2;
  }
  return engram::run({argv + 1, argv + argc});
}
