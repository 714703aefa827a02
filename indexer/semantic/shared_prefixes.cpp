#include "indexer/semantic/shared_prefixes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

namespace engram {

SharedPrefixes::SharedPrefixes(const std::vector<HeadersOfUnit>& units, const SizesFor& sizes)
    : headers_(units.size()), paths_(units.size()), cuts_(units.size()), positions_(units.size()) {
  std::map<std::string_view, Units> commands;
  for (std::uint32_t i = 0; i < units.size(); ++i) commands[units[i].command].push_back(i);
  for (auto& [command, members] : commands) {
    const std::uint32_t any = members.front();
    if (members.size() > 1) {
      add_command(units, std::move(members), sizes(any));
    } else {
      order_.push_back(any);
    }
  }
  for (std::uint32_t i = 0; i < order_.size(); ++i) positions_[order_[i]] = i;
}

void SharedPrefixes::add_command(const std::vector<HeadersOfUnit>& units, Units members,
                                 HeaderSizes sizes) {
  std::map<std::string_view, std::uint32_t> numbers;
  for (const std::uint32_t unit : members) {
    for (const std::string& name : units[unit].headers) {
      const auto [it, is_new] =
          numbers.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
      if (is_new) names_.push_back(name);
      headers_[unit].push_back(it->second);
    }
    std::sort(headers_[unit].begin(), headers_[unit].end());
  }
  Tree best;
  for (const double weight_of_count : {1.0, 2.0, 4.0, 12.0}) {
    Tree tree;
    grow({members, {}, {}}, weight_of_count, sizes, tree);
    if (best.order.empty() || tree.cost < best.cost) best = std::move(tree);
  }
  for (std::size_t i = 0; i < best.order.size(); ++i) {
    paths_[best.order[i]] = std::move(best.paths[i]);
  }
  cut(best.order);
  order_.insert(order_.end(), best.order.begin(), best.order.end());
  for (const std::uint32_t unit : members) headers_[unit] = {};
}

bool SharedPrefixes::includes(std::uint32_t unit, std::uint32_t name) const {
  return std::binary_search(headers_[unit].begin(), headers_[unit].end(), name);
}

// The header that divides the branch; `wanted_by` below two: there is none.
std::uint32_t SharedPrefixes::best_for(const Branch& branch, double weight_of_count,
                                       HeaderSizes& sizes, std::size_t& wanted_by) const {
  std::map<std::uint32_t, std::size_t> uses;
  for (const std::uint32_t unit : branch.units) {
    for (const std::uint32_t name : headers_[unit]) ++uses[name];
  }
  for (const std::uint32_t name : branch.path) uses.erase(name);
  std::uint32_t best = 0;
  double best_score = 0;
  wanted_by = 0;
  for (const auto& [name, count] : uses) {
    if (count < 2) continue;
    if (count == branch.units.size()) {  // divides nothing
      wanted_by = count;
      return name;
    }
    const auto added = static_cast<double>(sizes.would_add(names_[name], branch.read) + 1);
    const double score = added * std::pow(static_cast<double>(count - 1), weight_of_count);
    if (score <= best_score) continue;
    best = name;
    best_score = score;
    wanted_by = count;
  }
  return best;
}

void SharedPrefixes::grow(Branch branch, double weight_of_count, HeaderSizes& sizes,
                          Tree& tree) const {
  while (true) {
    std::size_t wanted_by = 0;
    const std::uint32_t name = best_for(branch, weight_of_count, sizes, wanted_by);
    if (wanted_by < 2) break;
    Branch with = branch;
    with.path.push_back(name);
    tree.cost += sizes.add(names_[name], with.read);
    if (wanted_by == branch.units.size()) {
      branch = std::move(with);
      continue;
    }
    const auto wants = [&](std::uint32_t unit) { return includes(unit, name); };
    std::erase_if(with.units, [&](std::uint32_t unit) { return !wants(unit); });
    std::erase_if(branch.units, wants);
    grow(std::move(with), weight_of_count, sizes, tree);
  }
  add_leaves(branch, sizes, tree);
}

void SharedPrefixes::add_leaves(const Branch& branch, HeaderSizes& sizes, Tree& tree) const {
  for (const std::uint32_t unit : branch.units) {
    HeaderSizes::Read read = branch.read;
    for (const std::uint32_t name : headers_[unit]) tree.cost += sizes.add(names_[name], read);
    tree.order.push_back(unit);
    tree.paths.push_back(branch.path);
  }
}

// A part ends where paths before or behind leave this one: at the smallest lengths shared with
// them, seen from here.
void SharedPrefixes::cut(const Units& order) {
  List shared;  // by a unit and the next
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const List &a = paths_[order[i]], &b = paths_[order[i + 1]];
    const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
    shared.push_back(static_cast<std::uint32_t>(end - a.begin()));
  }
  std::vector<std::set<std::uint32_t>> ends(order.size());
  const auto step = [](std::set<std::uint32_t>& from_here, std::uint32_t length) {
    from_here.erase(from_here.lower_bound(length), from_here.end());
    if (length > 0) from_here.insert(length);
  };
  std::set<std::uint32_t> before, behind;
  for (std::size_t i = 0; i < shared.size(); ++i) {
    step(before, shared[i]);
    ends[i + 1].insert(before.begin(), before.end());
    const std::size_t j = shared.size() - 1 - i;
    step(behind, shared[j]);
    ends[j].insert(behind.begin(), behind.end());
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    cuts_[order[i]].assign(ends[i].begin(), ends[i].end());
  }
}

std::vector<std::vector<std::string>> SharedPrefixes::prefix(std::size_t unit) const {
  std::vector<std::vector<std::string>> parts;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : cuts_[unit]) {
    auto& part = parts.emplace_back();
    for (; begin < end; ++begin) part.push_back(names_[paths_[unit][begin]]);
  }
  return parts;
}

}  // namespace engram
