#include "memory/engrams/lookup.h"

#include <algorithm>
#include <string>
#include <utility>

#include "memory/engrams/view_part.h"

namespace engram {

namespace {

// Looking for places of the same file in a long stretch gives up after so many.
constexpr std::uint32_t kSearchedForSameFile = 4096;

// The stretches of the last 1, 2, ... tokens; returns how many are not empty.
std::size_t find_stretches(const EngramSegment& segment, std::span<const EngramToken> context,
                           std::size_t longest, std::span<Stretch> stretches) {
  std::size_t n = 0;
  Stretch stretch;
  for (; n < longest && n < context.size(); ++n) {
    const std::uint32_t symbol = segment.symbol_of(context[context.size() - 1 - n]);
    stretch = n == 0 ? segment.after(symbol)
                     : segment.narrow(stretch, static_cast<std::uint32_t>(n), symbol);
    if (stretch.empty()) break;
    stretches[n] = stretch;
  }
  return n;
}

// Counts by token; empties itself in time proportional to what was counted.
class Tally {
 public:
  void resize(std::size_t vocabulary) {
    if (counts_.size() < vocabulary) counts_.resize(vocabulary);
  }
  void add(EngramToken token, std::uint32_t count, std::uint32_t same_file) {
    Count& c = counts_[static_cast<std::size_t>(token)];
    if (c.all == 0) seen_.push_back(token);
    c.all += count;
    c.same_file += same_file;
  }
  std::size_t distinct() const { return seen_.size(); }
  void take_ranked(std::vector<NextToken>& out) {
    out.clear();
    for (const EngramToken token : seen_) {
      Count& c = counts_[static_cast<std::size_t>(token)];
      out.push_back({token, c.all, c.same_file});
      c = {};
    }
    seen_.clear();
    const std::size_t n = std::min(out.size(), ContextMatch::kMaxNext);
    std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), out.end(),
                      [](const NextToken& a, const NextToken& b) {
                        return a.count != b.count ? a.count > b.count : a.token < b.token;
                      });
    out.resize(n);
  }

 private:
  struct Count {
    std::uint32_t all = 0, same_file = 0;
  };
  std::vector<Count> counts_;
  std::vector<EngramToken> seen_;
};

struct ScannedPlace {
  EngramToken token = kEngramCut;  // that follows; kEngramCut when the place does not count
  bool same_file = false;
};

}  // namespace

// What a lookup needs besides its answer, kept per thread.
struct EngramView::Scratch {
  struct OfPart {
    std::array<Stretch, kMaxEngramContext> stretches;
    std::size_t depth = 0;
    // The longest stretch that is scanned, read once: shorter ones lie inside.
    std::uint32_t scanned_from = 0;
    std::vector<ScannedPlace> scanned;
  };
  std::vector<OfPart> parts;
  Tally tally;
  std::vector<SymbolCount> counts;
  bool incomplete = false;  // a part's list of next tokens was cut off

  void find(const Part& part, std::span<const EngramToken> context, std::size_t longest,
            OfPart& out) {
    out.depth = find_stretches(*part.segment, context, longest, out.stretches);
    out.scanned.clear();
    for (std::size_t n = 0; n < out.depth; ++n) {
      if (out.stretches[n].size() > kScannedPlaces) continue;
      scan(part, out.stretches[n], out);
      break;
    }
  }

  void scan(const Part& part, Stretch stretch, OfPart& out) {
    const EngramSegment& segment = *part.segment;
    out.scanned_from = stretch.begin;
    out.scanned.resize(stretch.size());
    for (std::uint32_t i = 0; i < stretch.size(); ++i) {
      const std::uint32_t position = segment.place(stretch.begin + i);
      ScannedPlace& place = out.scanned[i];
      place.token =
          part.counts(position) ? segment.token_of(segment.symbol_at(position)) : kEngramCut;
      place.same_file = part.is_same_file(position);
    }
  }

  // Adds one part's places after n + 1 tokens to the tally.
  void add(const Part& part, const OfPart& found, std::size_t n, ContextMatch& match) {
    const Stretch stretch = found.stretches[n];
    if (stretch.size() <= kScannedPlaces) {
      for (std::uint32_t i = stretch.begin; i < stretch.end; ++i) {
        const ScannedPlace& place = found.scanned[i - found.scanned_from];
        if (place.token == kEngramCut) continue;
        tally.add(place.token, 1, place.same_file ? 1 : 0);
        ++match.occurrences;
      }
      return;
    }
    const std::uint32_t distinct =
        part.segment->frequent().find(stretch.begin, stretch.end, counts);
    for (const SymbolCount& c : counts) {
      const EngramToken token = part.segment->token_of(c.symbol);
      if (token != kEngramCut) tally.add(token, c.count, part.all_same_file ? c.count : 0);
    }
    match.occurrences += stretch.size();
    match.distinct = std::max<std::uint64_t>(match.distinct, distinct);
    if (!part.left_out.empty() || distinct == 0) match.exact = false;
    incomplete = incomplete || distinct > counts.size();
  }
};

void EngramView::look_up(std::span<const EngramToken> context, LookupAnswer& answer,
                         std::size_t longest) const {
  thread_local Scratch scratch;
  scratch.tally.resize(vocabulary_->size());
  if (scratch.parts.size() < parts_.size()) scratch.parts.resize(parts_.size());
  longest = std::min(longest, kMaxEngramContext);
  std::size_t depth = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    scratch.find(parts_[i], context, longest, scratch.parts[i]);
    depth = std::max(depth, scratch.parts[i].depth);
  }
  answer.size_ = 0;
  for (std::size_t n = depth; n-- > 0;) {
    ContextMatch& match = answer.matches_[answer.size_];
    match.length = static_cast<std::uint32_t>(n + 1);
    match.occurrences = match.distinct = 0;
    match.exact = true;
    scratch.incomplete = false;
    std::size_t parts_in = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (n >= scratch.parts[i].depth) continue;
      scratch.add(parts_[i], scratch.parts[i], n, match);
      ++parts_in;
    }
    // A list that was cut off is exact by itself, not in a sum.
    if (scratch.incomplete && parts_in > 1) match.exact = false;
    match.distinct = std::max<std::uint64_t>(match.distinct, scratch.tally.distinct());
    scratch.tally.take_ranked(match.next);
    if (match.occurrences > 0) ++answer.size_;
  }
}

std::vector<EngramPosition> EngramView::positions(std::span<const EngramToken> context,
                                                  std::size_t length, std::size_t limit) const {
  std::vector<EngramPosition> out;
  length = std::min(length, kMaxEngramContext);
  if (length == 0 || context.size() < length) return out;
  std::vector<Stretch> stretch_of(parts_.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    std::array<Stretch, kMaxEngramContext> stretches;
    const std::size_t n = find_stretches(*parts_[i].segment, context, length, stretches);
    if (n == length) stretch_of[i] = stretches[n - 1];
  }
  for (const bool same_file : {true, false}) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      if (same_file && !part.all_same_file && part.same_file.empty()) continue;
      // Neighbours in the order share more than was asked for: spread over the whole stretch, or
      // of the saved file, which is a few among many, over as much as may be looked through.
      const std::uint64_t size = stretch_of[i].size();
      const std::uint64_t most =
          same_file && !part.all_same_file ? kSearchedForSameFile : limit - out.size();
      const std::uint64_t looked_at = std::min(size, most);
      for (std::uint64_t k = 0; k < looked_at && out.size() < limit; ++k) {
        const auto step = static_cast<std::uint32_t>(k * size / looked_at);
        const std::uint32_t position = part.segment->place(stretch_of[i].begin + step);
        if (part.is_same_file(position) == same_file && part.counts(position)) {
          out.push_back({static_cast<std::uint32_t>(i), position});
        }
      }
    }
  }
  return out;
}

void EngramView::for_each(std::span<const EngramToken> context,
                          const std::function<bool(EngramPosition)>& visit) const {
  if (context.empty() || context.size() > kMaxEngramContext) return;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    std::array<Stretch, kMaxEngramContext> stretches;
    const std::size_t n = find_stretches(*part.segment, context, kMaxEngramContext, stretches);
    if (n < context.size()) continue;
    for (std::uint32_t j = stretches[n - 1].begin; j < stretches[n - 1].end; ++j) {
      const std::uint32_t position = part.segment->place(j);
      if (!part.counts(position)) continue;
      if (!visit({static_cast<std::uint32_t>(i), position})) return;
    }
  }
}

void EngramCursor::append(std::span<const EngramToken> tokens) {
  if (tokens.empty()) return;
  context_.insert(context_.end(), tokens.begin(), tokens.end());
  if (context_.size() > kMaxEngramContext) {
    context_.erase(context_.begin(), context_.end() - kMaxEngramContext);
  }
  answered_ = false;
}

const LookupAnswer& EngramCursor::answer() const {
  if (!answered_) view_->look_up(context_, answer_);
  answered_ = true;
  return answer_;
}

}  // namespace engram
