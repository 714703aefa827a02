// kernels/matmul.h: y[t, r] = sum_k a[t, k] * w[r, k], weights of any type.
//
// One kernel for decode (n = 1), verification (a few) and prefill (hundreds). The value of an
// element depends on its weight row and activation row alone: the same bits for every n, every
// split of rows over threads and every repetition.
// ref: exact dequantised weights, float activations, double sums. Integer tables: exact weight
// codes, activations of activations.h, one float addition per block of 32 in order of k.
//
// Packed layout (data of the integer tables, docs/kernels/matmul.md): rows in groups of 16.
//
// Threads: pure; concurrent calls on disjoint rows of y and different scratch are safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/activations.h"
#include "kernels/tensor_type.h"

namespace engram {

inline constexpr std::size_t kRowGroup = 16;

// Of prefill: a panel of unpacked weights is kPanelGroups groups x kPanelBlocks blocks of columns,
// multiplied with up to kPanelTokens tokens whose sums wait in scratch for its next columns.
inline constexpr std::size_t kPanelGroups = 3, kPanelBlocks = 18, kPanelTokens = 512;
inline constexpr std::size_t kPanelBytes =
    kPanelGroups * kPanelBlocks * (kRowGroup * kBlock + 4 * kRowGroup * sizeof(float));

struct Matrix {
  TensorType type = TensorType::kF32;
  std::size_t rows = 0, cols = 0;
  const std::byte* data = nullptr;  // ref: rows as in GGUF; others: packed groups
};

struct MatmulArgs {
  Matrix w;       // [rows, cols]
  Activations a;  // [n, dim], dim >= cols: the first cols of each row count
  std::size_t n = 0;
  std::size_t row_begin = 0, row_end = 0;  // row_begin a multiple of 16; row_end too, or rows
  float* y = nullptr;                      // y[t * y_stride + r - row_begin]
  std::size_t y_stride = 0;
  const float* bias = nullptr;   // [rows] or none; added last
  bool add = false;              // y += result instead of y = result
  std::byte* scratch = nullptr;  // matmul_scratch_bytes(cols), 64-byte aligned
};

std::size_t matmul_scratch_bytes(std::size_t cols);

}  // namespace engram
