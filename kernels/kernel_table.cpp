#include "kernels/kernel_table.h"

#include "kernels/ref/ops.h"
#if defined(__x86_64__)
#include "kernels/cpu/tables.h"
#endif

namespace engram {

std::vector<const KernelTable*> available_kernel_tables() {
  std::vector<const KernelTable*> tables;
#if defined(__x86_64__)
  // These ask the operating system too: registers it does not save are not "supported".
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("f16c");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vnni");
  if (avx2 && avx512) tables.push_back(&kAvx512Table);
  if (avx2 && __builtin_cpu_supports("avxvnni")) tables.push_back(&kAvxVnniTable);
  if (avx2) tables.push_back(&kAvx2Table);
#endif
  tables.push_back(&ref::table());
  return tables;
}

const KernelTable* find_kernel_table(std::string_view name) {
  const auto tables = available_kernel_tables();
  if (name.empty()) return tables.front();
  for (const KernelTable* table : tables) {
    if (table->name == name) return table;
  }
  return nullptr;
}

}  // namespace engram
