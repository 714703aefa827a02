// engine/host/activation_precision.h: which blocks of activations keep 16 bits in a model's
// products.
//
// Values of QuantizeArgs::refine_above, chosen on the KL divergence to PyTorch's logits: the wider
// the model, the less one block's error shows. Models narrower than 512 lose nothing by 16 bits
// everywhere; a head's error reaches the logits undiluted, so its rows (few) always have 16.
// Measurements: docs/kernels/activations.md.
//
// Threads: pure.
#pragma once

#include <cstddef>

namespace engram {

struct ActivationPrecision {
  float normed = 0;    // input of QKV and of gate and up
  float attended = 0;  // input of the attention's output product
  float hidden = 0;    // input of down
};

constexpr ActivationPrecision activation_precision(std::size_t d_model) {
  if (d_model < 512) return {};
  if (d_model < 768) return {2.5F, 4, 4};
  return {4, 6, 6};
}

}  // namespace engram
