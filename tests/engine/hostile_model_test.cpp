// Models that parse as GGUF but contradict themselves, or whose numbers are not numbers.
#include <sys/resource.h>

#include <cmath>
#include <cstring>

#include "engine/transformer.h"
#include "kernels/half.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_model.h"

namespace engram {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::TinyModel;

// Where the value of a u32 key stands.
std::size_t value_of_key(const std::string& bytes, const std::string& key) {
  const std::size_t at = bytes.find(key);
  REQUIRE(at != std::string::npos);
  return at + key.size() + 4;
}

// Where the data of a tensor begin; it must be the first of its kind in the file.
std::size_t data_of(const std::string& bytes, const GgufFile& file, std::string_view tensor) {
  const GgufTensor* found = file.find_tensor(tensor);
  REQUIRE(found != nullptr);
  return static_cast<std::size_t>(reinterpret_cast<const char*>(found->data.data()) - bytes.data());
}

std::size_t peak_megabytes() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) / 1024;
}

void put(std::string& bytes, std::size_t at, auto value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

TEST_CASE("hostile_model: size keys that contradict the tensors are refused before memory is taken",
          "[engine]") {
  const std::string architecture = GENERATE("llama", "qwen2");
  const std::string good = test::TinyModelWriter({.architecture = architecture}).bytes();
  const std::size_t before = peak_megabytes();
  for (const char* key : {"block_count", "embedding_length", "attention.head_count",
                          "attention.head_count_kv", "feed_forward_length", "context_length"}) {
    for (const std::uint32_t value : {0U, 1U, 3U, 1024U, 65536U, 1U << 24, 1U << 31, ~0U}) {
      INFO(architecture << "." << key << " = " << value);
      std::string bytes = good;
      put(bytes, value_of_key(bytes, architecture + "." + key), value);
      const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
      REQUIRE(file);
      for (const char* kernels : {"ref", ""}) {
        Result<std::unique_ptr<Transformer>> made = Error{Errc::kIo, "nothing yet"};
        REQUIRE_NOTHROW(made = Transformer::create(*file, {kernels, 1, false}));
        if (!made) CHECK_THAT(made.error().message, ContainsSubstring("tiny.gguf"));
      }
    }
  }
  CHECK(peak_megabytes() - before < 300);
}

TEST_CASE("hostile_model: NaN and infinity among the weights are named when it is loaded",
          "[engine]") {
  struct Case {
    const char* why;
    TensorType type;
    const char* tensor;
    std::size_t block;  // which one of the tensor
    std::uint16_t half;
    const char* named;
  };
  const auto c = GENERATE(values<Case>({
      {"NaN scale", TensorType::kQ8_0, "blk.1.ffn_up.weight", 2 * 5 + 1, 0x7E01, "in row 5"},
      {"infinite scale", TensorType::kQ8_0, "blk.0.attn_q.weight", 0, 0x7C00, "in row 0"},
      {"infinite scale of the embedding", TensorType::kQ8_0, "token_embd.weight", 7, 0xFC00,
       "in row 3"},
  }));
  INFO(c.why);
  std::string bytes = test::TinyModelWriter({.type = c.type}).bytes();
  const auto good = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(good);
  put(bytes, data_of(bytes, **good, c.tensor) + c.block * traits_of(c.type).block_bytes, c.half);
  const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(file);
  for (const std::string_view kernels : available_kernels()) {
    const auto made = Transformer::create(*file, {std::string(kernels), 2, false});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::kCorrupt);
    CHECK_THAT(made.error().message, ContainsSubstring(std::string("'") + c.tensor + "'"));
    CHECK_THAT(made.error().message, ContainsSubstring(c.named));
  }
}

TEST_CASE("hostile_model: a norm or float matrix with NaN is named too", "[engine]") {
  std::string bytes = test::TinyModelWriter({.type = TensorType::kF32}).bytes();
  const auto good = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(good);
  const auto refuse = [&](const char* tensor, std::size_t value, float bad) {
    std::string spoiled = bytes;
    put(spoiled, data_of(bytes, **good, tensor) + 4 * value, bad);
    const auto file = GgufFile::parse(as_byte_span(spoiled), "tiny.gguf");
    REQUIRE(file);
    const auto made = Transformer::create(*file, {});
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().message, ContainsSubstring(std::string("'") + tensor + "'"));
  };
  refuse("blk.0.ffn_norm.weight", 63, std::nanf(""));
  refuse("output_norm.weight", 0, HUGE_VALF);
  refuse("blk.1.ffn_down.weight", 64 * 160 - 1, -HUGE_VALF);
}

TEST_CASE("hostile_model: numbers that overflow in the middle end in NaN, never in plausible text",
          "[engine]") {
  // Each weight is finite; their products are not.
  std::string bytes = test::TinyModelWriter({.type = TensorType::kF32}).bytes();
  const auto good = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(good);
  const std::size_t up = data_of(bytes, **good, "blk.0.ffn_up.weight");
  for (std::size_t i = 0; i < 160 * 64; ++i) put(bytes, up + 4 * i, 3e38F);
  const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(file);
  for (const std::string_view kernels : available_kernels()) {
    INFO(kernels);
    const auto made = Transformer::create(*file, {std::string(kernels), 1, false});
    REQUIRE(made);
    const auto cache = (*made)->make_cache(8);
    REQUIRE(cache);
    std::vector<float> logits(97);
    REQUIRE((*made)->forward(**cache, std::vector<TokenId>{1, 2, 3}, 1, logits, {}));
    CHECK(std::isnan(logits[0]));
    CHECK(std::isnan(logits[96]));
  }
}

}  // namespace engram
