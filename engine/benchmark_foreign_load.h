// engine/benchmark_foreign_load.h: decoding while another process keeps one core busy.
//
// An editor shares its cores with a compiler and a language server. Measured: tokens a second and
// the times of single tokens with every thread, against an endless loop in another process, beside
// the speed of one thread on the quiet machine, which a good engine hardly falls below.
//
// Threads: blocks the caller; starts and ends one process.  Errors: those of Transformer;
// kIo when no process can be started.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>

#include "core/result.h"
#include "engine/transformer.h"

namespace engram {

struct ForeignLoadResult {
  double quiet_one_thread = 0;                       // tokens/s, no load, one thread
  double tokens_per_s = 0;                           // under load, all threads
  double median_ms = 0, p99_ms = 0, longest_ms = 0;  // of a token under load
  std::size_t tokens = 0;
};

Result<ForeignLoadResult> measure_foreign_load(const std::shared_ptr<const GgufFile>& file,
                                               const TransformerOptions& options,
                                               std::size_t tokens, const std::stop_token& stop);

}  // namespace engram
