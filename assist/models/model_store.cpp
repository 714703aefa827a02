#include "assist/models/model_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "assist/models/added_models.h"
#include "assist/models/built_in.h"
#include "assist/models/fetch.h"
#include "assist/models/known_models.h"
#include "assist/models/manifest.h"
#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/log.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

ModelInfo info_of(const KnownModel& known) {
  ModelInfo info;
  info.name = known.name;
  info.bytes = known.bytes;
  info.sha256 = known.sha256;
  info.licence = known.licence;
  info.origin = known.origin;
  const fs::path file = models_home() / known.name / known.file;
  const auto stamp = stamp_of(file);
  if (!stamp || stamp->bytes != known.bytes) return info;
  info.present = true;
  info.file = file;
  const auto manifest = read_manifest(manifest_path(info));
  if (manifest && manifest->sha256 == known.sha256 && still_describes(*manifest, file)) {
    info.fim = manifest->fim;
  }
  return info;
}

Result<void> keep_manifest(const ModelInfo& info, const std::string& source) {
  const auto stamp = stamp_of(info.file);
  if (!stamp) {
    return Error{Errc::kNotFound, fmt::format("the model file {} is gone", info.file.string())};
  }
  return write_manifest(manifest_path(info),
                        {info.name, info.file, stamp->bytes, stamp->mtime_ns, info.sha256,
                         info.licence, info.origin, source, info.fim});
}

void keep_licence(const ModelInfo& info) {
  if (info.licence != "Apache-2.0") return;
  const fs::path file = info.file.parent_path() / "LICENSE";
  if (fs::exists(file)) return;
  if (const auto kept = write_file_atomically(file, apache_licence_text()); !kept) {
    log_warn("{}", kept.error().message);
  }
}

// Hashes a known model's file once; afterwards size and time in the manifest vouch for it.
Result<void> check_known(const ModelInfo& info, const std::function<void(std::uint64_t)>& progress,
                         const std::stop_token& stop) {
  const auto manifest = read_manifest(manifest_path(info));
  if (manifest && manifest->sha256 == info.sha256 && still_describes(*manifest, info.file)) {
    return {};
  }
  ENGRAM_TRY(hash, sha256_file(info.file, progress, stop));
  if (hash.hex() != info.sha256) {
    const fs::path aside = info.file.string() + ".corrupt";
    std::error_code ec;
    fs::rename(info.file, aside, ec);
    return Error{
        Errc::kCorrupt,
        fmt::format("the model file {} has SHA-256 {}, expected {}; set aside as {}; run: "
                    "engram model fetch {}",
                    info.file.string(), hash.hex(), info.sha256, aside.string(), info.name)};
  }
  const std::string source = manifest ? manifest->source : "found in the cache";
  if (const auto kept = keep_manifest(info, source); !kept) {
    log_warn("cannot remember that {} was checked: {}", info.name, kept.error().message);
  }
  keep_licence(info);
  return {};
}

Result<ModelInfo> find_by_path(const fs::path& path) {
  std::error_code ec;
  const fs::path file = fs::absolute(path, ec);
  const auto stamp = stamp_of(file);
  if (!stamp) {
    return Error{Errc::kNotFound,
                 fmt::format("cannot use the model {}: no such file", path.string())};
  }
  ModelInfo info;
  info.file = file;
  info.bytes = stamp->bytes;
  info.present = true;
  info.origin = "a file of the user's";
  const auto manifest = read_manifest(manifest_path(info));
  if (!manifest) return info;
  info.name = manifest->name;
  if (still_describes(*manifest, file)) {
    info.sha256 = manifest->sha256;
    info.fim = manifest->fim;
  }
  return info;
}

bool looks_like_path(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".gguf");
}

Result<ModelInfo> usable_added(const ModelInfo& model) {
  if (!model.sha256.empty()) return model;
  const std::string_view what = model.present ? "changed since it was added" : "is gone";
  return Error{model.present ? Errc::kCorrupt : Errc::kNotFound,
               fmt::format("cannot use the model '{0}': {1} {2}; run: engram model add {1} --name "
                           "{0}",
                           model.name, model.file.string(), what)};
}

Result<ModelInfo> find_named(const KnownModels& known, std::string_view name) {
  if (looks_like_path(name)) return find_by_path(fs::path(name));
  const KnownModel* model = known.find(name);
  if (model == nullptr) {
    if (const auto added = find_added(name)) return usable_added(*added);
    std::string names = known.names();
    for (const ModelInfo& added : added_models()) names += ", " + added.name;
    return Error{Errc::kNotFound, fmt::format("unknown model '{}': give a path to a GGUF file, or "
                                              "one of {}",
                                              name, names)};
  }
  const ModelInfo info = info_of(*model);
  if (!info.present) {
    return Error{Errc::kNotFound, fmt::format("the model {0} is not on this machine; run: engram "
                                              "model fetch {0}",
                                              name)};
  }
  ENGRAM_TRY_VOID(check_known(info, {}, {}));
  return info;
}

Result<ModelInfo> find_best(const KnownModels& known) {
  auto models = known.models;
  std::sort(models.begin(), models.end(), [](const KnownModel& a, const KnownModel& b) {
    return std::tie(b.rank, a.name) < std::tie(a.rank, b.name);
  });
  for (const auto& model : models) {
    const ModelInfo info = info_of(model);
    if (!info.present) continue;
    const auto checked = check_known(info, {}, {});
    if (checked) return info;
    log_warn("{}", checked.error().message);
  }
  return Error{Errc::kNotFound,
               fmt::format("there is no model on this machine; run: engram model fetch {}",
                           models.empty() ? "NAME" : models.front().name)};
}

}  // namespace

std::string_view to_string(FimVerdict verdict) {
  switch (verdict) {
    case FimVerdict::kWorks:
      return "works";
    case FimVerdict::kBroken:
      return "broken";
    case FimVerdict::kNoTokens:
      return "no_tokens";
    case FimVerdict::kUntested:
      break;
  }
  return "untested";
}

std::vector<ModelInfo> list_models() {
  std::vector<ModelInfo> all;
  const auto known = known_models();
  if (!known) {
    log_error("{}", known.error().message);
    return all;
  }
  for (const auto& model : known->models) all.push_back(info_of(model));
  for (ModelInfo& model : added_models()) all.push_back(std::move(model));
  return all;
}

Result<ModelInfo> find_model(std::optional<std::string_view> name_or_path) {
  ENGRAM_TRY(known, known_models());
  if (!name_or_path && known.default_name) return find_named(known, *known.default_name);
  return name_or_path ? find_named(known, *name_or_path) : find_best(known);
}

Result<ModelInfo> fetch_model(std::string_view name,
                              const std::function<void(const FetchProgress&)>& progress,
                              std::stop_token stop) {
  ENGRAM_TRY(known, known_models());
  const KnownModel* model = known.find(name);
  if (model == nullptr) {
    return Error{Errc::kNotFound, fmt::format("cannot fetch the model '{}': unknown; the known "
                                              "ones are {}",
                                              name, known.names())};
  }
  const fs::path directory = models_home() / model->name;
  ENGRAM_TRY_VOID(make_private_directory(directory));
  ModelInfo info = info_of(*model);
  if (info.present) {
    const auto on_bytes = [&](std::uint64_t done) {
      if (progress) progress({done, info.bytes, "checking"});
    };
    const auto checked = check_known(info, on_bytes, stop);
    if (checked) return info;
    if (checked.error().code != Errc::kCorrupt) return checked.error();
    log_warn("{}", checked.error().message);
  }
  ENGRAM_TRY(source, fetch_file(*model, directory, progress, stop));
  info = info_of(*model);
  info.file = directory / model->file;
  ENGRAM_TRY_VOID(keep_manifest(info, source));
  keep_licence(info);
  return info_of(*model);
}

Result<ModelInfo> record_fim_verdict(const ModelInfo& model, FimVerdict verdict) {
  ModelInfo info = model;
  info.fim = verdict;
  const auto manifest = read_manifest(manifest_path(model));
  ENGRAM_TRY_VOID(keep_manifest(info, manifest ? manifest->source : ""));
  return info;
}

}  // namespace engram
