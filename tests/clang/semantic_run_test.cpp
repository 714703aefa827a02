#include "indexer/semantic/semantic_run.h"

#include <map>

#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

// A database whose every entry is `arguments` and the file.
std::string database(const std::filesystem::path& folder, const std::vector<std::string>& files,
                     const std::string& arguments) {
  std::string text = "[";
  for (const std::string& file : files) {
    if (text.size() > 1) text += ",";
    text += "{\"directory\":\"" + folder.string() + "\",\"file\":\"" + file + "\",\"command\":\"" +
            arguments + " -c " + file + "\"}";
  }
  return text + "]";
}

Result<std::unique_ptr<CompileCommands>> open_commands(const std::filesystem::path& folder) {
  CompileCommandsOptions options;
  options.workspace = folder;
  return CompileCommands::open(options);
}

SemanticRunOptions run_options(const std::filesystem::path& folder) {
  SemanticRunOptions options;
  options.root = folder.string();
  options.worker.program = ENGRAM_CLANG_WORKER;
  options.worker.background = false;
  options.jobs = 2;
  return options;
}

}  // namespace

TEST_CASE("run_units: every unit of the database is accounted for, from database to facts",
          "[clang]") {
  TemporaryDirectory folder;
  folder.write("include/shared.h", "#include <string>\nstd::string shared();\n");
  folder.write("good.cpp", "#include <shared.h>\nint good() { return (int)shared().size(); }\n");
  folder.write("broken.cpp", "#include <shared.h>\nint broken() { return missing; }\n");
  folder.write("crash.cpp", "#pragma clang __debug crash\n");
  folder.write("compile_commands.json",
               database(folder.path(), {"good.cpp", "broken.cpp", "crash.cpp"},
                        "g++ -std=c++17 -Iinclude -fplugin=evil.so -o out.o"));
  const auto commands = open_commands(folder.path());
  REQUIRE(commands);
  std::map<std::string, Certainty> certainty;
  std::size_t last = 0;
  SemanticRunOptions options = run_options(folder.path());
  options.on_unit = [&](const CompileCommand& command, const UnitOutcome& outcome) {
    const auto name = std::filesystem::path(command.file).filename().string();
    if (!outcome.facts.files.empty()) certainty[name] = outcome.facts.certainty;
  };
  options.on_progress = [&](std::size_t done, std::size_t total) {
    CHECK(done == last + 1);
    CHECK(total == 3);
    last = done;
  };
  const auto report = run_units(**commands, options);
  REQUIRE(report);
  CHECK(last == 3);
  CHECK(report->units == 3);
  CHECK(report->semantic == 1);
  CHECK(report->inferred == 1);
  CHECK(report->quarantined == 1);
  CHECK(certainty == std::map<std::string, Certainty>{{"good.cpp", Certainty::kSemantic},
                                                      {"broken.cpp", Certainty::kInferred}});
  REQUIRE(report->without_facts.size() == 1);
  CHECK(report->without_facts[0].file.ends_with("crash.cpp"));
  CHECK(report->worker_cpu_seconds > 0);
  CHECK(semantic_share(*report) ==
        "33 % of translation units semantic (1 of 3, 1 inferred, 1 without)");
}

TEST_CASE("run_units: stopping ends the run, whatever still waits", "[clang]") {
  TemporaryDirectory folder;
  std::vector<std::string> files;
  for (int i = 0; i < 20; ++i) {
    files.push_back("f" + std::to_string(i) + ".cpp");
    folder.write(files.back(), "int f;\n");
  }
  folder.write("compile_commands.json", database(folder.path(), files, "g++"));
  const auto commands = open_commands(folder.path());
  REQUIRE(commands);
  std::stop_source stop;
  SemanticRunOptions options = run_options(folder.path());
  options.jobs = 1;
  std::size_t told = 0;
  options.on_progress = [&](std::size_t, std::size_t) {
    ++told;
    stop.request_stop();
  };
  const auto report = run_units(**commands, options, stop.get_token());
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kCancelled);
  CHECK(told == 1);
}

}  // namespace engram
