// A seeded sample of what the fuzzers do, on every run of the tests; tests/fuzz has the rest.
#include <filesystem>
#include <random>

#include "core/atomic_file.h"
#include "tests/fuzz/gguf/gguf_target.h"
#include "tests/fuzz/tokenizer/tokenizer_target.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

std::vector<std::string> corpus(std::string_view fuzzer) {
  std::vector<std::filesystem::path> paths;
  const auto folder = std::filesystem::path(ENGRAM_TEST_DATA).parent_path() / "fuzz" / fuzzer;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "corpus")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> out;
  for (const auto& path : paths) {
    auto contents = read_file(path);
    REQUIRE(contents);
    out.push_back(*std::move(contents));
  }
  REQUIRE(out.size() >= 3);
  return out;
}

std::string mutate(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % std::max<std::size_t>(n, 1); };
  for (std::size_t edits = 1 + below(4); edits > 0 && !bytes.empty(); --edits) {
    const std::size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(at, below(9));
        break;
      case 4:
        bytes.insert(at, bytes.substr(below(bytes.size()), below(17)));
        break;
      default:  // a count or an offset becomes huge, or nothing
        for (std::size_t i = at; i < std::min(at + 8, bytes.size()); ++i) {
          bytes[i] = static_cast<char>(edits % 2 == 0 ? 0xFF : 0);
        }
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("gguf: files with random damage are read or refused, never worse", "[engine]") {
  std::mt19937 random(1);
  for (const std::string& seed : corpus("gguf")) {
    CHECK_NOTHROW(read_as_gguf(as_byte_span(seed)));
    for (int i = 0; i < 1500; ++i) {
      const std::string damaged = mutate(seed, random);
      REQUIRE_NOTHROW(read_as_gguf(as_byte_span(damaged)));
    }
  }
}

TEST_CASE("tokenizer: random bytes survive encoding with every pre-tokenizer", "[engine]") {
  std::mt19937 random(2);
  const auto tokenizers = fuzzed_tokenizers();
  for (const std::string& seed : corpus("tokenizer")) {
    for (int i = 0; i < 300; ++i) {
      const std::string text = mutate(seed, random);
      for (const auto& tokenizer : tokenizers) REQUIRE_NOTHROW(check_round_trip(*tokenizer, text));
    }
  }
}

}  // namespace engram
