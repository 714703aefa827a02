// This repository's own compile database, as CMake wrote it, against the real compiler.
#include <algorithm>
#include <filesystem>
#include <map>

#include "indexer/commands/clean_command.h"
#include "indexer/commands/compile_commands.h"
#include "indexer/commands/cuda_headers.h"
#include "tests/commands/run_program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

// What the compiler says; "" when it is content.
std::string complaints_of(const CompileCommand& command) {
  std::string line =
      "cd " + shell_quoted(command.directory) + " && env -i " +
      (command.arguments[0] == "clang" ? "/usr/bin/clang-19" : "/usr/bin/clang++-19");
  for (std::size_t i = 1; i < command.arguments.size(); ++i) {
    line += ' ' + shell_quoted(command.arguments[i]);
  }
  const auto [text, status] = run_program(line + " 2>&1");
  return status == 0 ? text : text + "(status " + std::to_string(status) + ")";
}

}  // namespace

TEST_CASE("real database: every entry of this build is cleaned, and what comes out compiles") {
  const Toolchain toolchain = read_toolchain();
  PathPolicy policy({ENGRAM_TEST_SOURCE_DIR, ENGRAM_TEST_BUILD, ENGRAM_TEST_DEPS});
  for (const std::string& root : toolchain.roots()) policy.add_root(root);
  const fs::path database = fs::path(ENGRAM_TEST_BUILD) / "compile_commands.json";
  FlagReport report;
  std::vector<CompileCommand> commands;
  std::size_t unusable = 0;
  const auto read = read_compile_database(database, [&](const DatabaseEntry& entry) {
    auto cleaned = clean_command(entry, {policy, toolchain, ""}, report);
    if (!cleaned.why_not.empty())
      ++unusable;
    else if (fs::exists(entry.file))
      commands.push_back(std::move(cleaned.command));
  });
  REQUIRE(read);
  CHECK(commands.size() > 100);
  CHECK(unusable == 0);
  CHECK(report.total(FlagFate::kRefused) == 0);
  CHECK(report.total(FlagFate::kOutside) == 0);
  for (const auto& [name, n] : report.names(FlagFate::kUnknown)) {
    INFO(name);
    CHECK(name == "");
  }
  for (const char* source : {"core/hash.cpp", "indexer/commands/shell_words.cpp", "cli/main.cpp",
                             "indexer/syntax/tree_sitter_runtime.c"}) {
    const std::string file = (fs::path(ENGRAM_TEST_SOURCE_DIR) / source).string();
    const auto it = std::find_if(commands.begin(), commands.end(),
                                 [&](const CompileCommand& c) { return c.file == file; });
    INFO(source);
    REQUIRE(it != commands.end());
    CHECK(complaints_of(*it) == "");
  }
}

TEST_CASE("real database: headers compile with what they borrow, and sources with guessed flags") {
  const std::string root = fs::weakly_canonical(ENGRAM_TEST_SOURCE_DIR).string();
  CompileCommandsOptions options;
  options.workspace = root;
  options.database = ENGRAM_TEST_BUILD;
  options.approved_roots = {ENGRAM_TEST_DEPS};
  const auto commands = CompileCommands::open(options);
  REQUIRE(commands);
  CHECK((*commands)->report().outside_files == 0);
  CHECK((*commands)->report().other_languages == 0);
  CHECK((*commands)->file_count() > 100);
  for (const char* header : {"/core/result.h", "/memory/catalogue.h", "/tests/support/catch.h"}) {
    const auto borrowed = (*commands)->commands_for(root + header);
    INFO(header);
    REQUIRE(borrowed.size() == 1);
    INFO(borrowed[0].source);
    CHECK(borrowed[0].origin == CommandOrigin::kBorrowed);
    CHECK(complaints_of(borrowed[0]) == "");
  }
  // The same tree as if it said nothing: a copy of two folders of it, without a database.
  const TemporaryDirectory copy;
  fs::create_directory(copy.path() / "indexer");
  fs::copy(root + "/core", copy.path() / "core");
  fs::copy(root + "/indexer/commands", copy.path() / "indexer/commands",
           fs::copy_options::recursive);
  options = {};
  options.workspace = fs::weakly_canonical(copy.path());
  options.home = fs::weakly_canonical(copy.path());
  for (const auto& entry : fs::recursive_directory_iterator(copy.path())) {
    options.files.all.push_back(entry.path().lexically_relative(copy.path()).string());
  }
  const auto guessed = CompileCommands::open(options);
  REQUIRE(guessed);
  const auto command = (*guessed)->commands_for(
      (options.workspace / "indexer/commands/response_files.cpp").string());
  REQUIRE(command.size() == 1);
  CHECK(command[0].origin == CommandOrigin::kInferred);
  CHECK(complaints_of(command[0]) == "");
}

TEST_CASE("real database: a CUDA file compiles with the stand-in headers alone") {
  const TemporaryDirectory directory;
  const auto headers = write_cuda_headers(directory.path() / "cache");
  REQUIRE(headers);
  CHECK(write_cuda_headers(directory.path() / "cache").operator*() == *headers);
  directory.write("k.cu", R"(
#include <cuda_runtime.h>
#include <cuda_fp16.h>
#include <cstdio>
#include <vector>
__constant__ float scale[16];
template <typename T>
__global__ void __launch_bounds__(256) add(const T* a, T* b, int n) {
  __shared__ T partial[256];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) partial[threadIdx.x] = a[i] + b[i];
  __syncthreads();
  T v = __shfl_down_sync(0xffffffff, partial[threadIdx.x], 16);
  if (i < n) atomicAdd(&b[i], max(v, T(1)) * T(scale[0]));
  assert(n > 0);
  if (i == 0) printf("%d %f\n", warpSize, sqrtf(2.0F) + std::exp(1.0F) + fabs(-1.0));
}
__device__ half twice(half h) { return __hadd(h, h); }
int main() {
  float *a = nullptr, *b = nullptr;
  if (cudaMalloc(&a, 64) != cudaSuccess) return 1;
  std::vector<float> host(16);
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  cudaMemcpyAsync(a, host.data(), 64, cudaMemcpyHostToDevice, stream);
  dim3 grid(1, 2), block(256);
  add<float><<<grid, block, 0, stream>>>(a, b, 16);
  add<<<1, 32>>>(a, b, 16);
  float4 v = make_float4(1, 2, 3, 4);
  return cudaGetLastError() == cudaSuccess ? int(v.x) : 1;
}
)");
  const Toolchain toolchain = read_toolchain();
  PathPolicy policy({directory.path()});
  FlagReport report;
  const std::string root = directory.path().string();
  const auto cleaned = clean_command(
      {root, root + "/k.cu", {"nvcc", "-std=c++17", "-arch=sm_90", "-Xcompiler", "-fPIC", "k.cu"}},
      {policy, toolchain, *headers}, report);
  CHECK(complaints_of(cleaned.command) == "");
}

}  // namespace engram
