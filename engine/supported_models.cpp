#include "engine/supported_models.h"

#include "engine/models/architecture.h"
#include "engine/tokenizer/supported_tokenizers.h"
#include "kernels/tensor_type.h"

namespace engram {

SupportedModels supported_models() {
  SupportedModels out;
  for (const Family* family : all_families()) {
    out.architectures.push_back({family->name, family->models});
  }
  for (const TensorTypeTraits& traits : kTensorTypes) out.tensor_types.push_back(traits.name);
  out.tokenizers = supported_tokenizers();
  out.pre_tokenizers = supported_pre_tokenizers();
  return out;
}

}  // namespace engram
