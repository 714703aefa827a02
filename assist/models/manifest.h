// assist/models/manifest.h: manifest.json, what was found out about one model file.
//
// Lies beside the file. Size and modification time say whether the file is still the one that was
// hashed; if not, everything here is void until it is hashed again.
//
// Threads: pure functions.  Errors: a missing or damaged manifest is none (it can be made again).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "assist/models/model_store.h"
#include "core/result.h"

namespace engram {

// Raised when the holes of the self-test change: older verdicts then count as untested.
inline constexpr std::int64_t kFimTestVersion = 1;

struct Manifest {
  std::string name;
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
  std::string sha256, licence, origin, source;
  FimVerdict fim = FimVerdict::kUntested;
};

std::optional<Manifest> read_manifest(const std::filesystem::path& manifest);
Result<void> write_manifest(const std::filesystem::path& path, const Manifest& manifest);

// Size and modification time of the file as it is now.
struct FileStamp {
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
};
std::optional<FileStamp> stamp_of(const std::filesystem::path& file);
bool still_describes(const Manifest& manifest, const std::filesystem::path& file);

// Where the manifest of a model lies: models/<name>/, or for a file elsewhere models/by-path/.
std::filesystem::path models_home();
std::filesystem::path manifest_path(const ModelInfo& model);

}  // namespace engram
