#include "memory/trigram_filter.h"

#include <array>
#include <bit>
#include <cstring>

namespace engram {

namespace {

constexpr unsigned kMaxBits = 18;  // 32 KiB
constexpr std::size_t kMinWords = 1;
using Bitmap = std::array<std::uint64_t, (std::size_t{1} << kMaxBits) / 64>;

constexpr std::array<std::uint8_t, 256> make_fold() {
  std::array<std::uint8_t, 256> fold{};
  for (unsigned c = 0; c < 256; ++c) {
    fold[c] = static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  return fold;
}
constexpr std::array<std::uint8_t, 256> kFold = make_fold();

std::uint32_t fold_at(std::string_view s, std::size_t i) {
  return kFold[static_cast<std::uint8_t>(s[i])];
}

// The low bits must be good on their own: bitmaps are halved by dropping high ones.
std::uint32_t hash(std::uint32_t trigram) { return (trigram * 0x9e3779b1u) >> (32 - kMaxBits); }

bool folds_to_ascii_from_outside(std::string_view text) {
  return text.find("\u017f") != std::string_view::npos ||
         text.find("\u212a") != std::string_view::npos;
}

// Halves while the result stays at most 30 % full.
std::size_t shrink(Bitmap& bits) {
  std::size_t words = bits.size();
  while (words > kMinWords) {
    std::size_t set = 0;
    for (std::size_t i = 0; i < words / 2; ++i) {
      set += static_cast<std::size_t>(std::popcount(bits[i] | bits[i + words / 2]));
    }
    if (set * 10 > words / 2 * 64 * 3) break;
    for (std::size_t i = 0; i < words / 2; ++i) bits[i] |= bits[i + words / 2];
    words /= 2;
  }
  return words;
}

}  // namespace

std::string make_trigram_filter(std::string_view text) {
  if (folds_to_ascii_from_outside(text)) return {};
  thread_local Bitmap bits;
  bits.fill(0);
  std::uint32_t trigram = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    trigram = ((trigram << 8) | fold_at(text, i)) & 0xffffff;
    if (i < 2) continue;
    const std::uint32_t h = hash(trigram);
    bits[h / 64] |= std::uint64_t{1} << (h % 64);
  }
  const std::size_t words = shrink(bits);
  std::string out(words * 8, '\0');
  std::memcpy(out.data(), bits.data(), out.size());
  return out;
}

std::vector<std::uint32_t> trigram_hashes(std::string_view literal, bool ascii_only) {
  std::vector<std::uint32_t> hashes;
  for (std::size_t i = 0; i + 3 <= literal.size(); ++i) {
    const std::uint32_t a = fold_at(literal, i), b = fold_at(literal, i + 1),
                        c = fold_at(literal, i + 2);
    if (ascii_only && ((a | b | c) & 0x80) != 0) continue;
    hashes.push_back(hash(a << 16 | b << 8 | c));
  }
  return hashes;
}

bool may_contain(std::string_view filter, const std::vector<std::uint32_t>& hashes) {
  const std::size_t bits = filter.size() * 8;
  if (bits < 64 || !std::has_single_bit(bits) || bits > (std::size_t{1} << kMaxBits)) return true;
  for (const std::uint32_t h : hashes) {
    const std::size_t at = h & (bits - 1);
    if (((static_cast<std::uint8_t>(filter[at / 8]) >> (at % 8)) & 1) == 0) return false;
  }
  return true;
}

}  // namespace engram
