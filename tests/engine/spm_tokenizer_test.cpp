// SentencePiece-style tokenizing against Hugging Face `tokenizers`: tools/oracle/spm_fixture.py.
#include <filesystem>
#include <sstream>

#include "core/atomic_file.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/gguf_builder.h"

namespace engram {
namespace {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ENGRAM_TEST_DATA) / "tokenizer";

std::shared_ptr<const Tokenizer> load() {
  const auto file = GgufFile::open(kFolder / "spm.gguf");
  REQUIRE(file);
  const auto tokenizer = Tokenizer::from_gguf(**file);
  if (!tokenizer) FAIL(tokenizer.error().message);
  return *tokenizer;
}

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

}  // namespace

TEST_CASE("spm_tokenizer: ids are those of Hugging Face's tokenizers, and decode to the text",
          "[engine]") {
  const auto tokenizer = load();
  const auto fixture = read_file(kFolder / "spm.txt");
  REQUIRE(fixture);
  std::istringstream lines(*fixture);
  std::size_t texts = 0;
  for (std::string line; std::getline(lines, line); ++texts) {
    const std::size_t tab = line.find('\t');
    REQUIRE(tab != std::string::npos);
    const std::string text = from_hex(line.substr(0, tab));
    std::istringstream numbers(line.substr(tab + 1));
    std::vector<TokenId> expected;
    for (TokenId id = 0; numbers >> id;) expected.push_back(id);
    INFO(text);
    const auto ids = tokenizer->encode(text);
    CHECK(ids == expected);
    if (text.find("\xE2\x96\x81") == std::string::npos) CHECK(tokenizer->decode(ids) == text);
  }
  CHECK(texts == 20);
}

TEST_CASE("spm_tokenizer: any bytes are a text, and control tokens only come by name", "[engine]") {
  const auto tokenizer = load();
  const std::string bytes = "\xFF\xC3(\x80 a\xE2\x96";
  CHECK(tokenizer->decode(tokenizer->encode(bytes)) == bytes);
  const auto eos = tokenizer->special("<eos>");
  REQUIRE(eos);
  CHECK(tokenizer->is_end(*eos));
  CHECK(tokenizer->bytes(*eos).empty());
  CHECK(tokenizer->decode(tokenizer->encode("<eos>")) == "<eos>");
  CHECK(tokenizer->bos() == tokenizer->special("<bos>"));
}

TEST_CASE("spm_tokenizer: a vocabulary without a score for each token is one clear error",
          "[engine]") {
  GgufBuilder builder;
  builder.key("tokenizer.ggml.model", "llama");
  builder.key("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b"});
  builder.key("tokenizer.ggml.token_type", std::vector<std::int32_t>{1, 1});
  const std::string bytes = builder.bytes();
  const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(file);
  const auto tokenizer = Tokenizer::from_gguf(**file);
  REQUIRE(!tokenizer);
  CHECK(tokenizer.error().code == Errc::kCorrupt);
  CHECK_THAT(tokenizer.error().message, ContainsSubstring("tokenizer.ggml.scores"));
}

}  // namespace engram
