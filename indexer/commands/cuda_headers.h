// indexer/commands/cuda_headers.h: our own small stand-in for NVIDIA's headers.
//
// Clang 19 refuses the headers of CUDA newer than 12.6 and most machines have none at all. These
// few declare what CUDA sources use of the language and the runtime, so that kernels, launches and
// their callers can be parsed (on the host's side). They define nothing. Facts found through them
// are `inferred`. Names and signatures: CUDA C++ Programming Guide 12, CUDA Runtime API reference.
//
// Threads: pure functions.  Errors: kIo.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

struct StandInHeader {
  std::string_view name;
  std::string_view text;
};
std::span<const StandInHeader> cuda_stand_in_headers();

// What a CUDA file is made to include first.
inline constexpr std::string_view kCudaDeclarations = "engram_cuda.h";

// How Clang is told to parse for the host alone, with the stand-ins in `folder`; empty: without
// any.
std::vector<std::string> cuda_arguments(const std::string& folder);

// Writes the headers below `cache`, in a folder named by their contents, unless they are there.
Result<std::string> write_cuda_headers(const std::filesystem::path& cache);

}  // namespace engram
