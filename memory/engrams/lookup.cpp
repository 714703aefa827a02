#include "memory/engrams/lookup.h"

#include <algorithm>
#include <string>
#include <utility>

#include "memory/engrams/context_stretches.h"
#include "memory/engrams/next_tally.h"
#include "memory/engrams/view_part.h"

namespace engram {

namespace {

// Where some of the contents do not count, a summary is an estimate: then more is read.
constexpr std::uint32_t kScannedWhereSomeAreLeftOut = 1024;
// Looking in a long stretch for places of the same file, or that count, gives up after so many.
constexpr std::uint32_t kSearchedPlaces = 4096;

// Whether place `i` is one of `n` spread evenly over `size` of them.
bool is_sampled(std::uint64_t i, std::uint64_t n, std::uint64_t size) {
  const std::uint64_t k = (i * n + size - 1) / size;
  return k < n && k * size / n == i;
}

struct ScannedPlace {
  EngramToken token = kEngramCut;  // that follows; kEngramCut when the place does not count
  bool same_file = false;
};

}  // namespace

// What a lookup needs besides its answer, kept per thread.
struct EngramView::Scratch {
  struct OfPart {
    ContextStretches stretches;
    std::uint32_t most_scanned = kScannedPlaces;
    // What was read of the order: those of longer contexts lie inside.
    Stretch scanned_stretch;
    std::vector<ScannedPlace> scanned;
    std::vector<std::uint32_t> places;  // where they are more than a window has
  };
  std::vector<OfPart> parts;
  bool every_length = true;  // is asked for
  NextTally tally;
  std::vector<SymbolCount> counts;
  bool incomplete = false;  // a part's list of next tokens was cut off

  void find(const Part& part, std::span<const EngramToken> context, std::size_t longest,
            OfPart& out) {
    find_stretches(*part.segment, context, longest, out.stretches);
    out.most_scanned = part.left_out.empty() ? kScannedPlaces : kScannedWhereSomeAreLeftOut;
    out.scanned_stretch = {};
  }

  // Reads the places after n + 1 tokens; where every length is asked for, or one has been read
  // already, those after as few tokens as there are not too many: no place is read three times.
  void scan(const Part& part, std::size_t n, OfPart& out) {
    const auto& of = out.stretches.of;
    if (out.scanned_stretch.contains(of[n])) return;
    const bool widest = every_length || !out.scanned_stretch.empty();
    while (widest && n > 0 && of[n - 1].size() <= out.most_scanned) --n;
    const Stretch stretch = of[n];
    const EngramSegment& segment = *part.segment;
    const PlaceWindow& window = out.stretches.window;
    const std::uint32_t* places = nullptr;
    if (window.of.contains(stretch)) {
      places = window.at.data() + (stretch.begin - window.of.begin);
    } else {
      out.places.resize(stretch.size());
      segment.read_places(stretch, out.places.data());
      places = out.places.data();
    }
    out.scanned_stretch = stretch;
    out.scanned.resize(stretch.size());
    for (std::uint32_t i = 0; i < stretch.size(); ++i) {
      const std::uint32_t position = places[i];
      ScannedPlace& place = out.scanned[i];
      place.token =
          part.counts(position) ? segment.token_of(segment.symbol_at(position)) : kEngramCut;
      place.same_file = part.is_same_file(position);
    }
  }

  // Whether every part has the same places after n + 1 tokens and after n + 2.
  bool repeats(std::size_t n, std::size_t n_parts) const {
    for (std::size_t i = 0; i < n_parts; ++i) {
      const ContextStretches& s = parts[i].stretches;
      if (n >= s.depth) continue;
      if (n + 1 >= s.depth || s.of[n].size() != s.of[n + 1].size()) return false;
    }
    return true;
  }

  // Fills `match` with what follows n + 1 tokens.
  void count(std::span<const Part> of_view, std::size_t n, ContextMatch& match) {
    match.length = static_cast<std::uint32_t>(n + 1);
    match.occurrences = match.distinct = 0;
    match.exact = true;
    incomplete = false;
    std::size_t parts_in = 0, last = 0;
    for (std::size_t i = 0; i < of_view.size(); ++i) {
      if (n >= parts[i].stretches.depth) continue;
      ++parts_in;
      last = i;
    }
    if (parts_in == 1 && parts[last].stretches.of[n].size() > parts[last].most_scanned) {
      return take_summary(of_view[last], parts[last], n, match);
    }
    for (std::size_t i = 0; i < of_view.size(); ++i) {
      if (n < parts[i].stretches.depth) add(of_view[i], n, parts[i], match);
    }
    // A list that was cut off is exact by itself, not in a sum.
    if (incomplete && parts_in > 1) match.exact = false;
    match.distinct = std::max<std::uint64_t>(match.distinct, tally.distinct());
    tally.take_ranked(match.next);
  }

 private:
  // Adds one part's places after n + 1 tokens to the tally.
  void add(const Part& part, std::size_t n, OfPart& found, ContextMatch& match) {
    const Stretch stretch = found.stretches.of[n];
    if (stretch.size() <= found.most_scanned) {
      scan(part, n, found);
      for (std::uint32_t i = stretch.begin; i < stretch.end; ++i) {
        const ScannedPlace& place = found.scanned[i - found.scanned_stretch.begin];
        if (place.token == kEngramCut) continue;
        tally.add(place.token, 1, place.same_file ? 1 : 0);
        ++match.occurrences;
      }
      return;
    }
    read_summary(part, found, n, match);
    for (const SymbolCount& c : counts) {
      const EngramToken token = part.segment->token_of(c.symbol);
      if (token != kEngramCut) tally.add(token, c.count, part.all_same_file ? c.count : 0);
    }
  }

  // The only part: its summary is in the order of the answer.
  void take_summary(const Part& part, const OfPart& found, std::size_t n, ContextMatch& match) {
    read_summary(part, found, n, match);
    match.next.clear();
    for (const SymbolCount& c : counts) {
      const EngramToken token = part.segment->token_of(c.symbol);
      if (token == kEngramCut) continue;
      match.next.push_back({token, c.count, part.all_same_file ? c.count : 0});
    }
  }

  void read_summary(const Part& part, const OfPart& found, std::size_t n, ContextMatch& match) {
    std::uint32_t distinct = 0;
    counts.clear();
    if (found.stretches.has_record[n]) {
      distinct = part.segment->frequent().summary(found.stretches.records[n], counts);
    }
    match.occurrences += found.stretches.of[n].size();
    match.distinct = std::max<std::uint64_t>(match.distinct, distinct);
    if (!part.left_out.empty() || distinct == 0) match.exact = false;
    incomplete = incomplete || distinct > counts.size();
  }
};

void EngramView::look_up(std::span<const EngramToken> context, LookupAnswer& answer,
                         std::size_t longest, std::size_t matches) const {
  thread_local Scratch scratch;
  scratch.tally.resize(vocabulary_->size());
  if (scratch.parts.size() < parts_.size()) scratch.parts.resize(parts_.size());
  longest = std::min(longest, kMaxEngramContext);
  scratch.every_length = matches > 1;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    scratch.find(parts_[i], context, longest, scratch.parts[i]);
    depth = std::max(depth, scratch.parts[i].stretches.depth);
  }
  answer.size_ = 0;
  bool counted = false;  // the context one token longer has an answer
  for (std::size_t n = depth; n-- > 0 && answer.size_ < matches;) {
    ContextMatch& match = answer.matches_[answer.size_];
    if (n + 1 < depth && scratch.repeats(n, parts_.size())) {
      if (!counted) continue;
      match = answer.matches_[answer.size_ - 1];
      match.length = static_cast<std::uint32_t>(n + 1);
    } else {
      scratch.count(parts_, n, match);
    }
    counted = match.occurrences > 0;
    if (counted) ++answer.size_;
  }
}

std::vector<EngramPosition> EngramView::positions(std::span<const EngramToken> context,
                                                  std::size_t length, std::size_t limit) const {
  std::vector<EngramPosition> out;
  length = std::min(length, kMaxEngramContext);
  if (length == 0 || context.size() < length) return out;
  std::vector<Stretch> stretch_of(parts_.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    ContextStretches stretches;
    find_stretches(*parts_[i].segment, context, length, stretches);
    if (stretches.depth == length) stretch_of[i] = stretches.of[length - 1];
  }
  for (const bool same_file : {true, false}) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      if (same_file && !part.all_same_file && part.same_file.empty()) continue;
      const auto look_at = [&](std::uint64_t step) {
        const std::uint32_t position =
            part.segment->place(stretch_of[i].begin + static_cast<std::uint32_t>(step));
        if (part.is_same_file(position) == same_file && part.counts(position)) {
          out.push_back({static_cast<std::uint32_t>(i), position});
        }
      };
      // Neighbours in the order share more than was asked for: spread over the whole stretch.
      const std::uint64_t size = stretch_of[i].size();
      const std::uint64_t sampled = std::min<std::uint64_t>(size, limit - out.size());
      for (std::uint64_t k = 0; k < sampled; ++k) look_at(k * size / sampled);
      if (part.left_out.empty() && part.same_file.empty()) continue;
      // Those that are wanted may be a few among many others.
      const std::uint64_t searched = std::min<std::uint64_t>(size, kSearchedPlaces);
      for (std::uint64_t k = 0; k < searched && out.size() < limit; ++k) {
        const std::uint64_t step = k * size / searched;
        if (!is_sampled(step, sampled, size)) look_at(step);
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
    ContextStretches stretches;
    find_stretches(*part.segment, context, kMaxEngramContext, stretches);
    if (stretches.depth < context.size()) continue;
    const Stretch stretch = stretches.of[context.size() - 1];
    for (std::uint32_t j = stretch.begin; j < stretch.end; ++j) {
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
