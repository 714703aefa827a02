#include "memory/engrams/segment_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "memory/engrams/context_order.h"
#include "memory/engrams/frequent_contexts.h"
#include "memory/engrams/packed_array.h"
#include "memory/engrams/place_array.h"

namespace engram {
namespace {

template <class T>
std::string_view bytes_of(std::span<const T> items) {
  return {reinterpret_cast<const char*>(items.data()), items.size_bytes()};
}

template <class T>
std::string_view bytes_of(const std::vector<T>& items) {
  return bytes_of(std::span<const T>(items));
}

// Ids become symbols in place; returns the ids that occur, ascending.
std::vector<std::uint32_t> number_symbols(std::vector<std::uint32_t>& text, std::size_t ids) {
  std::vector<std::uint32_t> symbol_of(ids + 1, 0);
  for (const std::uint32_t t : text) symbol_of[t] = 1;
  std::vector<std::uint32_t> alphabet;
  symbol_of[0] = 0;
  for (std::size_t t = 1; t <= ids; ++t) {
    if (symbol_of[t] == 0) continue;
    alphabet.push_back(static_cast<std::uint32_t>(t - 1));
    symbol_of[t] = static_cast<std::uint32_t>(alphabet.size());
  }
  for (std::uint32_t& t : text) t = symbol_of[t];
  return alphabet;
}

}  // namespace

// Writes sections in order and remembers where they lie.
struct SegmentBuilder::Writer {
  ByteSink& sink;
  SegmentHeader header{};
  std::uint64_t offset = 0;
  std::uint64_t checksum = 0;

  void append(std::string_view bytes) {
    checksum = xxh3(bytes, checksum);
    sink.append(bytes);
    offset += bytes.size();
  }
  void begin(SegmentSection section) {
    const std::string gap((8 - offset % 8) % 8, '\0');
    sink.append(gap);
    offset += gap.size();
    header.sections[static_cast<std::size_t>(section)].offset = offset;
    checksum = 0;
  }
  void end(SegmentSection section) {
    SectionRecord& s = header.sections[static_cast<std::size_t>(section)];
    s.size = offset - s.offset;
    s.checksum = checksum;
  }
  void whole(SegmentSection section, std::string_view bytes) {
    begin(section);
    // In the blocks a reader checks: the checksum of each is the seed of the next.
    for (std::size_t at = 0; at < bytes.size(); at += kChecksumBlock) {
      append(bytes.substr(at, kChecksumBlock));
    }
    end(section);
  }
  void packed(SegmentSection section, std::span<const std::uint32_t> values, unsigned width) {
    begin(section);
    std::string block;
    PackedWriter out(block, width);
    for (const std::uint32_t value : values) {
      out.append(value);
      if (block.size() >= kChecksumBlock) {
        append(std::string_view(block).substr(0, kChecksumBlock));
        block.erase(0, kChecksumBlock);
      }
    }
    out.finish();
    for (std::size_t at = 0; at < block.size(); at += kChecksumBlock) {
      append(std::string_view(block).substr(at, kChecksumBlock));
    }
    end(section);
  }
};

SegmentBuilder::SegmentBuilder(const EngramVocabulary& vocabulary, bool foreign)
    : vocabulary_(vocabulary), foreign_(foreign) {}

void SegmentBuilder::reserve(std::size_t tokens) { text_.reserve(tokens); }

Result<void> SegmentBuilder::add_content(const EngramContentInfo& info,
                                         std::span<const EngramToken> tokens) {
  if (text_.size() + tokens.size() + 1 > kMaxSegmentTokens) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot remember {} tokens in one segment: {} is the most",
                             text_.size() + tokens.size(), kMaxSegmentTokens)};
  }
  ContentRecord content{info.sha256.bytes, static_cast<std::uint32_t>(text_.size()), 0,
                        info.first_line, info.flags};
  for (const EngramToken t : tokens) {
    if (t != kEngramCut && (t < 0 || static_cast<std::size_t>(t) >= vocabulary_.size())) {
      text_.resize(content.begin);
      return Error{
          Errc::kInvalidArgument,
          fmt::format("cannot remember token {}: the vocabulary has {}", t, vocabulary_.size())};
    }
    text_.push_back(static_cast<std::uint32_t>(t + 1));
  }
  content.end = static_cast<std::uint32_t>(text_.size());
  text_.push_back(0);
  contents_.push_back(content);
  return {};
}

// Lines, alphabet and symbols; text_ becomes symbols.
void SegmentBuilder::write_text(Writer& out) {
  std::vector<std::uint32_t> lines;
  for (const ContentRecord& c : contents_) {
    std::uint32_t line = c.first_line;
    for (std::uint32_t p = c.begin; p <= c.end; ++p) {
      if (p % kLineStep == 0) lines.push_back(line);
      if (text_[p] != 0) line += vocabulary_.newlines(static_cast<EngramToken>(text_[p] - 1));
    }
  }
  out.whole(SegmentSection::kLines, bytes_of(lines));
  SegmentHeader& h = out.header;
  h.tokens = text_.size() - static_cast<std::uint64_t>(std::count(text_.begin(), text_.end(), 0u));
  const std::vector<std::uint32_t> alphabet = number_symbols(text_, vocabulary_.size());
  h.symbols = static_cast<std::uint32_t>(text_.size());
  h.alphabet = static_cast<std::uint32_t>(alphabet.size());
  h.symbol_bits = packed_width(std::uint64_t{h.alphabet} + 1);
  out.whole(SegmentSection::kAlphabet, bytes_of(alphabet));
  out.packed(SegmentSection::kSymbols, text_, h.symbol_bits);
}

// Places in order, where each symbol's begin, and the summaries; text_ is spent.
Result<void> SegmentBuilder::write_order(Writer& out, std::stop_token stop) {
  SegmentHeader& h = out.header;
  ENGRAM_TRY(order, order_by_context(text_, h.alphabet + 1, stop));
  h.places = static_cast<std::uint32_t>(order.places.size());
  h.place_bits = packed_width(text_.size());
  out.whole(SegmentSection::kFirst, bytes_of(order.first));
  std::vector<std::uint64_t> samples;
  for (std::size_t i = 0; i < order.places.size(); i += kSampleStep) {
    samples.push_back(context_key(text_, order.places[i], 1, kSampleKey));
  }
  out.whole(SegmentSection::kSamples, bytes_of(samples));
  std::vector<std::uint64_t> top;
  for (std::size_t i = 0; i < samples.size(); i += kSampleStep) top.push_back(samples[i]);
  out.whole(SegmentSection::kTopSamples, bytes_of(top));
  const FrequentTables frequent = summarise_frequent_contexts(text_, h.alphabet + 1, order);
  out.whole(SegmentSection::kRecords, bytes_of(frequent.records));
  out.whole(SegmentSection::kLists, frequent.lists);
  text_ = std::vector<std::uint32_t>();  // gives its memory to what comes
  order.shared = std::vector<std::uint8_t>();
  ENGRAM_TRY(tables, refer_to_repeats(h.symbols, order.places, stop));
  out.packed(SegmentSection::kPlaces, order.places, h.place_bits);
  out.whole(SegmentSection::kPlaceBlocks, bytes_of(tables.blocks));
  out.whole(SegmentSection::kReferences, tables.references);
  return {};
}

void SegmentBuilder::write_tables(Writer& out) {
  out.whole(SegmentSection::kContents, bytes_of(contents_));
  std::sort(paths_.begin(), paths_.end(),
            [](const EngramPath& a, const EngramPath& b) { return a.path < b.path; });
  std::vector<PathRecord> stored;
  std::string strings;
  for (const EngramPath& p : paths_) {
    stored.push_back({p.content.bytes, p.sequence, static_cast<std::uint32_t>(strings.size()),
                      static_cast<std::uint32_t>(p.path.size()), p.flags, p.removed ? 1u : 0u});
    strings += p.path;
  }
  out.whole(SegmentSection::kPaths, bytes_of(stored));
  out.whole(SegmentSection::kStrings, strings);
}

Result<void> SegmentBuilder::write(ByteSink& sink, std::stop_token stop) {
  Writer out{sink};
  SegmentHeader& h = out.header;
  out.append(std::string(sizeof(SegmentHeader), '\0'));  // its room
  h.magic = kSegmentMagic;
  h.version = kSegmentVersion;
  h.foreign = foreign_ ? 1 : 0;
  h.tokenizer = xxh3(vocabulary_.fingerprint());
  write_text(out);
  ENGRAM_TRY_VOID(write_order(out, stop));
  write_tables(out);
  h.file_bytes = out.offset;
  h.checksum = xxh3({reinterpret_cast<const char*>(&h), offsetof(SegmentHeader, checksum)});
  sink.replace_beginning({reinterpret_cast<const char*>(&h), sizeof(h)});
  return sink.finish();
}

}  // namespace engram
