// tests/support/fetched_model.h: model files in the user's cache, for tests labelled `model`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/path.h"

namespace engram {

inline std::filesystem::path smollm2_path() {
  return cache_home() / "models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf";
}
inline std::filesystem::path qwen_path(std::string_view size) {  // "0.5b", "1.5b"
  const std::string name = "qwen2.5-coder-" + std::string(size);
  return cache_home() / "models" / name / (name + "-instruct-q4_k_m.gguf");
}
// Both Qwen files have the same vocabulary: whichever is here, else an empty path.
inline std::filesystem::path any_qwen_path() {
  for (const std::string_view size : {"0.5b", "1.5b"}) {
    if (std::filesystem::exists(qwen_path(size))) return qwen_path(size);
  }
  return {};
}

}  // namespace engram
