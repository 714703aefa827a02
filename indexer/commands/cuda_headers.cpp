#include "indexer/commands/cuda_headers.h"

#include <fmt/format.h>

#include <array>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "indexer/commands/cuda_declarations.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kForward = "#pragma once\n#include \"engram_cuda.h\"\n";

constexpr auto kHeaders = std::to_array<StandInHeader>({
    {kCudaDeclarations, kCudaDeclarationsText},
    {"cuda_fp16.h", kCudaHalfText},
    {"cuda_bf16.h", kCudaHalfText},
    {"cuda.h", kForward},
    {"cuda_runtime.h", kForward},
    {"cuda_runtime_api.h", kForward},
    {"cuda_device_runtime_api.h", kForward},
    {"device_launch_parameters.h", kForward},
    {"device_functions.h", kForward},
    {"device_types.h", kForward},
    {"driver_types.h", kForward},
    {"host_defines.h", kForward},
    {"vector_functions.h", kForward},
    {"vector_types.h", kForward},
});

}  // namespace

std::span<const StandInHeader> cuda_stand_in_headers() { return kHeaders; }

std::vector<std::string> cuda_arguments(const std::string& folder) {
  std::vector<std::string> out = {"--cuda-host-only", "-nocudainc", "-nocudalib"};
  if (folder.empty()) return out;
  out.push_back("-I" + folder);
  out.insert(out.end(), {"-include", folder + "/" + std::string(kCudaDeclarations)});
  return out;
}

Result<std::string> write_cuda_headers(const fs::path& cache) {
  std::string all;
  for (const StandInHeader& header : kHeaders) all += header.text;
  const fs::path folder = cache / fmt::format("cuda-headers-{:016x}", xxh3(all));
  ENGRAM_TRY_VOID(make_private_directory(folder));
  for (const StandInHeader& header : kHeaders) {
    const auto there = read_file(folder / header.name, header.text.size());
    if (there && *there == header.text) continue;
    ENGRAM_TRY_VOID(write_file_atomically(folder / header.name, header.text));
  }
  return folder.string();
}

}  // namespace engram
