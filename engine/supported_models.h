// engine/supported_models.h: which models this version runs, for people who look for one.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <string_view>
#include <vector>

namespace engram {

struct SupportedModels {
  struct Architecture {
    std::string_view name;    // as in general.architecture
    std::string_view models;  // some that are of it
  };
  std::vector<Architecture> architectures;
  std::vector<std::string_view> tensor_types;    // "Q4_K"
  std::vector<std::string_view> tokenizers;      // tokenizer.ggml.model
  std::vector<std::string_view> pre_tokenizers;  // tokenizer.ggml.pre, of the tokenizer "gpt2"
};

SupportedModels supported_models();

}  // namespace engram
