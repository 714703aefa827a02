#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/normalization.h"

#include <functional>
#include <random>
#include <thread>

#include "tests/support/catch.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

// "ab" and "cd" before "abcd", "bc" last: rank decides, not length or position.
TinyVocabulary letters() {
  return {.pre = "qwen2",
          .merges = {{"a", "b"}, {"c", "d"}, {"ab", "cd"}, {"b", "c"}, {" ", "ab"}},
          .control = {"<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"},
          .user_defined = {"<tool>", "<tool>!"}};
}
constexpr TokenId kAb = 256, kCd = 257, kAbcd = 258, kBc = 259, kSpaceAb = 260, kEnd = 261,
                  kFimPrefix = 262, kFimSuffix = 263, kFimMiddle = 264, kTool = 265,
                  kToolLong = 266;

}  // namespace

TEST_CASE("tokenizer: the lowest-ranked pair merges first, leftmost among equals", "[engine]") {
  const auto t = tiny_tokenizer(letters());
  CHECK(t->encode("ab") == std::vector<TokenId>{kAb});
  CHECK(t->encode("abcd") == std::vector<TokenId>{kAbcd});
  CHECK(t->encode("xbc") == std::vector<TokenId>{'x', kBc});
  CHECK(t->encode("abc") == std::vector<TokenId>{kAb, 'c'});
  CHECK(t->encode("ababab") == std::vector<TokenId>{kAb, kAb, kAb});
  CHECK(t->encode(" ab") == std::vector<TokenId>{kSpaceAb});
  CHECK(t->encode("").empty());
}

TEST_CASE("tokenizer: a long piece merges as a short one does", "[engine]") {
  const auto t = tiny_tokenizer(letters());
  for (const std::size_t n :
       {10UL, 11UL, 12UL, 13UL, 500UL}) {  // 12 repeats: the border between the ways
    std::string text;
    std::vector<TokenId> expected;
    for (std::size_t i = 0; i < n; ++i) {
      text += "abcd";
      expected.push_back(kAbcd);
    }
    CHECK(t->encode(text) == expected);
  }
}

TEST_CASE("tokenizer: ordinary text never yields a control token", "[engine]") {
  const auto t = tiny_tokenizer(letters());
  const std::string text = "a<|endoftext|><|fim_prefix|>b";
  for (const TokenId id : t->encode(text)) CHECK_FALSE(t->is_control(id));
  CHECK(t->decode(t->encode(text)) == text);
  CHECK(t->special("<|endoftext|>") == kEnd);
  CHECK_FALSE(t->special("<|nothing|>"));
  CHECK_FALSE(t->special("ab"));
}

TEST_CASE("tokenizer: user-defined tokens are found in text, the longest first", "[engine]") {
  const auto t = tiny_tokenizer(letters());
  CHECK(t->encode("ab<tool>ab") == std::vector<TokenId>{kAb, kTool, kAb});
  CHECK(t->encode("<tool>!<tool>") == std::vector<TokenId>{kToolLong, kTool});
  CHECK(t->decode(std::vector<TokenId>{kTool, kAb}) == "<tool>ab");
  CHECK_FALSE(t->is_control(kTool));
}

TEST_CASE("tokenizer: control tokens decode to nothing and end generation", "[engine]") {
  const auto t = tiny_tokenizer(letters());
  CHECK(t->decode(std::vector<TokenId>{kAb, kEnd, kCd}) == "abcd");
  CHECK(t->bytes(kEnd).empty());
  CHECK(t->bytes(-1).empty());
  CHECK(t->bytes(100000).empty());
  CHECK(t->is_end(kFimMiddle));
  CHECK_FALSE(t->is_end(kAb));
  CHECK(t->is_end(kTool));  // for qwen2 every id from <|endoftext|> on
  CHECK_FALSE(t->is_end(-1));
  CHECK_FALSE(t->is_end(100000));
}

TEST_CASE("tokenizer: fill-in-the-middle marks are found by name or by the file's keys",
          "[engine]") {
  const FimTokens found = fim_tokens(*tiny_tokenizer(letters()));
  CHECK(found.complete());
  CHECK(found.prefix == kFimPrefix);
  CHECK(found.suffix == kFimSuffix);
  CHECK(found.middle == kFimMiddle);
  CHECK_FALSE(found.repository);

  TinyVocabulary plain = letters();
  plain.control = {"<|endoftext|>"};
  CHECK_FALSE(fim_tokens(*tiny_tokenizer(plain)).complete());

  GgufBuilder declared;
  add_tokenizer(declared, letters());
  declared.key("tokenizer.ggml.fim_pre_token_id", std::uint32_t{kFimMiddle});
  declared.key("tokenizer.ggml.fim_pad_token_id", std::uint32_t{999999});  // out of range: ignored
  const auto t = tokenizer_from(declared);
  REQUIRE(t);
  CHECK(fim_tokens(**t).prefix == kFimMiddle);
  CHECK_FALSE(fim_tokens(**t).pad);
}

TEST_CASE("tokenizer: bos is added only when the model wants it", "[engine]") {
  GgufBuilder gguf;
  add_tokenizer(gguf, letters());
  gguf.key("tokenizer.ggml.bos_token_id", std::uint32_t{kEnd});
  CHECK_FALSE((*tokenizer_from(gguf))->bos());
  gguf.key("tokenizer.ggml.add_bos_token", true);
  CHECK((*tokenizer_from(gguf))->bos() == kEnd);
}

TEST_CASE("tokenizer: Llama 3 keeps a piece that is a token whole and adds bos unless told not to",
          "[engine]") {
  TinyVocabulary vocabulary = letters();
  vocabulary.merges = {{"b", "c"}, {"a", "b"}, {"ab", "c"}};  // "abc" merges as "a", "bc"
  constexpr TokenId kB = 256, kWhole = 258;
  vocabulary.pre = "smaug-bpe";
  CHECK(tiny_tokenizer(vocabulary)->encode("abc") == std::vector<TokenId>{'a', kB});
  vocabulary.pre = "llama-bpe";
  CHECK(tiny_tokenizer(vocabulary)->encode("abc") == std::vector<TokenId>{kWhole});
  CHECK(tiny_tokenizer(vocabulary)->encode("abcabc") == std::vector<TokenId>{'a', kB, 'a', kB});

  GgufBuilder gguf;
  add_tokenizer(gguf, vocabulary);
  gguf.key("tokenizer.ggml.bos_token_id", std::uint32_t{259});
  CHECK((*tokenizer_from(gguf))->bos() == 259);
  gguf.key("tokenizer.ggml.add_bos_token", false);
  CHECK_FALSE((*tokenizer_from(gguf))->bos());
}

TEST_CASE("tokenizer: equal vocabularies have equal fingerprints, others do not", "[engine]") {
  const std::string same(tiny_tokenizer(letters())->fingerprint());
  CHECK(tiny_tokenizer(letters())->fingerprint() == same);
  TinyVocabulary other = letters();
  other.merges.pop_back();
  CHECK(tiny_tokenizer(other)->fingerprint() != same);
  other = letters();
  other.pre = "gpt-2";
  CHECK(tiny_tokenizer(other)->fingerprint() != same);
}

TEST_CASE("tokenizer: any bytes survive encoding and decoding", "[engine]") {
  const auto pre =
      GENERATE(values<std::string>({"gpt-2", "smollm", "qwen2", "llama-bpe", "seed-coder",
                                    "deepseek-llm", "deepseek-coder", "deepseek-v3", "default"}));
  TinyVocabulary vocabulary = letters();
  vocabulary.pre = pre;
  const auto t = tiny_tokenizer(vocabulary);
  std::mt19937 random(20250801);
  for (int round = 0; round < 400; ++round) {
    std::string text;
    const auto size = random() % 200;
    for (std::size_t i = 0; i < size; ++i) {
      text.push_back(random() % 3 == 0 ? static_cast<char>(random() % 256)
                                       : "abcd \n\t'<\xC3\xA9\xE2\x80\xA8"[random() % 14]);
    }
    std::string memory;
    REQUIRE(t->decode(t->encode(text)) == (pre == "qwen2" ? to_nfc(text, memory) : text));
  }
}

TEST_CASE("tokenizer: text is normalised for qwen2 alone, around bytes that are no text",
          "[engine]") {
  std::string memory;
  CHECK(to_nfc("e\xCC\x81", memory) == "\xC3\xA9");                   // e, combining acute
  CHECK(to_nfc("\xE2\x84\xAB", memory) == "\xC3\x85");                // angstrom sign
  CHECK(to_nfc("q\xCC\x87\xCC\xA3", memory) == "q\xCC\xA3\xCC\x87");  // reordered
  // Marks younger than Unicode 9 stay where they are, as in Hugging Face's normaliser.
  CHECK(to_nfc("\xCC\x9D\xE0\xBA\xBA", memory) == "\xCC\x9D\xE0\xBA\xBA");  // Lao pali virama
  CHECK(to_nfc("\xF0\x91\xA4\xB5\xF0\x91\xA4\xB0", memory) ==
        "\xF0\x91\xA4\xB5\xF0\x91\xA4\xB0");  // two parts of U+11938
  CHECK(to_nfc("e\xCC\x81\xE0\xBA\xBA", memory) == "\xC3\xA9\xE0\xBA\xBA");
  CHECK(to_nfc("e\xFF\xCC\x81", memory) == "e\xFF\xCC\x81");                  // nothing composes
  CHECK(to_nfc("e\xCC", memory) == "e\xCC");                                  // cut in a character
  CHECK(to_nfc("\xEF\xAC\x81 \xC2\xB5", memory) == "\xEF\xAC\x81 \xC2\xB5");  // no NFKC
  TinyVocabulary vocabulary = letters();
  vocabulary.pre = "qwen2";
  const auto qwen = tiny_tokenizer(vocabulary);
  CHECK(qwen->encode("ae\xCC\x81") == qwen->encode("a\xC3\xA9"));
  vocabulary.pre = "smollm";
  const auto smollm = tiny_tokenizer(vocabulary);
  CHECK(smollm->encode("ae\xCC\x81") != smollm->encode("a\xC3\xA9"));
}

TEST_CASE("tokenizer: several threads encode at once", "[engine]") {
  const auto t = tiny_tokenizer(letters());
  const auto expected = t->encode("ab cd abcd bc");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) wrong += t->encode("ab cd abcd bc") == expected ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("tokenizer: a vocabulary that does not hold is one error naming the key", "[engine]") {
  struct Case {
    const char* why;
    std::function<void(GgufBuilder&)> make;
    Errc code;
    const char* part;
  };
  const std::vector<std::string> ab = {"a", "b"};
  const auto begin = [](GgufBuilder& g, const char* model, const char* pre) {
    g.key("tokenizer.ggml.model", model);
    if (pre != nullptr) g.key("tokenizer.ggml.pre", pre);
  };
  const Case cases[] = {
      {"nothing", [](auto&) {}, Errc::kCorrupt, "tokenizer.ggml.model"},
      {"WordPiece", [&](auto& g) { begin(g, "bert", "x"); }, Errc::kInvalidArgument,
       "'bert' (supported: gpt2, llama, gemma)"},
      {"no pre-tokenizer", [&](auto& g) { begin(g, "gpt2", nullptr); }, Errc::kCorrupt,
       "tokenizer.ggml.pre"},
      {"unknown pre-tokenizer", [&](auto& g) { begin(g, "gpt2", "zz"); }, Errc::kInvalidArgument,
       "'zz' (supported: gpt-2, "},
      {"no tokens", [&](auto& g) { begin(g, "gpt2", "qwen2"); }, Errc::kCorrupt,
       "tokenizer.ggml.tokens"},
      {"types do not match",
       [&](auto& g) {
         begin(g, "gpt2", "qwen2");
         g.key("tokenizer.ggml.tokens", ab);
         g.key("tokenizer.ggml.token_type", std::vector<std::int32_t>{1});
       },
       Errc::kCorrupt, "2 tokens but 1"},
      {"unknown type",
       [&](auto& g) {
         begin(g, "gpt2", "qwen2");
         g.key("tokenizer.ggml.tokens", ab);
         g.key("tokenizer.ggml.token_type", std::vector<std::int32_t>{1, 9});
       },
       Errc::kCorrupt, "token 1 has the unknown type 9"},
      {"not the byte alphabet",
       [&](auto& g) {
         begin(g, "gpt2", "qwen2");
         g.key("tokenizer.ggml.tokens", std::vector<std::string>{"a b"});
       },
       Errc::kCorrupt, "byte alphabet"},
      {"no merges",
       [&](auto& g) {
         begin(g, "gpt2", "qwen2");
         g.key("tokenizer.ggml.tokens", ab);
       },
       Errc::kCorrupt, "tokenizer.ggml.merges"},
      {"a merge of nothing known",
       [&](auto& g) {
         begin(g, "gpt2", "qwen2");
         g.key("tokenizer.ggml.tokens", ab);
         g.key("tokenizer.ggml.merges", std::vector<std::string>{"a b"});
       },
       Errc::kCorrupt, "rule 0"},
      {"a merge that is no pair",
       [&](auto& g) {
         begin(g, "gpt2", "qwen2");
         g.key("tokenizer.ggml.tokens", ab);
         g.key("tokenizer.ggml.merges", std::vector<std::string>{"ab"});
       },
       Errc::kCorrupt, "not a pair"},
      {"an end mark out of range",
       [&](auto& g) {
         add_tokenizer(g, letters());
         g.key("tokenizer.ggml.eos_token_id", std::uint32_t{5000});
       },
       Errc::kCorrupt, "tokenizer.ggml.eos_token_id"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    GgufBuilder gguf;
    c.make(gguf);
    const auto t = tokenizer_from(gguf);
    REQUIRE_FALSE(t);
    INFO(t.error().message);
    CHECK(t.error().code == c.code);
    CHECK(t.error().message.find(c.part) != std::string::npos);
    CHECK(t.error().message.find("tiny.gguf") != std::string::npos);
  }
}

}  // namespace engram
