// Hints at inclusions on a real project: every removal and insertion is made and compiled, and the
// removals are compared with clang-include-cleaner's. `make campaign NAME=includes`.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>

#include "core/json.h"
#include "indexer/semantic/live_commands.h"
#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> units_of(const fs::path& workspace) {
  std::ifstream in(workspace / "compile_commands.json");
  const auto text = std::string(std::istreambuf_iterator<char>(in), {});
  const json::value entries = json::parse(text);
  std::set<std::string> files;
  for (const json::value& entry : entries.as_array()) {
    const fs::path directory = std::string(*find_string(entry, "directory"));
    files.insert((directory / std::string(*find_string(entry, "file"))).lexically_normal());
  }
  return {files.begin(), files.end()};
}

LiveReply diagnose(WorkerProcess& worker, const LiveCommand& command, const std::string& text) {
  LiveRequest request;
  request.directory = command.command.directory;
  request.arguments = command.command.arguments;
  request.unsaved = {{command.command.file, text}};
  request.cpu_seconds = 120;
  const auto body = worker.ask_bytes(encode_live_request(request), {});
  REQUIRE(body);
  const auto reply = decode_live_reply(*body, text.size());
  REQUIRE(reply);
  return *reply;
}

std::string first_error(const LiveReply& reply) {
  if (!reply.failure.empty()) return reply.failure;
  for (const UnitDiagnostic& d : reply.facts.diagnostics) {
    if (d.level >= DiagnosticLevel::kError) return d.message;
  }
  return {};
}

// With every fix of `option` made. Insertions at one place follow one another.
std::string fixed(std::string text, const LiveReply& reply, std::string_view option,
                  std::set<unsigned>& lines) {
  std::vector<FixIt> fixes;
  for (const UnitDiagnostic& d : reply.facts.diagnostics) {
    if (d.option != option) continue;
    fixes.push_back(d.fixes.at(0));
    lines.insert(static_cast<unsigned>(std::count(
                     text.begin(), text.begin() + static_cast<std::ptrdiff_t>(d.begin), '\n')) +
                 1);
  }
  std::sort(fixes.begin(), fixes.end(),
            [](const FixIt& a, const FixIt& b) { return a.begin > b.begin; });
  for (const FixIt& fix : fixes) text.replace(fix.begin, fix.end - fix.begin, fix.text);
  return text;
}

bool is_peer_here() {
  return std::system("command -v clang-include-cleaner-19 >/dev/null 2>&1") == 0;
}

// The lines that the peer would remove: "- "x.h" @Line:3".
std::set<unsigned> peer_lines(const fs::path& workspace, const std::string& file) {
  const std::string command = "clang-include-cleaner-19 --print=changes -p " + workspace.string() +
                              " " + file + " 2>/dev/null";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::set<unsigned> lines;
  char line[4096];
  while (::fgets(line, sizeof line, pipe) != nullptr) {
    const std::string said = line;
    const std::size_t at = said.find("@Line:");
    if (said.starts_with("- ") && at != std::string::npos) {
      lines.insert(static_cast<unsigned>(std::stoul(said.substr(at + 6))));
    }
  }
  ::pclose(pipe);
  return lines;
}

}  // namespace

TEST_CASE("live includes: on a real project nothing breaks when every hint is followed",
          "[.campaign][.includes]") {
  const char* const where = std::getenv("ENGRAM_INCLUDES_WORKSPACE");
  if (where == nullptr) SKIP("ENGRAM_INCLUDES_WORKSPACE names no workspace");
  const char* const most = std::getenv("ENGRAM_INCLUDES_MOST");
  const fs::path workspace = fs::canonical(where);
  CompileCommandsOptions options;
  options.workspace = workspace;
  LiveCommands commands(options);
  std::vector<std::string> files = units_of(workspace);
  if (most != nullptr) files.resize(std::min<std::size_t>(files.size(), std::stoul(most)));
  const bool peer = is_peer_here();
  int compared = 0, unused = 0, missing = 0, broken = 0, both = 0, of_peer = 0;
  for (const std::string& file : files) {
    const auto command = commands.of(file);
    REQUIRE(command);
    WorkerOptions worker_options;
    worker_options.program = ENGRAM_CLANG_WORKER;
    worker_options.readable = command->readable;
    worker_options.live = true;
    const auto worker = WorkerProcess::start(worker_options);
    REQUIRE(worker);
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const LiveReply reply = diagnose(**worker, *command, text);
    if (!first_error(reply).empty()) continue;
    ++compared;
    std::set<unsigned> removed, named;
    const std::string without = fixed(text, reply, kUnusedInclude, removed);
    const std::string with = fixed(text, reply, kMissingInclude, named);
    unused += static_cast<int>(removed.size());
    missing += static_cast<int>(named.size());
    for (const std::string* changed : {&without, &with}) {
      if (*changed == text) continue;
      const std::string error = first_error(diagnose(**worker, *command, *changed));
      if (error.empty()) continue;
      ++broken;
      fmt::print("{} {}: {}\n", changed == &without ? "removing breaks" : "inserting breaks", file,
                 error);
    }
    if (!peer) continue;
    for (const unsigned line : peer_lines(workspace, file)) {
      ++of_peer;
      if (removed.contains(line)) ++both;
      if (!removed.contains(line)) fmt::print("peer alone: {}:{}\n", file, line);
      removed.erase(line);
    }
    for (const unsigned line : removed) fmt::print("we alone: {}:{}\n", file, line);
  }
  const auto of_both = [&](int count) { return peer ? std::to_string(count) : "null"; };
  fmt::print(
      "{{\"files\":{},\"unused\":{},\"missing\":{},\"broken\":{},\"peer_unused\":{},"
      "\"both_unused\":{}}}\n",
      compared, unused, missing, broken, of_both(of_peer), of_both(both));
  CHECK(compared > 0);
  CHECK(broken == 0);
}

}  // namespace engram
