// engine/models/architecture.h: what one model family is: its keys, its tensors, the order of its
// steps.
//
// Each family is one short file that reads like its paper: `read_keys` says what its GGUF holds
// beyond the keys all have and what its papers fix, `make` asks for its tensors by GGUF name, and
// layer() states one layer in the operations of Decoder. To add a family: write the file, add its
// `extern` here and its line in architecture.cpp, and give it a tiny model in
// tools/oracle/tiny_models.py.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "engine/config_reader.h"
#include "engine/decoder.h"
#include "engine/model_config.h"
#include "engine/weights.h"

namespace engram {

class Architecture {
 public:
  virtual ~Architecture() = default;
  virtual void layer(std::size_t index, Decoder& decoder) const = 0;
};

struct Family {
  std::string_view name;                                       // as in general.architecture
  std::string_view models;                                     // some that are of it, for people
  void (*read_keys)(ConfigReader& read, ModelConfig& config);  // or null
  // Asks `weights` for every tensor of the layers.
  std::unique_ptr<Architecture> (*make)(const ModelConfig& config, Weights& weights);
};

extern const Family kDeepseek2, kGemma2, kGemma3, kGranite, kLlama, kQwen2, kQwen3, kQwen3Moe,
    kSmolLm3, kStarcoder2;

std::span<const Family* const> all_families();
const Family* find_family(std::string_view architecture);  // nullptr: Engram does not know it

}  // namespace engram
