// The AVX2 table with byte dot products of AVX-VNNI. Compiled with -mavx2 -mfma -mf16c -mavxvnni.
#define ENGRAM_SIMD avxvnni
#include "kernels/cpu/simd_avx2.h"
#include "kernels/cpu/table.h"
#include "kernels/cpu/tables.h"

namespace engram {

constinit const KernelTable kAvxVnniTable = avxvnni::make_table("avxvnni");

}  // namespace engram
