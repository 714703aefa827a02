#include "assist/models/manifest.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/path.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

FimVerdict verdict_from(std::string_view name) {
  for (const auto verdict : {FimVerdict::kWorks, FimVerdict::kBroken, FimVerdict::kNoTokens}) {
    if (to_string(verdict) == name) return verdict;
  }
  return FimVerdict::kUntested;
}

}  // namespace

std::optional<Manifest> read_manifest(const fs::path& path) {
  const auto text = read_file(path, 1u << 20);
  if (!text) return std::nullopt;
  const auto value = parse_json(*text);
  if (!value || !value->is_object()) return std::nullopt;
  const auto get = [&](std::string_view key) {
    return std::string(find_string(*value, key).value_or(""));
  };
  Manifest manifest;
  manifest.name = get("name");
  manifest.file = get("file");
  manifest.bytes = static_cast<std::uint64_t>(find_int(*value, "bytes").value_or(0));
  manifest.mtime_ns = find_int(*value, "mtime_ns").value_or(0);
  manifest.sha256 = get("sha256");
  manifest.licence = get("licence");
  manifest.origin = get("origin");
  manifest.source = get("source");
  if (find_int(*value, "fim_test_version") == kFimTestVersion) {
    manifest.fim = verdict_from(get("fim"));
  }
  return manifest;
}

Result<void> write_manifest(const fs::path& path, const Manifest& manifest) {
  ENGRAM_TRY_VOID(make_private_directory(path.parent_path()));
  const json::object value{{"name", json_string(manifest.name)},
                           {"file", json_string(manifest.file.string())},
                           {"bytes", manifest.bytes},
                           {"mtime_ns", manifest.mtime_ns},
                           {"sha256", manifest.sha256},
                           {"licence", json_string(manifest.licence)},
                           {"origin", json_string(manifest.origin)},
                           {"source", json_string(manifest.source)},
                           {"fim", to_string(manifest.fim)},
                           {"fim_test_version", kFimTestVersion}};
  return write_file_atomically(path, to_pretty_json(value));
}

std::optional<FileStamp> stamp_of(const fs::path& file) {
  struct stat s{};
  if (::stat(file.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return std::nullopt;
  return FileStamp{static_cast<std::uint64_t>(s.st_size),
                   std::int64_t{s.st_mtim.tv_sec} * 1'000'000'000 + s.st_mtim.tv_nsec};
}

bool still_describes(const Manifest& manifest, const fs::path& file) {
  const auto stamp = stamp_of(file);
  return stamp && stamp->bytes == manifest.bytes && stamp->mtime_ns == manifest.mtime_ns;
}

fs::path models_home() { return cache_home() / "models"; }

fs::path manifest_path(const ModelInfo& model) {
  const fs::path own = models_home() / model.name;
  if (!model.name.empty() && model.file.parent_path() == own) return own / "manifest.json";
  std::error_code ec;
  const fs::path whole = fs::weakly_canonical(model.file, ec);
  const std::string id = sha256((ec ? model.file : whole).string()).hex().substr(0, 16);
  return models_home() / "by-path" / (id + ".json");
}

}  // namespace engram
