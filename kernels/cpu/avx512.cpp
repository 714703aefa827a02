// The AVX-512 table. Compiled with -march=x86-64-v4 -mavx512vnni.
#include "kernels/cpu/simd_avx512.h"
#define ENGRAM_SIMD avx512
#include "kernels/cpu/table.h"
#include "kernels/cpu/tables.h"

namespace engram {

constinit const KernelTable kAvx512Table = avx512::make_table("avx512");

}  // namespace engram
