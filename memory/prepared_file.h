// memory/prepared_file.h: one content, turned into what the catalogue stores.
//
// All heavy work of writing (compression, postings, sub-words, BM25 impacts) happens in
// prepare_file, a pure function for the worker pool; the writer only inserts.
//
// Threads: prepare_file is thread-safe.  Errors: none; facts that point outside the text are
// dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/certainty.h"
#include "memory/facts.h"
#include "memory/term_index.h"

namespace engram {

// What a name is in a content: the value byte of its posting.
enum NameRole : std::uint8_t {
  kNameDefined = 1,   // a non-local definition
  kNameDeclared = 2,  // a non-local declaration
  kNameLocal = 4,     // a local symbol
  kNameReferenced = 8,
};

struct PreparedFile {
  std::string language;
  Certainty certainty = Certainty::kSyntactic;
  std::uint64_t bytes = 0;  // of the text
  std::uint32_t lines = 0, error_bytes = 0;
  std::uint32_t symbol_count = 0, reference_count = 0, chunk_count = 0;
  std::string text, symbols, references, chunks, comments;  // stored blobs
  std::string trigrams;                                     // trigram_filter.h
  std::string identifier_words, comment_words;              // distinct, for FTS5
  TermList names;                                           // id 0
  TermList words;                                           // id: chunk ordinal; value: BM25 impact

  std::size_t stored_bytes() const {  // about what writing it costs; for sizing batches
    return text.size() + symbols.size() + references.size() + chunks.size() + comments.size() +
           trigrams.size();
  }
};

PreparedFile prepare_file(const FileFacts& facts, std::string_view text);

// The words the full-text index has for a content's identifiers: distinct, space-separated, and a
// function of the names alone, so that they can be computed again to take them out.
std::string identifier_words(const FileFacts& facts);

// BM25 with a fixed average length (chunks are bounded, so lengths hardly vary): the weight of a
// word in a chunk, quantised to a byte; score = sum of idf * impact / kImpactScale.
inline constexpr double kImpactScale = 100.0;
std::uint8_t bm25_impact(std::uint32_t term_frequency, std::uint32_t chunk_words);

}  // namespace engram
