// tests/fuzz/gguf/gguf_target.h: reads hostile bytes as a GGUF file and uses all that it offers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "engine/gguf.h"
#include "engine/quantize_model.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/transformer.h"

namespace engram {

inline void check_one_line(const Error& error) {
  if (error.message.empty() || error.message.find('\n') != std::string::npos) {
    throw std::logic_error("an error of no or several lines");
  }
}

// Sets the file up as a model and computes a few tokens. Small models only: the shapes of a large
// one are what its bytes hold, so it would cost time and find nothing more.
inline void run_as_model(const std::shared_ptr<const GgufFile>& file, const char* kernels) {
  const auto model = Transformer::create(file, {kernels, 1, false});
  if (!model) return check_one_line(model.error());
  const auto cache = (*model)->make_cache(4);
  if (!cache) return check_one_line(cache.error());
  const TokenId last = static_cast<TokenId>((*model)->config().vocab_size) - 1;
  const std::vector<TokenId> tokens{0, last, 0};
  std::vector<float> logits((*model)->config().vocab_size);
  const auto done = (*model)->forward(**cache, tokens, 1, logits, {});
  if (!done) check_one_line(done.error());
}

// Returns a sum over what was read, so that all of it really is. Throws when a promise of the
// header is broken; memory faults are the sanitizers' to find.
inline std::uint64_t read_as_gguf(std::span<const std::byte> bytes) {
  const auto file = GgufFile::parse(bytes, "fuzz");
  if (!file) {
    check_one_line(file.error());
    return 0;
  }
  const GgufFile& f = **file;
  std::uint64_t sum = 0;
  for (const GgufTensor& tensor : f.tensors()) {
    const TensorTypeTraits& traits = traits_of(tensor.type);
    const std::uint64_t expected =
        tensor.shape[0] / traits.block_values * traits.block_bytes * tensor.rows();
    if (tensor.data.size() != expected) throw std::logic_error("data does not match its shape");
    if (tensor.data.data() < bytes.data() ||
        tensor.data.data() + tensor.data.size() > bytes.data() + bytes.size()) {
      throw std::logic_error("data outside the file");
    }
    sum += std::to_integer<unsigned>(tensor.data.front());
    sum += std::to_integer<unsigned>(tensor.data.back());
    if (f.find_tensor(tensor.name) != &tensor) throw std::logic_error("a tensor is not found");
  }
  for (const std::string_view key : f.keys()) {
    sum += f.string(key).value_or("").size() + f.unsigned_integer(key).value_or(0);
    sum += f.boolean(key).value_or(false) ? 1 : 0;
    sum += f.number(key) ? 1 : 0;
    for (const std::string_view item : f.string_array(key)) sum += item.size();
    sum += f.integer_array(key).size() + f.float_array(key).size();
  }
  if (const auto tokenizer = Tokenizer::from_gguf(f)) {
    const std::string text = "int main() { return 42; }  // caf\xC3\xA9 \xFF\n\n  it's";
    for (const TokenId id : (*tokenizer)->encode(text)) {
      if (id < 0 || static_cast<std::size_t>(id) >= (*tokenizer)->vocab_size()) {
        throw std::logic_error("an id outside the vocabulary");
      }
      if ((*tokenizer)->is_control(id)) throw std::logic_error("a control token from text");
    }
    (void)fim_tokens(**tokenizer);
  }
  for (const QuantizedTensor& t : plan_quantization(f, {.type = TensorType::kQ4_K})) {
    if (t.source->shape[0] % traits_of(t.type).block_values != 0) {
      throw std::logic_error("a planned type does not divide the rows");
    }
  }
  run_as_model(*file, "ref");
  run_as_model(*file, "");
  return sum;
}

}  // namespace engram
