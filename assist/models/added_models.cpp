#include "assist/models/added_models.h"

#include <fmt/format.h>

#include <algorithm>

#include "assist/models/known_models.h"
#include "assist/models/manifest.h"
#include "core/hash.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

ModelInfo info_of(const Manifest& manifest) {
  ModelInfo info;
  info.name = manifest.name;
  info.file = manifest.file;
  info.bytes = manifest.bytes;
  info.licence = manifest.licence;
  info.origin = manifest.origin;
  info.present = stamp_of(manifest.file).has_value();
  if (still_describes(manifest, manifest.file)) {
    info.sha256 = manifest.sha256;
    info.fim = manifest.fim;
  }
  return info;
}

Result<void> check_name(const ModelInfo& model) {
  const std::string& name = model.name;
  const bool fine = !name.empty() && name.size() <= 100 && is_name_character(name.front()) &&
                    name.front() != '.' && name.front() != '-' && !name.ends_with(".gguf") &&
                    std::all_of(name.begin(), name.end(), is_name_character);
  const auto refuse = [&](std::string_view why) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot add {} as '{}': {}; choose another with --name",
                             model.file.string(), name, why)};
  };
  if (!fine) return refuse("a name has lower-case letters, digits, '.', '-' and '_'");
  ENGRAM_TRY(known, known_models());
  if (known.find(name) != nullptr) return refuse("that is a model Engram knows");
  const auto added = find_added(name);
  std::error_code ignored;
  if (added && !fs::equivalent(added->file, model.file, ignored)) {
    return refuse(fmt::format("that is {}", added->file.string()));
  }
  return {};
}

// True for a file in a model's own directory of the cache.
bool is_ours(const ModelInfo& model) {
  return !model.name.empty() && model.file.parent_path() == models_home() / model.name;
}

}  // namespace

std::vector<ModelInfo> added_models() {
  std::vector<ModelInfo> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(models_home() / "by-path", ignored)) {
    const auto manifest = read_manifest(entry.path());
    if (manifest && !manifest->name.empty()) all.push_back(info_of(*manifest));
  }
  std::sort(all.begin(), all.end(),
            [](const ModelInfo& a, const ModelInfo& b) { return a.name < b.name; });
  return all;
}

std::optional<ModelInfo> find_added(std::string_view name) {
  for (ModelInfo& model : added_models()) {
    if (model.name == name) return std::move(model);
  }
  return std::nullopt;
}

std::string model_name_of(const fs::path& file) {
  std::string name;
  for (char c : file.stem().string()) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    name.push_back(is_name_character(c) ? c : '-');
  }
  return name;
}

Result<ModelInfo> add_model(const ModelInfo& model, const HashProgress& progress,
                            const std::stop_token& stop) {
  ENGRAM_TRY_VOID(check_name(model));
  const auto stamp = stamp_of(model.file);
  if (!stamp) {
    return Error{Errc::kNotFound, fmt::format("cannot add {}: no such file", model.file.string())};
  }
  ENGRAM_TRY(hash, sha256_file(model.file, progress, stop));
  const Manifest manifest{model.name,      model.file,          stamp->bytes,
                          stamp->mtime_ns, hash.hex(),          model.licence,
                          model.origin,    "added by the user", model.fim};
  if (!still_describes(manifest, model.file)) {
    return Error{Errc::kCorrupt,
                 fmt::format("cannot add {}: it changed while it was read", model.file.string())};
  }
  ENGRAM_TRY_VOID(write_manifest(manifest_path(model), manifest));
  return info_of(manifest);
}

Result<void> verify_model(const ModelInfo& model, const HashProgress& progress,
                          const std::stop_token& stop) {
  const auto manifest = read_manifest(manifest_path(model));
  const std::string expected = is_ours(model) || !manifest ? model.sha256 : manifest->sha256;
  if (expected.empty()) {
    return Error{Errc::kNotFound,
                 fmt::format("cannot verify {0}: nothing is recorded about it; run: engram model "
                             "add {0}",
                             model.file.string())};
  }
  ENGRAM_TRY(hash, sha256_file(model.file, progress, stop));
  if (hash.hex() == expected) return {};
  std::string what_now = "get it again, or accept it as it is with: engram model add FILE";
  if (is_ours(model)) {
    const fs::path aside = model.file.string() + ".corrupt";
    std::error_code ignored;
    fs::rename(model.file, aside, ignored);
    what_now =
        fmt::format("set aside as {}; run: engram model fetch {}", aside.string(), model.name);
  }
  return Error{Errc::kCorrupt, fmt::format("the model file {} has SHA-256 {}, recorded is {}; {}",
                                           model.file.string(), hash.hex(), expected, what_now)};
}

}  // namespace engram
