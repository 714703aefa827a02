#include "engine/models/architecture.h"

namespace engram {
namespace {

constexpr const Family* kFamilies[] = {&kDeepseek2, &kGemma2, &kGemma3,   &kGranite, &kLlama,
                                       &kQwen2,     &kQwen3,  &kQwen3Moe, &kSmolLm3, &kStarcoder2};

}  // namespace

std::vector<std::string_view> supported_architectures() {
  std::vector<std::string_view> names;
  for (const Family* family : kFamilies) names.push_back(family->name);
  return names;
}

const Family* find_family(std::string_view architecture) {
  for (const Family* family : kFamilies) {
    if (family->name == architecture) return family;
  }
  return nullptr;
}

}  // namespace engram
