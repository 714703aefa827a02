#include "engine/models/architecture.h"

namespace engram {
namespace {

constexpr const Family* kFamilies[] = {&kDeepseek2, &kGemma2, &kGemma3,   &kGranite, &kLlama,
                                       &kQwen2,     &kQwen3,  &kQwen3Moe, &kSmolLm3, &kStarcoder2};

}  // namespace

std::span<const Family* const> all_families() { return kFamilies; }

const Family* find_family(std::string_view architecture) {
  for (const Family* family : kFamilies) {
    if (family->name == architecture) return family;
  }
  return nullptr;
}

}  // namespace engram
