#include "memory/semantic/pool_runs.h"

#include <algorithm>

namespace engram {

void append_runs(std::string& out, const PoolRuns& runs) {
  append_varint(out, runs.size());
  std::uint32_t at = 0;
  for (const auto& [begin, end] : runs) {
    append_varint(out, begin - at);
    append_varint(out, end - begin);
    at = end;
  }
}

PoolRuns read_runs(ByteReader& in, std::uint32_t size) {
  PoolRuns runs;
  std::uint64_t at = 0;
  for (std::size_t n = in.count(2); n > 0 && in.ok(); --n) {
    const std::uint64_t begin = at + in.varint32();
    const std::uint64_t end = begin + in.varint32();
    if (end > size || end == begin || (at > 0 && begin == at)) in.fail();
    if (!in.ok()) break;
    runs.emplace_back(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
    at = end;
  }
  return runs;
}

bool contains(const PoolRuns& runs, std::uint32_t position) {
  const auto after =
      std::upper_bound(runs.begin(), runs.end(), position,
                       [](std::uint32_t at, const auto& run) { return at < run.first; });
  return after != runs.begin() && position < (after - 1)->second;
}

}  // namespace engram
