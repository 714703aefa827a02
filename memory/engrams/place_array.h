// memory/engrams/place_array.h: the places of a segment in their order, what repeats told once.
//
// Text that stands at many places stands there with what comes before it: where eight neighbours in
// the order are the positions p and, `back` tokens earlier, the positions p - back are neighbours
// too, the eight are told by where those stand. (A locally compressed suffix array, of one level:
// Gonzalez and Navarro, "Compressed text indexes with fast locate", CPM 2007.) Three sections:
//
//   blocks      PlaceBlocks for each 32 blocks of 8 places: which are told by a reference, and how
//               many blocks before them are not
//   places      packed: those of the other blocks one after the other
//   references  5 bytes each: u32 where in the order the first of the eight of them stands, u8 back
//
// A reference leads to places that are not told by one themselves: each is read in one step.
//
// Threads: PlaceArray is immutable, thread-safe.  Errors: damaged bytes give some number or 0,
// never a wrong access.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "memory/engrams/packed_array.h"

namespace engram {

inline constexpr std::uint32_t kPlaceBlock = 8;
inline constexpr std::uint32_t kBlocksInGroup = 32;
inline constexpr std::size_t kPlaceReferenceBytes = 5;

struct PlaceBlocks {
  std::uint32_t referred = 0;         // bit i: block i of the group is told by a reference
  std::uint32_t literals_before = 0;  // blocks of all groups before that are not
};
inline std::uint64_t place_block_groups(std::uint64_t places) {
  const std::uint64_t group = std::uint64_t{kPlaceBlock} * kBlocksInGroup;
  return (places + group - 1) / group;
}

struct PlaceTables {  // as written
  std::vector<PlaceBlocks> blocks;
  std::string references;
};
// Takes the places that are told by a reference out of `places`; `positions` is how many the text
// has, borders included. REQUIRES: none is 0. 4 bytes a position while it runs. Errors: kCancelled.
Result<PlaceTables> refer_to_repeats(std::uint32_t positions, std::vector<std::uint32_t>& places,
                                     std::stop_token stop = {});

class PlaceArray {
 public:
  PlaceArray() = default;
  // REQUIRES: place_block_groups(count) blocks, count - 8 for each reference packed places.
  PlaceArray(std::span<const std::byte> blocks, const std::byte* places, unsigned width,
             std::span<const std::byte> references, std::uint32_t count)
      : blocks_(blocks.data()),
        references_(references.data()),
        literals_(places, width),
        n_references_(static_cast<std::uint32_t>(references.size() / kPlaceReferenceBytes)),
        n_literals_(count - n_references_ * kPlaceBlock),
        count_(count) {}

  // REQUIRES: i < the number of places.
  std::uint32_t operator[](std::uint32_t i) const {
    const Block block = block_with(i);
    const std::uint64_t at = std::uint64_t{block.number} * kPlaceBlock + i % kPlaceBlock;
    if (!block.referred) return at < n_literals_ ? literals_[at] : 0;
    std::uint32_t place = 0;
    copy_referred(reference(block), i % kPlaceBlock, 1, &place);
    return place;
  }
  // Of [begin, end) into out. REQUIRES: begin <= end <= the number of places; room in `out`.
  void read(std::uint32_t begin, std::uint32_t end, std::uint32_t* out) const;

 private:
  struct Block {
    bool referred = false;
    std::uint32_t number = 0;  // among the referred ones, or among the others
  };
  struct Reference {
    std::uint32_t first = 0, back = 0;
  };

  PlaceBlocks group_of(std::uint32_t block) const {
    PlaceBlocks group;
    std::memcpy(&group, blocks_ + std::size_t{block / kBlocksInGroup} * sizeof(group),
                sizeof(group));
    return group;
  }
  static Block block_in(PlaceBlocks group, std::uint32_t block) {
    const std::uint32_t in_group = block % kBlocksInGroup;
    const std::uint32_t before = ~group.referred & ((std::uint32_t{1} << in_group) - 1);
    const std::uint32_t literals =
        group.literals_before + static_cast<std::uint32_t>(std::popcount(before));
    const bool referred = (group.referred >> in_group & 1) != 0;
    return {referred, referred ? block - literals : literals};
  }
  Block block_with(std::uint32_t i) const {
    return block_in(group_of(i / kPlaceBlock), i / kPlaceBlock);
  }
  Reference reference(Block block) const {
    Reference out;
    if (block.number >= n_references_) return out;
    const std::byte* at = references_ + block.number * kPlaceReferenceBytes;
    std::memcpy(&out.first, at, sizeof(out.first));
    out.back = static_cast<std::uint32_t>(at[sizeof(out.first)]);
    return out;
  }
  // The literal places from the `at`-th on; those that a block is told by. 0 where there are none.
  void copy_literals(std::uint64_t at, std::uint32_t n, std::uint32_t* out) const;
  void copy_referred(Reference to, std::uint32_t in_block, std::uint32_t n,
                     std::uint32_t* out) const;

  const std::byte* blocks_ = nullptr;
  const std::byte* references_ = nullptr;
  PackedArray literals_;
  std::uint32_t n_references_ = 0, n_literals_ = 0, count_ = 0;
};

}  // namespace engram
