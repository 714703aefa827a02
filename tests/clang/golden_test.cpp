#include <algorithm>
#include <cstdlib>

#include "core/atomic_file.h"
#include "indexer/commands/cuda_headers.h"
#include "indexer/commands/module_map.h"
#include "tests/clang/unit_text.h"
#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> golden_sources() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(ENGRAM_CLANG_GOLDEN)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".c" || extension == ".cpp" || extension == ".cppm" || extension == ".cu") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> paths_of(const fs::path& folder, std::vector<std::string> names) {
  for (std::string& name : names) name = (folder / name).string();
  return names;
}

std::optional<CompileCommand> golden_command(const fs::path& folder, const std::string& file) {
  const UnitRequest request = unit_request(folder, fs::path(file).filename().string());
  CompileCommand command;
  command.directory = request.directory;
  command.file = file;
  command.arguments = request.arguments;
  return command;
}

}  // namespace

TEST_CASE("clang worker: each golden source yields exactly the reviewed facts", "[clang]") {
  const char* mode = std::getenv("ENGRAM_UPDATE_GOLDEN");
  const bool write = mode != nullptr && std::string_view(mode) == "1";
  const fs::path folder = ENGRAM_CLANG_GOLDEN;
  const TemporaryDirectory cache;
  const auto stand_ins = write_cuda_headers(cache.path());
  REQUIRE(stand_ins);
  WorkerOptions options = worker_options(folder);
  options.readable.push_back(*stand_ins);
  const auto worker = WorkerProcess::start(options);
  REQUIRE(worker);
  ModuleMap modules([&] { return paths_of(folder, golden_sources()); },
                    [&](const std::string& file) { return golden_command(folder, file); });
  for (const std::string& name : golden_sources()) {
    INFO(name);
    UnitRequest request = name.ends_with(".cu")
                              ? unit_request(folder, name, cuda_arguments(*stand_ins))
                              : unit_request(folder, name);
    request.modules = modules.imports_of((folder / name).string());
    const auto reply = (*worker)->ask(request);
    INFO((reply ? "" : reply.error().message));
    REQUIRE(reply);
    REQUIRE(reply->failure.empty());
    const auto text = read_file(folder / name);
    REQUIRE(text);
    const std::string actual = unit_as_text(reply->facts, *text, folder.string());
    const fs::path expectation = folder / (name + ".facts");
    if (write) {
      REQUIRE(write_file_atomically(expectation, actual));
      continue;
    }
    const auto expected = read_file(expectation);
    REQUIRE(expected);
    CHECK(actual == *expected);
  }
}

}  // namespace engram
