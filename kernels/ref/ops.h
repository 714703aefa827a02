// kernels/ref/ops.h: the reference implementations: scalar, obvious, double sums.
#pragma once

#include "kernels/kernel_table.h"

namespace engram::ref {

void matmul(const MatmulArgs& args);
void rms_norm(const RmsNormArgs& args);
void layer_norm(const LayerNormArgs& args);
void rope(const RopeArgs& args);
void nonlinearity(const NonlinearityArgs& args);
void store_kv(const StoreKvArgs& args);
void attend(const AttentionArgs& args);

const KernelTable& table();

}  // namespace engram::ref
