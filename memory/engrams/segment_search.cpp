// What finds the places of a segment by their contexts.
#include <algorithm>

#include "memory/engrams/segment.h"

namespace engram {
namespace {

// What is left of `in`, at most `most` long, to find the first one in whose symbol is not below
// `least`.
template <class SymbolOf>
Stretch halve(Stretch in, std::uint32_t most, std::uint32_t least, const SymbolOf& symbol_of) {
  while (in.size() > most) {
    const std::uint32_t middle = in.begin + in.size() / 2;
    if (symbol_of(middle) < least) {
      in.begin = middle + 1;
    } else {
      in.end = middle;
    }
  }
  return in;
}

// The first in `in` whose symbol is not below `least`; in.end for none.
template <class SymbolOf>
std::uint32_t first_not_below(Stretch in, std::uint32_t least, const SymbolOf& symbol_of) {
  return halve(in, 0, least, symbol_of).begin;
}

// Narrows `in`, a range of numbers, to where the first one whose key has a symbol not below
// `symbol` may be, by the keys of every `step`-th number.
Stretch between_samples(std::span<const std::uint64_t> samples, std::uint32_t step, Stretch in,
                        unsigned in_key, std::uint32_t symbol) {
  if (in.size() <= step) return in;
  const std::uint32_t first = (in.begin + step - 1) / step;
  const std::uint32_t end = (in.end - 1) / step + 1;
  if (end - first <= kSampleStep) {  // four cache lines: asked for at once
    for (std::uint32_t i = first; i < end; i += 8) __builtin_prefetch(&samples[i]);
  }
  const std::uint32_t low = first_not_below({first, end}, symbol, [&](std::uint32_t i) {
    return key_symbol(samples[i], in_key, kSampleKey);
  });
  if (low > first) in.begin = (low - 1) * step + 1;
  if (std::uint64_t{low} * step < in.end) in.end = low * step;
  return in;
}

}  // namespace

Stretch EngramSegment::after(std::uint32_t symbol) const {
  if (symbol == 0 || symbol > header_.alphabet) return {};
  const Stretch stretch{word(SegmentSection::kFirst, symbol),
                        word(SegmentSection::kFirst, symbol + 1)};
  // Checked when it was opened, but the file may have been truncated since, and reads as zeros, or
  // overwritten.
  const bool inside = stretch.begin <= stretch.end && stretch.end <= header_.places;
  return inside ? stretch : Stretch{};
}

// Where in `in` the first place whose symbol `depth` before is not below `symbol` may be. Of 100 M
// places the top samples take 0.8 MB: halving there stays in the processor's cache.
Stretch EngramSegment::bracket(Stretch in, std::uint32_t depth, std::uint32_t symbol) const {
  if (depth == 0 || depth > kSampleKey.count) return in;
  in = between_samples(top_samples_, kSampleStep * kSampleStep, in, depth - 1, symbol);
  return between_samples(samples_, kSampleStep, in, depth - 1, symbol);
}

std::uint32_t EngramSegment::first_from(Stretch in, std::uint32_t depth,
                                        std::uint32_t least) const {
  in = halve(in, kSampleStep, least, [&](std::uint32_t i) { return symbol_before(i, depth); });
  PlaceWindow window;
  read_places(in, window);
  return first_not_below(in, least,
                         [&](std::uint32_t i) { return symbol_before(window, i, depth); });
}

Stretch EngramSegment::narrow(Stretch stretch, std::uint32_t depth, std::uint32_t symbol) const {
  if (symbol == 0 || stretch.empty()) return {};
  const std::uint32_t begin = first_from(bracket(stretch, depth, symbol), depth, symbol);
  if (begin == stretch.end || symbol_before(begin, depth) != symbol) return {};
  // What is found is mostly short: double the step until the end is behind, then halve.
  PlaceWindow near;
  read_places({begin, std::min(stretch.end, begin + kSampleStep / 2)}, near);
  const auto symbol_of = [&](std::uint32_t i) {
    return i < near.of.end ? symbol_before(near, i, depth) : symbol_before(i, depth);
  };
  Stretch in{begin + 1, stretch.end};
  for (std::uint32_t step = 1; step < stretch.end - begin; step *= 2) {
    if (symbol_of(begin + step) != symbol) {
      in.end = begin + step;
      break;
    }
    in.begin = begin + step + 1;
  }
  return {begin, in.end <= near.of.end ? first_not_below(in, symbol + 1, symbol_of)
                                       : first_from(in, depth, symbol + 1)};
}

Stretch EngramSegment::narrow(const PlaceWindow& window, Stretch stretch, std::uint32_t depth,
                              std::uint32_t symbol) const {
  if (symbol == 0 || stretch.empty()) return {};
  const auto symbol_of = [&](std::uint32_t i) { return symbol_before(window, i, depth); };
  // After a long context mostly all of them agree, or none.
  const std::uint32_t least = symbol_of(stretch.begin), most = symbol_of(stretch.end - 1);
  if (symbol < least || most < symbol) return {};
  if (least == most) return stretch;
  const std::uint32_t begin = first_not_below(stretch, symbol, symbol_of);
  if (begin == stretch.end || symbol_of(begin) != symbol) return {};  // what is read may change
  return {begin, first_not_below({begin + 1, stretch.end}, symbol + 1, symbol_of)};
}

void EngramSegment::read_places(Stretch stretch, std::uint32_t* out) const {
  places_.read(stretch.begin, stretch.end, out);
  for (std::uint32_t i = 0; i < stretch.size(); ++i) {
    if (out[i] < header_.symbols) symbols_.prefetch(out[i]);
  }
}

}  // namespace engram
