// The AVX2 table. Compiled with -mavx2 -mfma -mf16c.
#define ENGRAM_SIMD avx2
#include "kernels/cpu/simd_avx2.h"
#include "kernels/cpu/table.h"
#include "kernels/cpu/tables.h"

namespace engram {

constinit const KernelTable kAvx2Table = avx2::make_table("avx2");

}  // namespace engram
