// What a view is made of and what it says about places: declared in lookup.h.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "memory/engrams/segment_builder.h"
#include "memory/engrams/view_part.h"
#include "memory/facts.h"

namespace engram {

EngramView::EngramView(std::shared_ptr<const EngramSnapshot> snapshot,
                       std::shared_ptr<const EngramVocabulary> vocabulary,
                       std::span<const EngramBuffer> buffers, Options options)
    : snapshot_(std::move(snapshot)), vocabulary_(std::move(vocabulary)) {
  for (const EngramBuffer& buffer : buffers) add_buffer(buffer, buffer.path == options.path);
  if (snapshot_) add_snapshot(buffers, options);
}

EngramView::~EngramView() = default;

std::shared_ptr<const EngramSegment> segment_of(const EngramBuffer& buffer,
                                                const EngramVocabulary& vocabulary) {
  SegmentBuilder builder(vocabulary, false);
  for (const EngramBuffer::Piece& piece : buffer.pieces) {
    EngramContentInfo info;
    info.first_line = piece.first_line;
    if (!builder.add_content(info, piece.tokens)) return nullptr;
  }
  std::string image;
  const auto sink = make_string_sink(image);
  if (!builder.write(*sink)) return nullptr;
  auto segment = EngramSegment::from_image(std::move(image), vocabulary);
  return segment ? *std::move(segment) : nullptr;
}

void EngramView::add_buffer(const EngramBuffer& buffer, bool same_file) {
  Part part;
  part.segment = buffer.made != nullptr ? buffer.made : segment_of(buffer, *vocabulary_);
  if (part.segment == nullptr) return;
  part.all_same_file = same_file;
  part.path = buffer.path;
  parts_.push_back(std::move(part));
}

void EngramView::add_snapshot(std::span<const EngramBuffer> buffers, const Options& options) {
  const auto stored = snapshot_->parts();
  std::vector<std::vector<PositionRange>> hidden(stored.size());
  const auto range_of = [&](const EngramSnapshot::Place& place) {
    const ContentRecord& c = stored[place.part].segment->contents()[place.content];
    return PositionRange{c.begin, c.end};
  };
  std::map<std::pair<std::size_t, std::size_t>, std::set<std::string_view>> open;  // by content
  for (const EngramBuffer& buffer : buffers) {
    const auto file = snapshot_->file(buffer.path);
    if (!file) continue;
    const auto place = snapshot_->find(file->content);
    if (!place || stored[place->part].segment->foreign() != is_foreign(file->flags)) continue;
    auto& paths = open[{place->part, place->content}];
    const bool is_new = paths.insert(buffer.path).second;
    // While another of its files is not open, that one still says it.
    if (is_new && paths.size() == stored[place->part].contents[place->content].paths) {
      hidden[place->part].push_back(range_of(*place));
    }
  }
  const auto file = options.path.empty() ? std::nullopt : snapshot_->file(options.path);
  std::size_t written_in = stored.size();
  PositionRange written;
  if (file) {
    if (const auto place = snapshot_->find(file->content)) {
      written_in = place->part;
      written = range_of(*place);
    }
  }
  for (std::size_t i = stored.size(); i-- > 0;) {  // newest first
    if (stored[i].segment->foreign() && !options.include_foreign) continue;
    if (stored[i].segment->place_count() == 0) continue;
    Part part;
    part.segment = stored[i].segment;
    part.stored = &stored[i];
    part.left_out = stored[i].left_out;
    part.left_out.insert(part.left_out.end(), hidden[i].begin(), hidden[i].end());
    std::sort(part.left_out.begin(), part.left_out.end(),
              [](const PositionRange& a, const PositionRange& b) { return a.begin < b.begin; });
    // Hidden, none of it counts: nothing of it is to be looked for.
    if (i == written_in && part.counts(written.begin)) part.same_file.push_back(written);
    parts_.push_back(std::move(part));
  }
}

std::vector<EngramToken> EngramView::tokens_at(EngramPosition position, std::size_t limit) const {
  std::vector<EngramToken> out;
  if (position.part >= parts_.size()) return out;
  const EngramSegment& segment = *parts_[position.part].segment;
  for (std::uint32_t p = position.token; out.size() < limit && p < segment.position_count(); ++p) {
    const EngramToken token = segment.token_of(segment.symbol_at(p));
    if (token == kEngramCut) break;
    out.push_back(token);
  }
  return out;
}

EngramSource EngramView::source(EngramPosition position) const {
  if (position.part >= parts_.size()) return {};
  const Part& part = parts_[position.part];
  EngramSource out;
  out.line = part.segment->line_at(position.token, *vocabulary_);
  out.path = part.path;
  if (part.stored == nullptr) return out;
  const std::size_t content = part.segment->content_at(position.token);
  if (content < part.stored->contents.size()) {
    out.path = part.stored->contents[content].path;
    out.flags = part.stored->contents[content].flags;
  }
  return out;
}

bool EngramView::empty() const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [](const Part& p) { return p.segment->place_count() == 0; });
}

bool EngramView::damaged() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& p) { return p.segment->damaged(); });
}

}  // namespace engram
