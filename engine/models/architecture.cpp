#include "engine/models/architecture.h"

namespace engram {
namespace {

struct Family {
  std::string_view name;
  std::unique_ptr<Architecture> (*make)(const ModelConfig&, Weights&);
};
constexpr Family kFamilies[] = {{"llama", make_llama}, {"qwen2", make_qwen2}};

}  // namespace

std::vector<std::string_view> supported_architectures() {
  std::vector<std::string_view> names;
  for (const Family& family : kFamilies) names.push_back(family.name);
  return names;
}

std::unique_ptr<Architecture> make_architecture(const ModelConfig& config, Weights& weights) {
  for (const Family& family : kFamilies) {
    if (family.name == config.architecture) return family.make(config, weights);
  }
  return nullptr;
}

}  // namespace engram
