// assist/models/added_models.h: model files of the user's own, known by a name once added.
//
// Nothing is copied or moved: models/by-path/<id>.json remembers the file with its name, SHA-256
// and self-test (manifest.h). A file that changed since is not used under its name until added
// again.
//
// Threads: thread-safe.  Errors: kNotFound no such file; kInvalidArgument a name that is taken or
// not one; kCorrupt the hash differs (both are named); kCancelled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "assist/models/model_store.h"
#include "core/result.h"

namespace engram {

// By name; `present` is false where the file is gone, `sha256` empty where it changed.
std::vector<ModelInfo> added_models();
std::optional<ModelInfo> find_added(std::string_view name);

// "Qwen2.5 Coder-7B.Q4_K_M.gguf" -> "qwen2.5-coder-7b.q4_k_m".
std::string model_name_of(const std::filesystem::path& file);

using HashProgress = std::function<void(std::uint64_t bytes)>;

// Hashes the file and remembers it. `model` has file, name, licence and verdict.
Result<ModelInfo> add_model(const ModelInfo& model, const HashProgress& progress,
                            const std::stop_token& stop);

// Hashes the file again and compares with what is recorded, whatever its size and time say. A
// damaged file of Engram's own cache is set aside; a user's is left alone.
Result<void> verify_model(const ModelInfo& model, const HashProgress& progress,
                          const std::stop_token& stop);

}  // namespace engram
