#include "memory/engrams/place_array.h"

#include <algorithm>
#include <optional>

namespace engram {
namespace {

// How far a reference may go back: beyond, hardly any block is told that was not nearer, and text
// that repeats all through would be walked for long.
constexpr std::uint32_t kMostBack = 32;
constexpr std::uint32_t kNowhere = UINT32_MAX;
constexpr std::uint32_t kBlocksBetweenStops = 1U << 16U;
constexpr std::uint32_t kRanksAhead = 16;  // what is asked for before it is needed
constexpr std::uint32_t kBlocksAhead = 8;

class Referrer {
 public:
  Referrer(std::uint32_t positions, std::vector<std::uint32_t>& places, std::stop_token stop)
      : places_(places),
        stop_(std::move(stop)),
        rank_(positions, kNowhere),
        whole_blocks_(static_cast<std::uint32_t>(places.size() / kPlaceBlock)) {
    const auto n = static_cast<std::uint32_t>(places.size());
    for (std::uint32_t i = 0; i < n; ++i) {
      if (i + kRanksAhead < n) __builtin_prefetch(&rank_[places[i + kRanksAhead]], 1);
      rank_[places[i]] = i;
    }
    repeats_.resize(whole_blocks_ + 1, false);  // what is left of a block does not
  }

  Result<PlaceTables> run() {
    for (std::uint32_t b = 0; b < whole_blocks_; ++b) {
      if (stopped(b)) return cancelled();
      if (b + kBlocksAhead < whole_blocks_) ask_for(b + kBlocksAhead);
      repeats_[b] = neighbours(b, 1).has_value();
    }
    PlaceTables out;
    out.blocks.resize(place_block_groups(places_.size()));
    std::vector<bool> referred(whole_blocks_, false);
    for (std::uint32_t b = 0; b < whole_blocks_; ++b) {
      if (stopped(b)) return cancelled();
      referred[b] = repeats_[b] && refer(b, out.references);
    }
    take_out(referred, out.blocks);
    return out;
  }

 private:
  bool stopped(std::uint32_t block) const {
    return block % kBlocksBetweenStops == 0 && stop_.stop_requested();
  }
  static Error cancelled() { return {Errc::kCancelled, "telling places by others was stopped"}; }

  // Where its places stand one token earlier is to be in the cache when it is looked at.
  void ask_for(std::uint32_t block) const {
    const std::uint32_t* p = &places_[block * kPlaceBlock];
    for (std::uint32_t i = 0; i < kPlaceBlock; ++i) __builtin_prefetch(&rank_[p[i] - 1]);
  }

  // Where the places of a block stand `back` tokens earlier, if they are neighbours there.
  std::optional<std::uint32_t> neighbours(std::uint32_t block, std::uint32_t back) const {
    const std::uint32_t* p = &places_[block * kPlaceBlock];
    if (p[0] < back) return std::nullopt;
    const std::uint32_t first = rank_[p[0] - back];
    if (first == kNowhere) return std::nullopt;
    for (std::uint32_t i = 1; i < kPlaceBlock; ++i) {
      if (p[i] < back || rank_[p[i] - back] != first + i) return std::nullopt;
    }
    return first;
  }

  bool refer(std::uint32_t block, std::string& references) const {
    for (std::uint32_t back = 1; back <= kMostBack; ++back) {
      const std::optional<std::uint32_t> first = neighbours(block, back);
      if (!first) return false;
      // What does not repeat is never told by a reference.
      if (repeats_[*first / kPlaceBlock]) continue;
      if (repeats_[(*first + kPlaceBlock - 1) / kPlaceBlock]) continue;
      references.append(reinterpret_cast<const char*>(&*first), sizeof(*first));
      references.push_back(static_cast<char>(back));
      return true;
    }
    return false;
  }

  void take_out(const std::vector<bool>& referred, std::vector<PlaceBlocks>& groups) {
    std::uint32_t literals = 0;
    for (std::uint32_t b = 0; b < whole_blocks_; ++b) {
      PlaceBlocks& group = groups[b / kBlocksInGroup];
      if (b % kBlocksInGroup == 0) group.literals_before = literals;
      if (referred[b]) {
        group.referred |= std::uint32_t{1} << b % kBlocksInGroup;
      } else {
        move_block(b, literals++);
      }
    }
    // Of the last block, if it is not whole.
    const std::size_t rest = places_.size() % kPlaceBlock;
    if (rest != 0 && whole_blocks_ % kBlocksInGroup == 0) {
      groups[whole_blocks_ / kBlocksInGroup].literals_before = literals;
    }
    if (rest != 0) move_block(whole_blocks_, literals);
    places_.resize(std::size_t{literals} * kPlaceBlock + rest);
  }
  void move_block(std::uint32_t from, std::uint32_t to) {
    const auto at = places_.begin() + std::ptrdiff_t{from} * kPlaceBlock;
    const auto end = std::min(at + kPlaceBlock, places_.end());
    std::copy(at, end, places_.begin() + std::ptrdiff_t{to} * kPlaceBlock);
  }

  std::vector<std::uint32_t>& places_;
  std::stop_token stop_;
  std::vector<std::uint32_t> rank_;  // by position
  std::uint32_t whole_blocks_;
  std::vector<bool> repeats_;  // by block
};

}  // namespace

Result<PlaceTables> refer_to_repeats(std::uint32_t positions, std::vector<std::uint32_t>& places,
                                     std::stop_token stop) {
  return Referrer(positions, places, std::move(stop)).run();
}

void PlaceArray::copy_literals(std::uint64_t at, std::uint32_t n, std::uint32_t* out) const {
  if (at > n_literals_ || n > n_literals_ - at) {
    std::fill_n(out, n, 0);
    return;
  }
  for (std::uint32_t i = 0; i < n; ++i) out[i] = literals_[at + i];
}

void PlaceArray::copy_referred(Reference to, std::uint32_t in_block, std::uint32_t n,
                               std::uint32_t* out) const {
  if (to.first >= count_ || in_block + n > count_ - to.first) {
    std::fill_n(out, n, 0);
    return;
  }
  for (std::uint32_t i = to.first + in_block; n > 0;) {  // one block or two
    const Block block = block_with(i);
    const std::uint32_t here = std::min(n, kPlaceBlock - i % kPlaceBlock);
    if (block.referred) {
      std::fill_n(out, here, 0);
    } else {
      copy_literals(std::uint64_t{block.number} * kPlaceBlock + i % kPlaceBlock, here, out);
      for (std::uint32_t k = 0; k < here; ++k) out[k] += to.back;
    }
    i += here;
    n -= here;
    out += here;
  }
}

void PlaceArray::read(std::uint32_t begin, std::uint32_t end, std::uint32_t* out) const {
  while (begin < end) {
    const std::uint32_t in_block = begin % kPlaceBlock, index = begin / kPlaceBlock;
    const PlaceBlocks group = group_of(index);
    const Block block = block_in(group, index);
    // Blocks that are not referred to lie one after the other.
    std::uint32_t blocks = 1;
    if (!block.referred) {
      const std::uint32_t from_here = group.referred >> index % kBlocksInGroup;
      const std::uint32_t left = kBlocksInGroup - index % kBlocksInGroup;
      blocks = std::min(left, static_cast<std::uint32_t>(std::countr_zero(from_here)));
    }
    const std::uint32_t n = std::min(end - begin, blocks * kPlaceBlock - in_block);
    if (block.referred) {
      copy_referred(reference(block), in_block, n, out);
    } else {
      copy_literals(std::uint64_t{block.number} * kPlaceBlock + in_block, n, out);
    }
    begin += n;
    out += n;
  }
}

}  // namespace engram
