// engine/models/architecture.h: what one model family is: its tensors and the order of its steps.
//
// Each family is one short file. It reads its tensors by GGUF name and states its layer in the
// operations of Decoder. docs/kernels/ has how those run.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/decoder.h"
#include "engine/weights.h"

namespace engram {

class Architecture {
 public:
  virtual ~Architecture() = default;
  virtual void layer(std::size_t index, Decoder& decoder) const = 0;
};

// Asks `weights` for every tensor of the layers.
std::unique_ptr<Architecture> make_llama(const ModelConfig& config, Weights& weights);
std::unique_ptr<Architecture> make_qwen2(const ModelConfig& config, Weights& weights);

std::vector<std::string_view> supported_architectures();
// nullptr for an architecture Engram does not know.
std::unique_ptr<Architecture> make_architecture(const ModelConfig& config, Weights& weights);

}  // namespace engram
