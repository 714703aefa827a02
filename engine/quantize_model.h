// engine/quantize_model.h: a model written again with its matrices in another weight type.
//
// Which tensor becomes what:
//   matrices (.weight with two or more dimensions)  the type asked for
//   the head (output.weight, or token_embd.weight   Q6_K where the type asked for has fewer bits:
//     of a model without one)                       every token passes it, and it decides
//   vectors, norms, biases, expert routers          F32
//   rows that are no whole blocks of the type       Q4_K -> Q4_1, Q6_K -> Q8_0, else F16
// A tensor that has its type already is copied. All keys are kept; general.file_type and
// general.quantization_version are set.
//
// Interrupted, it keeps what is done; the same call goes on from there (gguf_writer.h). The bytes
// do not depend on the number of threads.
//
// Threads: blocks the caller.  Errors: kCorrupt NaN, infinity or a number above 65504 in a matrix
// (tensor and row named), or the file changed underneath; kIo; kCancelled; kInvalidArgument a type
// that cannot be written (those that can be are named).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/gguf.h"

namespace engram {

struct QuantizeOptions {
  TensorType type = TensorType::kQ8_0;
  bool pure = false;     // the head too
  unsigned threads = 1;  // of the arithmetic
};

struct QuantizedTensor {
  const GgufTensor* source = nullptr;
  TensorType type = TensorType::kF32;
  bool fell_back = false;  // its rows do not fit the type it should have had
};

struct QuantizeReport {
  std::vector<QuantizedTensor> tensors;
  std::uint64_t bytes = 0;    // of the tensors' data
  double relative_error = 0;  // of the tensors converted in this run: rms difference / rms value
  bool resumed = false;       // tensors of an interrupted run were kept, and are not in the error
};

// "Q8_0, Q4_0, Q4_1, Q4_K, Q6_K"; nullptr for another name.
const TensorTypeTraits* quantizable_type(std::string_view name);
std::string quantizable_types();

// What quantize_model() would write.
std::vector<QuantizedTensor> plan_quantization(const GgufFile& source,
                                               const QuantizeOptions& options);

struct QuantizeProgress {
  std::uint64_t values_done = 0, values_total = 0;
  std::string_view tensor;
};

// `out` is replaced if it exists.
Result<QuantizeReport> quantize_model(const GgufFile& source, const std::filesystem::path& out,
                                      const QuantizeOptions& options,
                                      const std::function<void(const QuantizeProgress&)>& progress,
                                      const std::stop_token& stop);

}  // namespace engram
