// indexer/semantic/shared_prefixes.h: which system headers translation units can begin with in
// common, and in which order the units should come so that each is read once.
//
// A tree: at its root the headers that all units of a command include; then one divides the units
// into those with it and those without, and so on. Which one should, what it adds to those read or
// how many want it, is tried in several proportions, and the tree kept that leaves least to read. A
// unit's prefix is its path, in parts that end where the tree forks. Units that come in the order
// of the tree read every part once (engram-clang-worker keeps the path it stands on). What one unit
// alone includes is in no prefix.
//
// Threads: plain values.  Errors: none.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "indexer/semantic/header_sizes.h"

namespace engram {

struct HeadersOfUnit {
  std::string command;               // only units with equal ones share
  std::vector<std::string> headers;  // system headers it includes somewhere, by name; sorted
};

class SharedPrefixes {
 public:
  // How much a unit's headers bring.
  using SizesFor = std::function<HeaderSizes(std::size_t unit)>;

  SharedPrefixes() = default;
  SharedPrefixes(const std::vector<HeadersOfUnit>& units, const SizesFor& sizes);

  // Where the unit comes.
  std::uint32_t position(std::size_t unit) const { return positions_[unit]; }
  std::vector<std::vector<std::string>> prefix(std::size_t unit) const;

 private:
  using List = std::vector<std::uint32_t>;  // into names_
  using Units = std::vector<std::uint32_t>;
  struct Branch {
    Units units;
    List path;
    HeaderSizes::Read read;
  };
  struct Tree {
    Units order;
    std::vector<List> paths;  // by place in `order`
    std::uint64_t cost = 0;   // bytes read
  };
  void add_command(const std::vector<HeadersOfUnit>& units, Units members, HeaderSizes sizes);
  void grow(Branch branch, double weight_of_count, HeaderSizes& sizes, Tree& tree) const;
  std::uint32_t best_for(const Branch& branch, double weight_of_count, HeaderSizes& sizes,
                         std::size_t& wanted_by) const;
  void add_leaves(const Branch& branch, HeaderSizes& sizes, Tree& tree) const;
  bool includes(std::uint32_t unit, std::uint32_t name) const;
  void cut(const Units& order);

  std::vector<std::string> names_;
  std::vector<List> headers_;             // by unit, sorted; empty once its command is done
  std::vector<List> paths_;               // by unit
  std::vector<List> cuts_;                // by unit: where parts of its path end
  std::vector<std::uint32_t> positions_;  // by unit
  Units order_;
};

}  // namespace engram
