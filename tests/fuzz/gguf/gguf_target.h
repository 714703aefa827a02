// tests/fuzz/gguf/gguf_target.h: reads hostile bytes as a GGUF file and uses all that it offers.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>

#include "engine/gguf.h"
#include "engine/tokenizer/tokenizer.h"

namespace engram {

// Returns a sum over what was read, so that all of it really is. Throws when a promise of the
// header is broken; memory faults are the sanitizers' to find.
inline std::uint64_t read_as_gguf(std::span<const std::byte> bytes) {
  const auto file = GgufFile::parse(bytes, "fuzz");
  if (!file) {
    if (file.error().message.find('\n') != std::string::npos) {
      throw std::logic_error("an error of several lines");
    }
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
  return sum;
}

}  // namespace engram
