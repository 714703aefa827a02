#include "assist/models/known_models.h"

#include <fmt/format.h>

#include <algorithm>

#include "assist/config/toml.h"
#include "assist/models/built_in.h"
#include "core/atomic_file.h"
#include "core/path.h"

namespace engram {

namespace {

constexpr std::size_t kMaxParts = 1000;

bool is_sha256(std::string_view s) {
  return s.size() == 64 && s.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Reads one [models.NAME] table; each failure names the key.
class TableReader {
 public:
  TableReader(const json::value& table, std::string context)
      : table_(table), context_(std::move(context)) {}

  Error bad(std::string_view key, std::string_view why) const {
    return Error{Errc::kInvalidArgument, fmt::format("{}.{}: {}", context_, key, why)};
  }
  std::string text(std::string_view key) const {
    return std::string(find_string(table_, key).value_or(""));
  }
  std::int64_t number(std::string_view key, std::int64_t otherwise) const {
    return find_int(table_, key).value_or(otherwise);
  }
  Result<std::vector<ModelSource>> sources() const;

 private:
  Result<ModelSource> source(const json::value& value) const;
  Result<ModelSource> pip_source(const json::value& value) const;

  const json::value& table_;
  std::string context_;
};

Result<std::vector<ModelSource>> TableReader::sources() const {
  std::vector<ModelSource> all;
  const json::array* values = find_array(table_, "sources");
  if (values == nullptr) return all;
  for (const auto& value : *values) {
    ENGRAM_TRY(one, source(value));
    all.push_back(std::move(one));
  }
  return all;
}

Result<ModelSource> TableReader::source(const json::value& value) const {
  const auto kind = find_string(value, "kind").value_or("");
  ModelSource source;
  if (kind == "path" || kind == "url") {
    source.kind = kind == "path" ? ModelSource::Kind::kPath : ModelSource::Kind::kUrl;
    source.location = std::string(find_string(value, kind).value_or(""));
    if (source.location.empty() || source.location.front() == '-') {
      return bad("sources", fmt::format("a source of kind \"{0}\" needs {0} = \"...\"", kind));
    }
    return source;
  }
  if (kind == "pip") return pip_source(value);
  return bad("sources", fmt::format("unknown kind '{}' (path, url or pip)", kind));
}

Result<ModelSource> TableReader::pip_source(const json::value& value) const {
  ModelSource source;
  source.kind = ModelSource::Kind::kPip;
  source.package = std::string(find_string(value, "package").value_or(""));
  source.version = std::string(find_string(value, "version").value_or(""));
  source.member = std::string(find_string(value, "member").value_or(""));
  const std::int64_t parts = find_int(value, "parts").value_or(1);
  if (source.package.empty() || source.package.front() == '-' || source.version.empty() ||
      source.member.empty()) {
    return bad("sources", "a source of kind \"pip\" needs package, version and member");
  }
  if (parts < 1 || parts > static_cast<std::int64_t>(kMaxParts)) {
    return bad("sources", fmt::format("parts must be 1 to {}", kMaxParts));
  }
  source.parts = static_cast<std::size_t>(parts);
  if (const json::array* hashes = find_array(value, "wheel_sha256")) {
    for (const auto& hash : *hashes) {
      if (!hash.is_string() || !is_sha256(hash.get_string())) {
        return bad("sources", "wheel_sha256 must hold 64 lower-case hexadecimal digits each");
      }
      source.wheel_sha256.emplace_back(hash.get_string());
    }
    if (source.wheel_sha256.size() != source.parts) {
      return bad("sources", "wheel_sha256 must have one hash a part");
    }
  }
  return source;
}

Result<KnownModel> read_model(std::string_view name, const TableReader& table, bool built_in) {
  KnownModel model;
  model.name = std::string(name);
  model.file = table.text("file");
  model.sha256 = table.text("sha256");
  model.licence = table.text("licence");
  model.origin = table.text("origin");
  model.rank = table.number("rank", 0);
  model.built_in = built_in;
  if (!is_safe_relative_path(name) || name.find('/') != std::string_view::npos ||
      name.front() == '.') {
    return table.bad("name", "must be a plain file name");
  }
  if (!is_safe_relative_path(model.file) || model.file.find('/') != std::string::npos) {
    return table.bad("file", "must be a plain file name");
  }
  if (!is_sha256(model.sha256)) return table.bad("sha256", "must be 64 lower-case hex digits");
  const std::int64_t bytes = table.number("bytes", -1);
  if (bytes <= 0) return table.bad("bytes", "must be the size of the file");
  model.bytes = static_cast<std::uint64_t>(bytes);
  ENGRAM_TRY(sources, table.sources());
  model.sources = std::move(sources);
  return model;
}

}  // namespace

std::string ModelSource::describe() const {
  switch (kind) {
    case Kind::kPath:
      return fmt::format("the file {}", location);
    case Kind::kUrl:
      return fmt::format("the address {}", location);
    case Kind::kPip:
      return parts == 1
                 ? fmt::format("the pip package {}=={}", expand_part(package, 1), version)
                 : fmt::format("the {} pip packages {}=={} to {}", parts, expand_part(package, 1),
                               version, expand_part(package, parts));
  }
  return {};
}

const KnownModel* KnownModels::find(std::string_view name) const {
  const auto it = std::find_if(models.begin(), models.end(),
                               [&](const KnownModel& model) { return model.name == name; });
  return it == models.end() ? nullptr : &*it;
}

std::string KnownModels::names() const {
  std::string all;
  for (const auto& model : models) all += (all.empty() ? "" : ", ") + model.name;
  return all;
}

Result<void> overlay_models(KnownModels& models, std::string_view text, std::string_view where,
                            bool built_in) {
  ENGRAM_TRY(root, parse_toml(text, where));
  if (const auto chosen = find_string(root, "default"); chosen && !chosen->empty()) {
    models.default_name = std::string(*chosen);
  }
  const json::object* tables = find_object(root, "models");
  if (tables == nullptr) return {};
  for (const auto& [key, value] : *tables) {
    const std::string_view name(key.data(), key.size());
    const TableReader table(value, fmt::format("{}: models.{}", where, name));
    const KnownModel* known = models.find(name);
    if (known == nullptr) {
      ENGRAM_TRY(model, read_model(name, table, built_in));
      models.models.push_back(std::move(model));
      continue;
    }
    ENGRAM_TRY(sources, table.sources());
    auto& mine = models.models[static_cast<std::size_t>(known - models.models.data())].sources;
    mine.insert(mine.begin(), sources.begin(), sources.end());
  }
  return {};
}

Result<KnownModels> known_models() {
  KnownModels models;
  ENGRAM_TRY_VOID(overlay_models(models, built_in_models_toml(), "the built-in models.toml", true));
  const auto file = config_home() / "models.toml";
  const auto text = read_file(file, 1u << 20);
  if (!text && text.error().code == Errc::kNotFound) return models;
  if (!text) return text.error();
  ENGRAM_TRY_VOID(overlay_models(models, *text, file.string(), false));
  return models;
}

std::string expand_part(std::string_view pattern, std::size_t n) {
  std::string out(pattern);
  const auto replace = [&](std::string_view mark, const std::string& value) {
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark)) {
      out.replace(at, mark.size(), value);
    }
  };
  replace("{nn}", fmt::format("{:02}", n));
  replace("{n}", fmt::format("{}", n));
  return out;
}

}  // namespace engram
