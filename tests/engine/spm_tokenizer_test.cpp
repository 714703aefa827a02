// SentencePiece-style tokenizing against Hugging Face `tokenizers`: tools/oracle/spm_fixture.py.
#include <filesystem>
#include <sstream>

#include "core/atomic_file.h"
#include "engine/prompt_encoding.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/gguf_builder.h"

namespace engram {
namespace {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ENGRAM_TEST_DATA) / "tokenizer";

std::shared_ptr<const Tokenizer> tokenizer_of(const std::string& bytes) {
  const auto file = GgufFile::parse(as_byte_span(bytes), "spm.gguf");
  REQUIRE(file);
  const auto tokenizer = Tokenizer::from_gguf(**file);
  if (!tokenizer) FAIL(tokenizer.error().message);
  return *tokenizer;
}

std::shared_ptr<const Tokenizer> load(bool space_prefix = false) {
  auto bytes = read_file(kFolder / "spm.gguf");
  REQUIRE(bytes);
  const std::string key = "tokenizer.ggml.add_space_prefix";
  bytes->at(bytes->find(key) + key.size() + 4) = space_prefix ? 1 : 0;  // after the value's type
  return tokenizer_of(*bytes);
}

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

struct Case {
  std::string text;
  std::vector<TokenId> ids;
};

std::vector<Case> read_cases(const std::string& name) {
  const auto fixture = read_file(kFolder / name);
  REQUIRE(fixture);
  std::istringstream lines(*fixture);
  std::vector<Case> cases;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.find('\t');
    REQUIRE(tab != std::string::npos);
    Case& c = cases.emplace_back(Case{from_hex(line.substr(0, tab)), {}});
    std::istringstream numbers(line.substr(tab + 1));
    for (TokenId id = 0; numbers >> id;) c.ids.push_back(id);
  }
  return cases;
}

std::vector<TokenId> encode_parts(const Tokenizer& tokenizer, std::vector<PromptPart> parts) {
  GenerationRequest request;
  request.prompt = std::move(parts);
  const auto prompt = encode_prompt(tokenizer, request, 4096);
  REQUIRE(prompt);
  auto ids = prompt->ids;
  const auto healed = tokenizer.encode(prompt->forced);  // white space at the end was taken back
  ids.insert(ids.end(), healed.begin(), healed.end());
  return ids;
}

PromptPart text_part(std::string text) { return {PromptPart::Kind::kText, std::move(text)}; }
PromptPart mark_part(std::string name) { return {PromptPart::Kind::kSpecial, std::move(name)}; }

}  // namespace

TEST_CASE("spm_tokenizer: ids are those of Hugging Face's tokenizers, and decode to the text",
          "[engine]") {
  const auto tokenizer = load();
  const auto cases = read_cases("spm.txt");
  for (const Case& c : cases) {
    INFO(c.text);
    const auto ids = tokenizer->encode(c.text);
    CHECK(ids == c.ids);
    if (c.text.find("\xE2\x96\x81") == std::string::npos) {
      CHECK(tokenizer->decode(ids) == c.text);
    }
  }
  CHECK(cases.size() == 20);
}

TEST_CASE("spm_tokenizer: a prompt's text gets the space that its vocabulary puts before it",
          "[engine]") {
  const auto tokenizer = load(true);
  const auto cases = read_cases("spm_prefixed.txt");
  for (const Case& c : cases) {
    INFO(c.text);
    std::vector<TokenId> expected = {*tokenizer->bos()};
    expected.insert(expected.end(), c.ids.begin(), c.ids.end());
    CHECK(encode_parts(*tokenizer, {text_part(c.text)}) == expected);
  }
  CHECK(cases.size() == 19);
  // What is in the middle of a text has none, and comes back as it went in.
  CHECK(tokenizer->decode(tokenizer->encode("x = 1")) == "x = 1");
}

TEST_CASE("spm_tokenizer: after the mark of a suffix comes no space, after other marks one does",
          "[engine]") {
  // Code Llama's infilling_prompt_tokens and mistral-common's encode_fim: encode_infilling leaves
  // the space out for the suffix alone.
  struct Family {
    const char *prefix, *suffix, *middle;
  };
  const auto f =
      GENERATE(values<Family>({{"\xE2\x96\x81<PRE>", "\xE2\x96\x81<SUF>", "\xE2\x96\x81<MID>"},
                               {"[PREFIX]", "[SUFFIX]", "[MIDDLE]"}}));
  GgufBuilder builder;
  builder.key("tokenizer.ggml.model", "llama");
  builder.key("tokenizer.ggml.tokens",
              std::vector<std::string>{"<unk>", "<s>", "</s>", "\xE2\x96\x81", "a", "b",
                                       "\xE2\x96\x81"
                                       "a",
                                       f.prefix, f.suffix, f.middle});
  builder.key("tokenizer.ggml.token_type", std::vector<std::int32_t>{2, 3, 3, 1, 1, 1, 1, 3, 3, 3});
  builder.key("tokenizer.ggml.scores", std::vector<float>{0, 0, 0, -9, -8, -7, -1, 0, 0, 0});
  builder.key("tokenizer.ggml.bos_token_id", 1U);
  const auto tokenizer = tokenizer_of(builder.bytes());  // the key is absent: true
  CHECK(encode_parts(*tokenizer, {mark_part(f.prefix), text_part("a"), mark_part(f.suffix),
                                  text_part("b"), mark_part(f.middle)}) ==
        std::vector<TokenId>{1, 7, 6, 8, 5, 9});
  CHECK(encode_parts(*tokenizer, {mark_part(f.suffix), text_part("a"), mark_part(f.prefix),
                                  text_part("a"), text_part("b")}) ==
        std::vector<TokenId>{1, 8, 4, 7, 6, 5});
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
