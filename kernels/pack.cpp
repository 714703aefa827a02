#include "kernels/pack.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/activations.h"
#include "kernels/matmul.h"
#include "kernels/packed_layout.h"
#include "kernels/weight_codes.h"

namespace engram {
namespace {

constexpr std::size_t kSteps = 8;

// The same columns of 16 rows, taken apart.
struct Tile {
  std::uint8_t codes[kRowGroup][kMaxBlockValues];
  float scales[kRowGroup][kMaxBlockValues / kCodesPerScale];
  float minima[kRowGroup][kMaxBlockValues / kCodesPerScale];
};

std::uint32_t load4(const std::uint8_t* p) {
  std::uint32_t word;
  std::memcpy(&word, p, 4);
  return word;
}
void store4(std::byte* p, std::uint32_t word) { std::memcpy(p, &word, 4); }

std::byte* put_bytes(const Tile& tile, std::size_t column, std::byte* dst) {
  for (std::size_t j = 0; j < kSteps; ++j) {
    for (std::size_t r = 0; r < kRowGroup; ++r) {
      store4(dst + j * 64 + r * 4, load4(&tile.codes[r][column + 4 * j]));
    }
  }
  return dst + 512;
}

std::byte* put_nibbles(const Tile& tile, std::size_t column, std::byte* dst) {
  constexpr std::uint32_t kLow = 0x0F0F0F0F;
  for (std::size_t s = 0; s < kSteps / 2; ++s) {
    for (std::size_t r = 0; r < kRowGroup; ++r) {
      const std::uint32_t low = load4(&tile.codes[r][column + 4 * s]) & kLow;
      const std::uint32_t high = load4(&tile.codes[r][column + 16 + 4 * s]) & kLow;
      store4(dst + s * 64 + r * 4, low | (high << 4U));
    }
  }
  return dst + 256;
}

std::byte* put_fifth_bits(const Tile& tile, std::size_t column, std::byte* dst) {
  for (std::size_t j = 0; j < kSteps; ++j) {
    std::uint64_t bits = 0;
    for (std::size_t r = 0; r < kRowGroup; ++r) {
      const std::uint32_t ones = (load4(&tile.codes[r][column + 4 * j]) >> 4U) & 0x01010101U;
      const std::uint64_t four = (ones * 0x10204080U) >> 28U;  // collects bits 0, 8, 16, 24
      bits |= four << (4 * r);
    }
    std::memcpy(dst + 8 * j, &bits, 8);
  }
  return dst + 64;
}

std::byte* put_top_pairs(const Tile& tile, std::size_t column, std::byte* dst) {
  for (std::size_t p = 0; p < 2; ++p) {
    for (std::size_t r = 0; r < kRowGroup; ++r) {
      std::uint32_t word = 0;
      for (std::size_t q = 0; q < 4; ++q) {
        const std::uint32_t codes = load4(&tile.codes[r][column + 16 * p + 4 * q]);
        word |= ((codes >> 4U) & 0x03030303U) << (2 * q);
      }
      store4(dst + p * 64 + r * 4, word);
    }
  }
  return dst + 128;
}

// Copies `size` bytes at `offset` of the same block of 16 rows, or zeros past the last row.
std::byte* put_fields(const std::byte* const rows[kRowGroup], std::size_t offset, std::size_t size,
                      std::byte* dst) {
  for (std::size_t r = 0; r < kRowGroup; ++r) {
    if (rows[r] == nullptr) {
      std::memset(dst + r * size, 0, size);
    } else {
      std::memcpy(dst + r * size, rows[r] + offset, size);
    }
  }
  return dst + kRowGroup * size;
}

void read_tile(TensorType type, const std::byte* const rows[kRowGroup], Tile& tile) {
  for (std::size_t r = 0; r < kRowGroup; ++r) {
    if (rows[r] != nullptr) {
      read_codes(type, rows[r], tile.codes[r]);
    } else {
      std::memset(tile.codes[r], 0, sizeof(tile.codes[r]));
    }
  }
}

std::byte* put_wide_scales(const Tile& tile, std::size_t column, std::byte* dst) {
  for (std::size_t part = 0; part < 2; ++part) {
    for (std::size_t r = 0; r < kRowGroup; ++r) {
      const std::size_t i = column / kCodesPerScale + part;
      std::memcpy(dst + (part * kRowGroup + r) * 4, &tile.scales[r][i], 4);
      std::memcpy(dst + ((2 + part) * kRowGroup + r) * 4, &tile.minima[r][i], 4);
    }
  }
  return dst + 256;
}

// Types of two levels: integer scales of each block of 32 columns, transposed to 16 rows.
struct SuperScales {
  std::uint8_t scales[kRowGroup][16];  // Q6_K: 16 signed; Q4_K, Q5_K: 8 scales, then 8 minima
};

SuperScales read_super_scales(TensorType type, const std::byte* const rows[kRowGroup]) {
  SuperScales out{};
  for (std::size_t r = 0; r < kRowGroup; ++r) {
    if (rows[r] == nullptr) continue;
    const auto* block = reinterpret_cast<const std::uint8_t*>(rows[r]);
    if (type == TensorType::kQ6_K) {
      std::memcpy(out.scales[r], block + 192, 16);
    } else {
      read_k_scales(block + 4, out.scales[r], out.scales[r] + 8);
    }
  }
  return out;
}

// Q6_K: the two halves' scales; Q4_K and Q5_K: scales, then minima.
std::byte* put_super_scales(TensorType type, const SuperScales& s, std::size_t block,
                            std::byte* dst) {
  const bool pairs = type == TensorType::kQ6_K;
  const std::size_t first = pairs ? 2 * block : block, second = pairs ? first + 1 : 8 + block;
  for (std::size_t r = 0; r < kRowGroup; ++r) {
    dst[r] = std::byte{s.scales[r][first]};
    dst[kRowGroup + r] = std::byte{s.scales[r][second]};
  }
  return dst + 2 * kRowGroup;
}

std::byte* put_codes(PackedLayout layout, const Tile& tile, std::size_t column, std::byte* dst) {
  switch (layout) {
    case PackedLayout::kHalf8:
    case PackedLayout::kWide:
      return put_bytes(tile, column, dst);
    case PackedLayout::kHalf5:
    case PackedLayout::kHalf5Min:
    case PackedLayout::kSuper5Min:
      return put_fifth_bits(tile, column, put_nibbles(tile, column, dst));
    case PackedLayout::kSuper6:
      return put_top_pairs(tile, column, put_nibbles(tile, column, dst));
    default:
      return put_nibbles(tile, column, dst);
  }
}

// One block of the type (32 or 256 columns) of 16 rows.
std::byte* pack_block(TensorType type, const std::byte* const rows[kRowGroup], std::byte* dst) {
  const PackedLayout layout = layout_of(type);
  Tile tile;
  read_tile(type, rows, tile);
  SuperScales super{};
  switch (layout) {
    case PackedLayout::kSuper4Min:
    case PackedLayout::kSuper5Min:
      dst = put_fields(rows, 2, 2, put_fields(rows, 0, 2, dst));
      super = read_super_scales(type, rows);
      break;
    case PackedLayout::kSuper6:
      dst = put_fields(rows, 208, 2, dst);
      super = read_super_scales(type, rows);
      break;
    case PackedLayout::kWide:
      std::memset(tile.scales, 0, sizeof(tile.scales));
      std::memset(tile.minima, 0, sizeof(tile.minima));
      for (std::size_t r = 0; r < kRowGroup; ++r) {
        if (rows[r] != nullptr) read_scales(type, rows[r], tile.scales[r], tile.minima[r]);
      }
      // A symmetric type becomes codes that mean code - 128, as Q8_0's do.
      if (const CodeTraits traits = code_traits(type); !traits.has_minimum) {
        for (auto& row : tile.codes) {
          for (auto& code : row) code = static_cast<std::uint8_t>(code + 128 - traits.offset);
        }
      }
      break;
    default:
      break;
  }
  for (std::size_t column = 0; column < traits_of(type).block_values; column += kBlock) {
    switch (layout) {
      case PackedLayout::kHalf4:
      case PackedLayout::kHalf5:
      case PackedLayout::kHalf8:
        dst = put_fields(rows, 0, 2, dst);
        break;
      case PackedLayout::kHalf4Min:
      case PackedLayout::kHalf5Min:
        dst = put_fields(rows, 2, 2, put_fields(rows, 0, 2, dst));
        break;
      case PackedLayout::kWide:
        dst = put_wide_scales(tile, column, dst);
        break;
      default:
        dst = put_super_scales(type, super, column / kBlock, dst);
        break;
    }
    dst = put_codes(layout, tile, column, dst);
  }
  return dst;
}

void pack_float_group(std::size_t number_bytes, const std::byte* const rows[kRowGroup],
                      std::size_t cols, std::byte* dst) {
  for (std::size_t c = 0; c < cols; ++c)
    dst = put_fields(rows, c * number_bytes, number_bytes, dst);
}

}  // namespace

std::size_t packed_group_bytes(TensorType type, std::size_t cols) {
  const PackedLayout layout = layout_of(type);
  if (layout == PackedLayout::kFloat) return cols * kRowGroup * traits_of(type).block_bytes;
  const LayoutTraits traits = traits_of(layout);
  return cols / kBlock * (traits.scale_bytes + traits.code_bytes) + cols / 256 * traits.super_bytes;
}

std::size_t packed_bytes(TensorType type, std::size_t rows, std::size_t cols) {
  return (rows + kRowGroup - 1) / kRowGroup * packed_group_bytes(type, cols);
}

void pack_groups(TensorType type, const std::byte* src, std::size_t rows, std::size_t cols,
                 std::size_t group_begin, std::size_t group_end, std::byte* dst) {
  const TensorTypeTraits& traits = traits_of(type);
  const std::size_t row_bytes = cols / traits.block_values * traits.block_bytes;
  for (std::size_t group = group_begin; group < group_end; ++group) {
    const std::byte* blocks[kRowGroup];
    for (std::size_t r = 0; r < kRowGroup; ++r) {
      const std::size_t row = group * kRowGroup + r;
      blocks[r] = row < rows ? src + row * row_bytes : nullptr;
    }
    std::byte* out = dst + group * packed_group_bytes(type, cols);
    if (layout_of(type) == PackedLayout::kFloat) {
      pack_float_group(traits.block_bytes, blocks, cols, out);
      continue;
    }
    for (std::size_t column = 0; column < cols; column += traits.block_values) {
      out = pack_block(type, blocks, out);
      for (const std::byte*& block : blocks) {
        if (block != nullptr) block += traits.block_bytes;
      }
    }
  }
}

}  // namespace engram
