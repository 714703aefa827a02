#include "memory/semantic/source_pool.h"

#include <algorithm>

namespace engram {

namespace {

// Calls f(member) for each part, in the order of positions.
template <class F>
void for_each_part(F f) {
  f(&SourcePool::uses);
  f(&SourcePool::links);
  f(&SourcePool::extents);
  f(&SourcePool::inclusions);
  f(&SourcePool::inactive);
  f(&SourcePool::diagnostics);
}

void append_position(PoolRuns& runs, std::uint32_t at) {
  if (!runs.empty() && runs.back().second == at) {
    ++runs.back().second;
  } else {
    runs.emplace_back(at, at + 1);
  }
}

}  // namespace

void SourcePool::normalize() {
  for_each_part([this](auto part) {
    auto& items = this->*part;
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
  });
}

PoolRuns runs_in(const SourcePool& pool, const SourcePool& part) {
  PoolRuns runs;
  std::uint32_t first = 0;  // position of the part's first item
  for_each_part([&](auto member) {
    const auto& all = pool.*member;
    auto at = all.begin();
    for (const auto& item : part.*member) {
      // Views are mostly the whole pool: the next item is nearly always the one.
      if (*at != item) at = std::lower_bound(at, all.end(), item);
      append_position(runs, first + static_cast<std::uint32_t>(at - all.begin()));
      ++at;
    }
    first += static_cast<std::uint32_t>(all.size());
  });
  return runs;
}

PoolRuns united(const PoolRuns& a, const PoolRuns& b) {
  PoolRuns all, out;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  for (const auto& run : all) {
    if (!out.empty() && run.first <= out.back().second) {
      out.back().second = std::max(out.back().second, run.second);
    } else {
      out.push_back(run);
    }
  }
  return out;
}

PoolRuns complement(const PoolRuns& runs, std::uint32_t size) {
  PoolRuns out;
  std::uint32_t at = 0;
  for (const auto& [begin, end] : runs) {
    if (begin > at) out.emplace_back(at, begin);
    at = end;
  }
  if (at < size) out.emplace_back(at, size);
  return out;
}

SourcePool united(const SourcePool& a, const SourcePool& b) {
  SourcePool out;
  for_each_part([&](auto part) {
    (out.*part).reserve(std::max((a.*part).size(), (b.*part).size()));
    std::set_union((a.*part).begin(), (a.*part).end(), (b.*part).begin(), (b.*part).end(),
                   std::back_inserter(out.*part));
  });
  return out;
}

SourcePool picked(const SourcePool& pool, const PoolRuns& runs) {
  SourcePool out;
  std::uint32_t first = 0;
  auto run = runs.begin();
  for_each_part([&](auto part) {
    const auto& items = pool.*part;
    const auto last = first + static_cast<std::uint32_t>(items.size());
    for (; run != runs.end() && run->first < last; ++run) {
      const auto begin = std::max(run->first, first) - first;
      const auto end = std::min(run->second, last) - first;
      (out.*part).insert((out.*part).end(), items.begin() + begin, items.begin() + end);
      if (run->second > last) break;  // goes on in the next part
    }
    first = last;
  });
  return out;
}

std::vector<std::pair<SymbolNumber, std::uint8_t>> symbols_in(const SourcePool& pool) {
  std::vector<std::pair<SymbolNumber, std::uint8_t>> all;
  all.reserve(pool.uses.size() + 2 * pool.links.size() + pool.extents.size());
  for (const PooledUse& use : pool.uses) {
    unsigned role = kSourceUses;
    if ((use.roles & kRoleDeclaration) != 0) role |= kSourceDeclares;
    if ((use.roles & kRoleDefinition) != 0) role |= kSourceDefines;
    if (!all.empty() && all.back().first == use.symbol) {
      all.back().second = static_cast<std::uint8_t>(all.back().second | role);
    } else {
      all.emplace_back(use.symbol, static_cast<std::uint8_t>(role));
    }
  }
  for (const SemanticLink& link : pool.links) {
    all.emplace_back(link.from, kSourceLinksFrom);
    all.emplace_back(link.to, kSourceLinksTo);
  }
  for (const SemanticExtent& extent : pool.extents) {
    all.emplace_back(extent.symbol, kSourceExtent);
  }
  std::sort(all.begin(), all.end());
  std::size_t n = 0;
  for (const auto& [symbol, role] : all) {
    if (n > 0 && all[n - 1].first == symbol) {
      all[n - 1].second = static_cast<std::uint8_t>(all[n - 1].second | role);
    } else {
      all[n++] = {symbol, role};
    }
  }
  all.resize(n);
  return all;
}

}  // namespace engram
