#include "kernels/ref/ops.h"

namespace engram::ref {

const KernelTable& table() {
  static constexpr KernelTable kTable{
      .name = "ref",
      .packed = false,
      .quantize = [](const QuantizeArgs&) {},  // floats are used as they are
      .matmul = matmul,
      .rms_norm = rms_norm,
      .layer_norm = layer_norm,
      .rope = rope,
      .nonlinearity = nonlinearity,
      .store_kv = store_kv,
      .attend = attend,
      .attend_part = nullptr,  // one thread takes all keys of a head
      .merge_parts = nullptr,
      .multiply_peak = nullptr,
  };
  return kTable;
}

}  // namespace engram::ref
