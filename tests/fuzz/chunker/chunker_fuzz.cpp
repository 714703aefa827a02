// fuzz_chunker: any bytes as a text of any language: extraction keeps its invariants, an editable
// tree answers and takes an edit. The first byte chooses the language, the second the chunk size.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/syntax_tree.h"
#include "tests/syntax/fact_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace engram;
  if (size < 2) return 0;
  const std::string_view language = languages()[data[0] % languages().size()];
  ExtractLimits limits;
  limits.chunk_bytes = 1u + data[1] * 4u;
  limits.parse_time = std::chrono::milliseconds(300);
  limits.max_depth = 300;
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto extraction = extract_facts(language, text, limits);
  if (!extraction) std::abort();
  const std::string broken = broken_invariant(extraction->facts, text, limits.chunk_bytes);
  if (!broken.empty()) {
    std::fprintf(stderr, "%s: %s\n", std::string(language).c_str(), broken.c_str());
    std::abort();
  }
  auto tree = SyntaxTree::parse(language, text, std::chrono::milliseconds(300));
  if (!tree) return 0;
  const std::size_t middle = text.size() / 2;
  (void)tree->ancestors(middle);
  (void)tree->enclosing_block(middle);
  (void)tree->in_comment(middle);
  (void)tree->in_string(middle);
  (void)tree->identifiers(0, text.size(), 16);
  if (tree->edit(middle, middle + data[1] % 7u, "{\"")) (void)tree->errors(0, text.size() + 2);
  return 0;
}
