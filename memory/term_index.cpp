#include "memory/term_index.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace engram {

namespace {

// Terms are names and words; a longer one is hostile (prepare_file cuts them well below).
constexpr std::size_t kMaxTermBytes = 4096;

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min(a.size(), b.size());
  std::size_t n = 0;
  while (n < limit && a[n] == b[n]) ++n;
  return n;
}

}  // namespace

void TermBlockWriter::add(std::string_view term, std::uint64_t count, std::string_view postings) {
  const bool start = blocks_.empty() || blocks_.back().data.size() >= kBlockBytes ||
                     (postings.size() >= kBlockBytes && !blocks_.back().data.empty());
  if (start) {
    blocks_.push_back({std::string(term), {}});
    last_term_.clear();
  }
  std::string& out = blocks_.back().data;
  const std::size_t shared = shared_prefix(last_term_, term);
  append_varint(out, shared);
  append_bytes(out, term.substr(shared));
  append_varint(out, count);
  append_bytes(out, postings);
  last_term_ = term;
}

std::vector<TermBlock> TermBlockWriter::take() {
  last_term_.clear();
  return std::exchange(blocks_, {});
}

void TermBatch::add(const TermList& list, std::uint64_t base_id) {
  for (const TermList::Term& t : list.terms) {
    const std::string_view term = std::string_view(list.bytes).substr(t.offset, t.length);
    const std::uint32_t id =
        terms_.insert(term, [&](std::string_view s) { return arena_.keep(s); });
    if (id == postings_.size()) postings_.emplace_back();
    Postings& p = postings_[id];
    for (std::uint32_t i = t.first; i < t.first + t.count; ++i) {
      const std::uint64_t at = base_id + list.postings[i].id;
      append_posting(p.bytes, at - p.last_id, list.postings[i].value);
      p.last_id = at;
    }
    p.count += t.count;
  }
}

std::vector<TermBlock> TermBatch::take_blocks() {
  std::vector<std::uint32_t> order(terms_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return terms_.string(a) < terms_.string(b); });
  TermBlockWriter writer;
  for (const std::uint32_t id : order) {
    writer.add(terms_.string(id), postings_[id].count, postings_[id].bytes);
  }
  clear();
  return writer.take();
}

void TermBatch::clear() {
  postings_.clear();
  terms_.clear();
  arena_.clear();
}

bool TermBlockReader::next() {
  if (in_.at_end()) return false;
  const std::uint64_t shared = in_.varint();
  const std::string_view suffix = in_.bytes();
  count_ = in_.varint();
  postings_ = in_.bytes();
  if (shared > term_.size() || shared + suffix.size() > kMaxTermBytes) in_.fail();
  if (!in_.ok()) return false;
  term_.resize(static_cast<std::size_t>(shared));
  term_ += suffix;
  return true;
}

}  // namespace engram
