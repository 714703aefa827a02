#include "memory/prepared_file.h"

#include <algorithm>

#include "memory/compression.h"
#include "memory/facts_codec.h"
#include "memory/string_ids.h"
#include "memory/sub_words.h"
#include "memory/trigram_filter.h"

namespace engram {

namespace {

constexpr std::size_t kMaxNameBytes = 512;  // longer names are kept in facts but not indexed

bool inside(std::uint32_t begin, std::uint32_t end, std::size_t size) {
  return begin <= end && end <= size;
}

bool is_sound(const FileFacts& facts, std::size_t size) {
  std::uint32_t last = 0;
  for (const Reference& r : facts.references) {
    if (!inside(r.begin, r.end, size) || r.begin < last) return false;
    last = r.begin;
  }
  for (std::size_t i = 0; i < facts.symbols.size(); ++i) {
    const Symbol& s = facts.symbols[i];
    if (!inside(s.begin, s.end, size) || !inside(s.name_begin, s.name_end, size)) return false;
    if (s.parent >= static_cast<std::int32_t>(i)) return false;
  }
  return std::all_of(facts.chunks.begin(), facts.chunks.end(),
                     [&](const Chunk& c) { return inside(c.begin, c.end, size); });
}

// Drops what points outside the text and restores the promised order.
FileFacts repaired(FileFacts facts, std::size_t size) {
  std::erase_if(facts.references,
                [&](const Reference& r) { return !inside(r.begin, r.end, size); });
  std::sort(facts.references.begin(), facts.references.end(),
            [](const Reference& a, const Reference& b) {
              return a.begin != b.begin ? a.begin < b.begin : a.name < b.name;
            });
  std::erase_if(facts.chunks, [&](const Chunk& c) { return !inside(c.begin, c.end, size); });
  std::vector<std::int32_t> new_index(facts.symbols.size(), -1);
  std::vector<Symbol> symbols;
  for (std::size_t i = 0; i < facts.symbols.size(); ++i) {
    Symbol& s = facts.symbols[i];
    if (!inside(s.begin, s.end, size) || !inside(s.name_begin, s.name_end, size)) continue;
    const bool parent_known = s.parent >= 0 && s.parent < static_cast<std::int32_t>(i);
    s.parent = parent_known ? new_index[static_cast<std::size_t>(s.parent)] : -1;
    new_index[i] = static_cast<std::int32_t>(symbols.size());
    symbols.push_back(std::move(s));
  }
  facts.symbols = std::move(symbols);
  return facts;
}

TermList collect_names(const FileFacts& facts) {
  StringIds ids(facts.references.size() / 4 + facts.symbols.size() + 16);
  std::vector<std::uint8_t> roles;
  const auto mark = [&](std::string_view name, std::uint8_t role) {
    if (name.empty() || name.size() > kMaxNameBytes) return;
    const std::uint32_t id = ids.insert(name);
    if (id == roles.size()) roles.push_back(0);
    roles[id] = static_cast<std::uint8_t>(roles[id] | role);
  };
  for (const Symbol& s : facts.symbols) {
    mark(s.name, s.is_local ? kNameLocal : s.is_definition ? kNameDefined : kNameDeclared);
  }
  for (const Reference& r : facts.references) mark(r.name, kNameReferenced);

  TermList list;
  for (std::uint32_t id = 0; id < ids.size(); ++id) {
    const std::string_view name = ids.string(id);
    list.terms.push_back({static_cast<std::uint32_t>(list.bytes.size()),
                          static_cast<std::uint32_t>(name.size()), id, 1});
    list.bytes += name;
    list.postings.push_back({0, roles[id]});
  }
  return list;
}

// Counts the sub-words of each chunk. Whole identifiers are remembered, so that a repeated one
// costs one look-up and not a split.
class WordCounter {
 public:
  explicit WordCounter(std::string_view text) : text_(text), identifiers_(text.size() / 40) {}

  void count_chunk(std::uint32_t ordinal, const Chunk& chunk) {
    touched_.clear();
    total_ = 0;
    std::size_t at = chunk.begin;
    while (at < chunk.end) {
      if (!is_identifier_byte(static_cast<unsigned char>(text_[at]))) {
        ++at;
        continue;
      }
      const std::size_t begin = at;
      while (at < chunk.end && is_identifier_byte(static_cast<unsigned char>(text_[at]))) ++at;
      count_identifier(text_.substr(begin, at - begin));
    }
    for (const std::uint32_t word : touched_) {
      hits_.push_back({word, ordinal, bm25_impact(frequency_[word], total_)});
      frequency_[word] = 0;
    }
  }

  // REQUIRES: count_chunk called for every chunk. CSR by word, chunks ascending.
  TermList take() {
    TermList list;
    list.terms.resize(words_.size());
    for (std::uint32_t w = 0; w < words_.size(); ++w) {
      const std::string_view word = words_.string(w);
      list.terms[w].offset = static_cast<std::uint32_t>(list.bytes.size());
      list.terms[w].length = static_cast<std::uint32_t>(word.size());
      list.bytes += word;
    }
    for (const Hit& h : hits_) ++list.terms[h.word].count;
    std::uint32_t first = 0;
    for (TermList::Term& t : list.terms) {
      t.first = first;
      first += std::exchange(t.count, 0);
    }
    list.postings.resize(hits_.size());
    for (const Hit& h : hits_) {
      TermList::Term& t = list.terms[h.word];
      list.postings[t.first + t.count++] = {h.chunk, h.impact};
    }
    std::erase_if(list.terms, [](const TermList::Term& t) { return t.count == 0; });
    return list;
  }

 private:
  struct Hit {
    std::uint32_t word, chunk;
    std::uint8_t impact;
  };
  struct Range {
    std::uint32_t first, last;
  };

  void count_identifier(std::string_view identifier) {
    const std::uint32_t id = identifiers_.insert(identifier);
    if (id == parts_.size()) split(identifier);
    for (std::uint32_t i = parts_[id].first; i < parts_[id].last; ++i) {
      const std::uint32_t word = part_words_[i];
      if (frequency_[word]++ == 0) touched_.push_back(word);
      ++total_;
    }
  }

  void split(std::string_view identifier) {
    const auto first = static_cast<std::uint32_t>(part_words_.size());
    for_each_sub_word(identifier, [&](std::string_view word) {
      if (word.size() < 2) return;  // single letters and digits say nothing
      const std::uint32_t id =
          words_.insert(word, [&](std::string_view s) { return arena_.keep(s); });
      if (id == frequency_.size()) frequency_.push_back(0);
      part_words_.push_back(id);
    });
    parts_.push_back({first, static_cast<std::uint32_t>(part_words_.size())});
  }

  std::string_view text_;
  StringIds identifiers_;
  std::vector<Range> parts_;  // by identifier id, into part_words_
  std::vector<std::uint32_t> part_words_;
  StringArena arena_;
  StringIds words_;
  std::vector<std::uint32_t> frequency_;  // by word id, in the current chunk
  std::vector<std::uint32_t> touched_;
  std::uint32_t total_ = 0;
  std::vector<Hit> hits_;
};

// Distinct sub-words of `texts`, space-separated, in order of first sight.
template <class Texts>
std::string distinct_words(const Texts& texts) {
  StringArena arena;
  StringIds seen;
  std::string out;
  for (const std::string_view text : texts) {
    for_each_sub_word(text, [&](std::string_view word) {
      if (word.size() < 2) return;
      const std::size_t before = seen.size();
      seen.insert(word, [&](std::string_view s) { return arena.keep(s); });
      if (seen.size() == before) return;
      if (!out.empty()) out.push_back(' ');
      out += word;
    });
  }
  return out;
}

std::string distinct_words(const TermList& names) {
  std::vector<std::string_view> texts;
  texts.reserve(names.terms.size());
  for (const TermList::Term& t : names.terms) {
    texts.push_back(std::string_view(names.bytes).substr(t.offset, t.length));
  }
  return distinct_words(texts);
}

}  // namespace

std::string identifier_words(const FileFacts& facts) {
  return distinct_words(collect_names(facts));
}

std::uint8_t bm25_impact(std::uint32_t term_frequency, std::uint32_t chunk_words) {
  constexpr double kSaturation = 1.2, kLengthWeight = 0.75, kAverageWords = 160;
  const double tf = term_frequency;
  const double norm =
      kSaturation * (1 - kLengthWeight + kLengthWeight * chunk_words / kAverageWords);
  const double weight = tf * (kSaturation + 1) / (tf + norm);  // below 2.2
  return static_cast<std::uint8_t>(std::max(1.0, weight * kImpactScale + 0.5));
}

PreparedFile prepare_file(const FileFacts& given, std::string_view text) {
  FileFacts fixed;
  const bool sound = is_sound(given, text.size());
  if (!sound) fixed = repaired(given, text.size());
  const FileFacts& facts = sound ? given : fixed;

  PreparedFile p;
  p.language = facts.language;
  p.certainty = facts.certainty;
  p.bytes = text.size();
  p.lines = facts.lines;
  p.error_bytes = facts.error_bytes;
  p.symbol_count = static_cast<std::uint32_t>(facts.symbols.size());
  p.reference_count = static_cast<std::uint32_t>(facts.references.size());
  p.chunk_count = static_cast<std::uint32_t>(facts.chunks.size());
  p.text = compress(text);
  p.trigrams = make_trigram_filter(text);
  p.symbols = encode_symbols(facts.symbols);
  p.references = encode_references(facts.references, text);
  p.chunks = encode_chunks(facts.chunks);
  p.names = collect_names(facts);
  WordCounter counter(text);
  for (std::uint32_t i = 0; i < facts.chunks.size(); ++i) counter.count_chunk(i, facts.chunks[i]);
  p.words = counter.take();
  p.identifier_words = distinct_words(p.names);
  p.comment_words = distinct_words(facts.comments);
  p.comments = compress(p.comment_words);
  return p;
}

}  // namespace engram
