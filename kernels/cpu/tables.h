// kernels/cpu/tables.h: the tables of the vector implementations, constant data.
#pragma once

#include "kernels/kernel_table.h"

namespace engram {

extern const KernelTable kAvx2Table, kAvxVnniTable, kAvx512Table;

}  // namespace engram
