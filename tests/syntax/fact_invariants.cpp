#include "tests/syntax/fact_invariants.h"

#include <algorithm>

namespace engram {

namespace {

bool is_code(char c) { return static_cast<unsigned char>(c) > 0x20; }

std::string broken_symbol(const FileFacts& facts, std::size_t i, std::size_t size) {
  const Symbol& s = facts.symbols[i];
  if (s.name.empty()) return "a symbol has no name";
  if (s.begin > s.end || s.end > size) return "a symbol lies outside of the text: " + s.name;
  if (s.name_begin >= s.name_end || s.name_end > size) return "a name lies outside: " + s.name;
  if (s.line == 0 || s.column == 0 || s.end_line > facts.lines) return "no such line: " + s.name;
  if (s.signature.size() > 400 || s.doc.size() > 2000) return "too long: " + s.name;
  if (i > 0 && facts.symbols[i - 1].begin > s.begin) return "out of order: " + s.name;
  if (s.parent >= static_cast<std::int32_t>(i)) return "a parent comes after its child: " + s.name;
  return {};
}

std::string broken_chunks(const FileFacts& facts, std::string_view text, std::size_t chunk_bytes) {
  std::size_t last = 0;
  for (const Chunk& c : facts.chunks) {
    if (c.begin >= c.end || c.end > text.size()) return "a chunk lies outside of the text";
    if (c.begin < last) return "two chunks overlap";
    if (c.line == 0 || c.line > c.end_line || c.end_line > facts.lines) return "a chunk's lines";
    const auto gap = text.substr(last, c.begin - last);
    if (std::any_of(gap.begin(), gap.end(), is_code)) return "code between two chunks";
    const auto body = text.substr(c.begin, c.end - c.begin);
    const auto size = std::count_if(body.begin(), body.end(), is_code);
    // A comment at the end of a line stays with the line.
    if (static_cast<std::size_t>(size) > chunk_bytes + chunk_bytes / 4) return "a chunk too large";
    last = c.end;
  }
  const auto rest = text.substr(last);
  if (std::any_of(rest.begin(), rest.end(), is_code)) return "code after the last chunk";
  return {};
}

}  // namespace

std::string broken_invariant(const FileFacts& facts, std::string_view text,
                             std::size_t chunk_bytes) {
  for (std::size_t i = 0; i < facts.symbols.size(); ++i) {
    if (auto broken = broken_symbol(facts, i, text.size()); !broken.empty()) return broken;
  }
  std::uint32_t last = 0;
  for (const Reference& r : facts.references) {
    if (r.begin < last || r.begin >= r.end || r.end > text.size()) return "a reference's place";
    if (r.name.empty() || r.line == 0 || r.column == 0) return "a reference without a name";
    last = r.end;
  }
  if (facts.error_bytes > text.size()) return "more errors than text";
  return broken_chunks(facts, text, chunk_bytes);
}

}  // namespace engram
