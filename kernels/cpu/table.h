// kernels/cpu/table.h: the functions of this folder as one implementation's table.
//
// Each implementation is one source file, compiled with its own instruction set: it names its
// namespace in ENGRAM_SIMD, includes its simd_*.h and then this. Everything sits in unnamed
// namespaces, so that no function compiled for one processor can be linked into another's code.
#pragma once

namespace engram::ENGRAM_SIMD {
namespace {

template <int n>
struct Constant {
  static constexpr int kValue = n;
};

}  // namespace
}  // namespace engram::ENGRAM_SIMD

#include "kernels/cpu/attention.h"
#include "kernels/cpu/matmul.h"
#include "kernels/cpu/peak.h"
#include "kernels/cpu/rows.h"
#include "kernels/kernel_table.h"

namespace engram::ENGRAM_SIMD {
namespace {

constexpr KernelTable make_table(const char* name) {
  return {
      .name = name,
      .packed = true,
      .quantize = quantize,
      .matmul = matmul,
      .rms_norm = rms_norm,
      .layer_norm = layer_norm,
      .rope = rope,
      .nonlinearity = nonlinearity,
      .store_kv = store_kv,
      .attend = attend,
      .attend_part = attend_part,
      .merge_parts = merge_parts,
      .multiply_peak = multiply_peak,
  };
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
