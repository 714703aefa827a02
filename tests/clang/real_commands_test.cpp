// The worker on this repository, told by its own compile database what indexer/commands makes of
// it.
#include <filesystem>

#include "indexer/commands/compile_commands.h"
#include "tests/clang/worker_rig.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

std::string errors_of(const UnitFacts& facts) {
  std::string out;
  for (const UnitDiagnostic& d : facts.diagnostics) {
    if (d.level >= DiagnosticLevel::kError) out += d.message + "\n";
  }
  return out;
}

UnitReply ask(const CompileCommands& commands, const CompileCommand& command) {
  WorkerOptions options = worker_options(command.directory);
  options.readable = commands.readable_roots();
  auto worker = WorkerProcess::start(options);
  REQUIRE(worker);
  UnitRequest request;
  request.root = ENGRAM_TEST_SOURCE_DIR;
  request.directory = command.directory;
  request.arguments = command.arguments;
  request.best_certainty = best_certainty(command);
  auto reply = (*worker)->ask(request);
  REQUIRE(reply);
  return *std::move(reply);
}

}  // namespace

TEST_CASE("real commands: the sandboxed worker parses sources, borrowed headers and CUDA") {
  const std::string root = std::filesystem::weakly_canonical(ENGRAM_TEST_SOURCE_DIR).string();
  const TemporaryDirectory cache;
  CompileCommandsOptions options;
  options.workspace = root;
  options.database = ENGRAM_TEST_BUILD;
  options.approved_roots = {ENGRAM_TEST_DEPS, cache.path()};
  options.cache = cache.path();
  cache.write("kernel.cu", R"(#include <cuda_runtime.h>
#include <vector>
__global__ void scale(float* x, float by) { x[blockIdx.x * blockDim.x + threadIdx.x] *= sqrtf(by); }
void run(std::vector<float>& v) { scale<<<1, 32>>>(v.data(), 2); }
)");
  const auto commands = CompileCommands::open(options);
  REQUIRE(commands);
  const std::vector<std::pair<std::string, Certainty>> files = {
      {root + "/core/hash.cpp", Certainty::kSemantic},
      {root + "/core/result.h", Certainty::kInferred},
      {(cache.path() / "kernel.cu").string(), Certainty::kInferred}};
  for (const auto& [file, certainty] : files) {
    INFO(file);
    const auto all = (*commands)->commands_for(file);
    REQUIRE(all.size() == 1);
    const UnitReply reply = ask(**commands, all[0]);
    CHECK(reply.failure == "");
    CHECK(errors_of(reply.facts) == "");
    CHECK(reply.facts.certainty == certainty);
    CHECK(reply.facts.symbols.size() > 3);
  }
}

}  // namespace engram
