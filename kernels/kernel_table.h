// kernels/kernel_table.h: one table of functions per implementation; all are in every binary.
//
//   ref      scalar, double sums, exact weights: the oracle of every other table
//   avx2     256-bit integers and floats (AVX2, FMA, F16C)
//   avxvnni  avx2 with byte dot products in one instruction (AVX-VNNI, 256 bits)
//   avx512   512-bit, with VNNI dot products (F, BW, VL, DQ, VNNI)
//
// Chosen once at run time by what the processor has. Each function's contract is in kernels/<op>.h.
//
// Threads: tables are constant; the functions are pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "kernels/activations.h"
#include "kernels/attention.h"
#include "kernels/layer_norm.h"
#include "kernels/matmul.h"
#include "kernels/nonlinearity.h"
#include "kernels/peak.h"
#include "kernels/rms_norm.h"
#include "kernels/rope.h"

namespace engram {

struct KernelTable {
  std::string_view name;
  bool packed;  // true: matrices come through pack_groups; false: as they are in the file

  void (*quantize)(const QuantizeArgs&);
  void (*matmul)(const MatmulArgs&);
  void (*rms_norm)(const RmsNormArgs&);
  void (*layer_norm)(const LayerNormArgs&);
  void (*rope)(const RopeArgs&);
  void (*nonlinearity)(const NonlinearityArgs&);
  void (*store_kv)(const StoreKvArgs&);

  // All keys, merged and normalised: writes args.out.
  void (*attend)(const AttentionArgs&);
  // The split form, both null when a table has none.
  // Part `part` only: writes partial results [tokens * group][partial_floats] to `partials`.
  // REQUIRES: the part begins at or before the position of every token of the call.
  void (*attend_part)(const AttentionArgs&, std::size_t part, float* partials);
  // Merges partials[part - first_part][tokens * group][partial_floats] in order and writes
  // args.out. REQUIRES: parts from the first that any token sees to the one of their positions.
  void (*merge_parts)(const AttentionArgs&, std::size_t first_part, std::size_t n_parts,
                      const float* partials);

  // For benchmarks; null when a table has no integer dot products.
  PeakResult (*multiply_peak)(std::size_t rounds);
};

// The tables this machine can run, best first; "ref" is last.
std::vector<const KernelTable*> available_kernel_tables();
// nullptr when unknown or not runnable here. Empty: the best.
const KernelTable* find_kernel_table(std::string_view name);

}  // namespace engram
