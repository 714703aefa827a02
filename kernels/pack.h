// kernels/pack.h: GGUF rows into the layout the integer matmuls stream.
//
// A group is 16 consecutive rows; within it, for each block of 32 columns, the scales of the 16
// rows and then the codes, four columns of 16 rows at a time, so that one 64-byte load feeds one
// dot-product instruction for 16 rows. A last partial group is filled with zero rows. The layout is
// the same for every integer table; docs/kernels/matmul.md has the byte maps.
//
// Threads: pure; disjoint groups may be packed concurrently.
#pragma once

#include <cstddef>

#include "kernels/tensor_type.h"

namespace engram {

inline constexpr unsigned kPackedLayoutVersion = 1;  // in the name of a cached repack

std::size_t packed_group_bytes(TensorType type, std::size_t cols);
std::size_t packed_bytes(TensorType type, std::size_t rows, std::size_t cols);

// Packs groups [group_begin, group_end) of the matrix at `src` (all of its rows, as in the file)
// to dst + group * packed_group_bytes.
void pack_groups(TensorType type, const std::byte* src, std::size_t rows, std::size_t cols,
                 std::size_t group_begin, std::size_t group_end, std::byte* dst);

}  // namespace engram
