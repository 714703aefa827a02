// tests/memory/sample_facts.h: facts of a text without a parser: every line "def NAME" begins a
// function that ends before the next one, every other identifier is a reference, every function is
// a chunk, and what follows '#' is a comment.
#pragma once

#include <string>
#include <string_view>

#include "memory/catalogue.h"

namespace engram {

FileFacts sample_facts(std::string_view text);

inline FileEntry sample_entry(std::string path, std::string_view text, std::uint32_t flags = 0) {
  FileEntry entry;
  entry.path = std::move(path);
  entry.size = text.size();
  entry.mtime_ns = 1;
  entry.language = "sample";
  entry.flags = flags;
  return entry;
}

// Puts a text and its sample facts; a known content is linked.
inline Result<void> put_sample(CatalogueWriter& writer, const std::string& path,
                               std::string_view text, std::uint32_t flags = 0) {
  const FileFacts facts = sample_facts(text);
  return writer.put_file(sample_entry(path, text, flags), sha256(text), &facts, text);
}

// About `bytes` of plausible code, a function of the seed.
std::string sample_code(std::uint64_t seed, std::size_t bytes);

}  // namespace engram
