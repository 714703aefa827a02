// The texts and what Hugging Face `tokenizers` makes of them: tools/oracle/tokenizer_fixture.py.
#include <zstd.h>

#include <fstream>
#include <sstream>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/text.h"
#include "engine/tokenizer/normalization.h"
#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/fetched_model.h"

namespace engram {
namespace {

std::filesystem::path data(std::string_view name) {
  return std::filesystem::path(ENGRAM_TEST_DATA) / "tokenizer" / name;
}

std::vector<std::string> read_texts() {
  const auto packed = read_file(data("texts.zst"));
  REQUIRE(packed);
  std::string all(ZSTD_getFrameContentSize(packed->data(), packed->size()), '\0');
  REQUIRE(ZSTD_decompress(all.data(), all.size(), packed->data(), packed->size()) == all.size());
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < all.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, all.data() + at, sizeof size);
    texts.push_back(all.substr(at + sizeof size, size));
    at += sizeof size + size;
  }
  return texts;
}

struct Expected {
  std::size_t count = 0;
  std::string digest;  // the first half of the SHA-256 of the ids, little-endian
  std::string listed;  // "1,2,3", or nothing
};
std::vector<Expected> read_expected(std::string_view name) {
  std::ifstream in(data(name));
  std::vector<Expected> out;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Expected e;
    words >> e.count >> e.digest >> e.listed;
    out.push_back(e);
  }
  return out;
}

std::string listed(const std::vector<TokenId>& ids) {
  std::string out;
  for (const TokenId id : ids) {
    if (!out.empty()) out += ',';
    out += std::to_string(id);
  }
  return out;
}

void check_ids(const std::filesystem::path& gguf, std::string_view expected_file,
               bool has_all_bytes, bool normalises) {
  const auto file = GgufFile::open(gguf);
  REQUIRE(file);
  const auto tokenizer = Tokenizer::from_gguf(**file);
  REQUIRE(tokenizer);
  const auto texts = read_texts();
  const auto expected = read_expected(expected_file);
  REQUIRE(texts.size() == expected.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto ids = (*tokenizer)->encode(texts[i]);
    bytes += texts[i].size();
    INFO("text " << i << ": " << to_valid_utf8(std::string_view(texts[i]).substr(0, 60)));
    if (!expected[i].listed.empty()) CHECK(listed(ids) == expected[i].listed);
    const std::string_view raw(reinterpret_cast<const char*>(ids.data()),
                               ids.size() * sizeof(TokenId));
    REQUIRE(ids.size() == expected[i].count);
    REQUIRE(sha256(raw).hex().substr(0, 32) == expected[i].digest);
    std::string memory;
    const std::string_view kept = normalises ? to_nfc(texts[i], memory) : texts[i];
    if (has_all_bytes) REQUIRE((*tokenizer)->decode(ids) == kept);
  }
  CHECK(bytes >= 2'000'000);
}

// The beginning of the SHA-256 of where the pieces end.
std::string pieces_digest(PreTokenizer kind, std::string_view text) {
  std::vector<std::uint32_t> ends;
  for (std::size_t begin = 0; begin < text.size();) {
    begin = piece_end(kind, text, begin);
    ends.push_back(static_cast<std::uint32_t>(begin));
  }
  const std::string_view raw(reinterpret_cast<const char*>(ends.data()),
                             ends.size() * sizeof(std::uint32_t));
  return sha256(raw).hex().substr(0, 8);
}

}  // namespace

TEST_CASE("tokenizer: every pre-tokenizer cuts 2 MB of text as its regular expressions do",
          "[engine]") {
  const auto texts = read_texts();
  std::ifstream in(data("pieces.txt"));
  std::string line, name, digest;
  REQUIRE(std::getline(in, line));
  std::vector<std::string> names;
  for (std::istringstream words(line); words >> name;) names.push_back(name);
  REQUIRE(names.size() == 9);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    REQUIRE(std::getline(in, line));
    std::istringstream words(line);
    for (const std::string& known : names) {
      REQUIRE(words >> digest);
      const auto rules = find_pre_tokenizer(known);
      REQUIRE(rules);
      INFO(known << ", text " << i << ": "
                 << to_valid_utf8(std::string_view(texts[i]).substr(0, 60)));
      REQUIRE(pieces_digest(rules->kind, texts[i]) == digest);
    }
  }
}

TEST_CASE("tokenizer: smollm ids equal Hugging Face's on 2 MB of text", "[engine]") {
  if (!std::filesystem::exists(smollm2_path())) SKIP("smollm2-135m is not fetched");
  check_ids(smollm2_path(), "smollm2.txt", false, false);
}

TEST_CASE("tokenizer: qwen2 ids equal Hugging Face's on 2 MB of text", "[engine]") {
  if (any_qwen_path().empty()) SKIP("no qwen2.5-coder model is fetched");
  check_ids(any_qwen_path(), "qwen2.5-coder.txt", true, true);
}

TEST_CASE("tokenizer: the real vocabularies have the marks the models were trained with",
          "[engine]") {
  if (std::filesystem::exists(smollm2_path())) {
    const auto t = *Tokenizer::from_gguf(**GgufFile::open(smollm2_path()));
    CHECK_FALSE(fim_tokens(*t).complete());
    CHECK(fim_tokens(*t).repository == 3);
    CHECK(fim_tokens(*t).file == 5);
    CHECK(t->is_end(0));
    CHECK(t->is_end(2));
    CHECK_FALSE(t->is_end(17));
    CHECK_FALSE(t->bos());
  }
  if (!any_qwen_path().empty()) {
    const auto t = *Tokenizer::from_gguf(**GgufFile::open(any_qwen_path()));
    const FimTokens fim = fim_tokens(*t);
    CHECK(fim.complete());
    CHECK(fim.prefix == 151659);
    CHECK(fim.middle == 151660);
    CHECK(fim.suffix == 151661);
    CHECK(fim.pad == 151662);
    CHECK(fim.repository == 151663);
    CHECK(fim.file == 151664);
    for (TokenId id = 151643; id < 151936; ++id) CHECK(t->is_end(id));
    CHECK_FALSE(t->is_end(151642));
    CHECK_FALSE(t->bos());
  }
}

}  // namespace engram
