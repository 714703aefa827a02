#include "memory/prepared_file.h"

#include <algorithm>

#include "memory/compression.h"
#include "memory/facts_codec.h"
#include "memory/string_ids.h"
#include "memory/trigram_filter.h"
#include "memory/word_table.h"

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

// Counts the sub-words of each chunk.
class WordCounter {
 public:
  explicit WordCounter(WordTable& table) : table_(table) {}

  void count_chunk(std::uint32_t ordinal, std::string_view text) {
    touched_.clear();
    std::uint32_t total = 0;
    table_.for_each_identifier(text, [&](std::span<const std::uint32_t> words) {
      if (frequency_.size() < table_.size()) frequency_.resize(table_.size() + 256, 0);
      total += static_cast<std::uint32_t>(words.size());
      for (const std::uint32_t word : words) {
        if (frequency_[word]++ == 0) touched_.push_back(word);
      }
    });
    for (const std::uint32_t word : touched_) {
      hits_.push_back({word, ordinal, bm25_impact(std::exchange(frequency_[word], 0), total)});
    }
  }

  // REQUIRES: count_chunk called for every chunk. CSR by word, chunks ascending.
  TermList take() {
    TermList list;
    list.terms.resize(table_.size());
    for (const Hit& h : hits_) ++list.terms[h.word].count;
    std::uint32_t first = 0;
    for (std::uint32_t w = 0; w < list.terms.size(); ++w) {
      TermList::Term& t = list.terms[w];
      t.first = first;
      first += std::exchange(t.count, 0);
      const std::string_view word = table_.word(w);
      t.offset = static_cast<std::uint32_t>(list.bytes.size());
      t.length = static_cast<std::uint32_t>(word.size());
      list.bytes += word;
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

  WordTable& table_;
  std::vector<std::uint32_t> frequency_;  // by word id, in the current chunk
  std::vector<std::uint32_t> touched_;
  std::vector<Hit> hits_;
};

std::string identifier_words(const TermList& names, WordTable& table) {
  DistinctWords words(table);
  for (const TermList::Term& t : names.terms) {
    words.add(std::string_view(names.bytes).substr(t.offset, t.length));
  }
  return words.take();
}

}  // namespace

std::string identifier_words(const FileFacts& facts) {
  const TermList names = collect_names(facts);
  WordTable table;
  return identifier_words(names, table);
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
  WordTable table(text.size() / 40);
  WordCounter counter(table);
  for (std::uint32_t i = 0; i < facts.chunks.size(); ++i) {
    const Chunk& c = facts.chunks[i];
    counter.count_chunk(i, text.substr(c.begin, c.end - c.begin));
  }
  p.words = counter.take();
  p.identifier_words = identifier_words(p.names, table);
  DistinctWords comment_words(table);
  for (const std::string& comment : facts.comments) comment_words.add(comment);
  p.comment_words = comment_words.take();
  p.comments = compress(p.comment_words);
  return p;
}

}  // namespace engram
