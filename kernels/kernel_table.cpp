#include "kernels/kernel_table.h"

#include "kernels/ref/ops.h"

namespace engram {

std::vector<const KernelTable*> available_kernel_tables() { return {&ref::table()}; }

const KernelTable* find_kernel_table(std::string_view name) {
  const auto tables = available_kernel_tables();
  if (name.empty()) return tables.front();
  for (const KernelTable* table : tables) {
    if (table->name == name) return table;
  }
  return nullptr;
}

}  // namespace engram
