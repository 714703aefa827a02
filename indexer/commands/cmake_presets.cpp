// CMakePresets.json and CMakeUserPresets.json, as cmake-presets(7) has them: configurePresets'
// binaryDir with `inherits` and the macros that can be told without running anything.
#include <fmt/format.h>

#include <map>
#include <set>

#include "core/atomic_file.h"
#include "core/json.h"
#include "indexer/commands/find_databases.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxInherited = 32;

struct Preset {
  std::string binary_dir, generator;
  std::vector<std::string> inherits;
  bool hidden = false;
};
using Presets = std::map<std::string, Preset>;

void read_presets(const fs::path& file, Presets& out, std::vector<std::string>& messages) {
  const auto text = read_file(file, kMaxFileBytes);
  if (!text) {
    if (text.error().code != Errc::kNotFound) messages.push_back(text.error().message);
    return;
  }
  const auto value = parse_json(*text, 64);
  if (!value) {
    return messages.push_back(fmt::format("{}: {}", file.string(), value.error().message));
  }
  const json::array* presets = find_array(*value, "configurePresets");
  if (presets == nullptr) return;
  for (const json::value& preset : *presets) {
    const auto name = find_string(preset, "name");
    if (!name) continue;
    Preset& p = out[std::string(*name)];
    p.binary_dir = find_string(preset, "binaryDir").value_or("");
    p.generator = find_string(preset, "generator").value_or("");
    p.hidden = find_bool(preset, "hidden").value_or(false);
    if (const auto one = find_string(preset, "inherits")) p.inherits = {std::string(*one)};
    const json::array* several = find_array(preset, "inherits");
    if (several == nullptr) continue;
    for (const json::value& parent : *several) {
      if (parent.is_string()) p.inherits.emplace_back(std::string_view(parent.get_string()));
    }
  }
}

// The first of a preset and its parents, in order, for which `member` is set.
std::string inherited(const Presets& presets, const std::string& name, std::string Preset::* member,
                      std::set<std::string>& seen) {
  if (seen.size() > kMaxInherited || !seen.insert(name).second) return {};
  const auto it = presets.find(name);
  if (it == presets.end()) return {};
  if (!(it->second.*member).empty()) return it->second.*member;
  for (const std::string& parent : it->second.inherits) {
    std::string value = inherited(presets, parent, member, seen);
    if (!value.empty()) return value;
  }
  return {};
}

// Empty when a macro cannot be told ($env{...}).
std::string expand(std::string text, const std::map<std::string, std::string>& macros) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t dollar = text.find('$', at);
    out += text.substr(at, dollar - at);
    if (dollar == std::string::npos) break;
    const std::size_t end = text.find('}', dollar);
    if (end == std::string::npos) return {};
    const auto macro = macros.find(text.substr(dollar, end - dollar + 1));
    if (macro == macros.end()) return {};
    out += macro->second;
    at = end + 1;
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::string, fs::path>> preset_build_folders(
    const fs::path& workspace, std::vector<std::string>& messages) {
  Presets presets;
  read_presets(workspace / "CMakePresets.json", presets, messages);
  read_presets(workspace / "CMakeUserPresets.json", presets, messages);
  std::vector<std::pair<std::string, fs::path>> out;
  for (const auto& [name, preset] : presets) {
    if (preset.hidden) continue;
    std::set<std::string> seen, seen_too;
    const std::string binary_dir = inherited(presets, name, &Preset::binary_dir, seen);
    if (binary_dir.empty()) continue;
    const std::map<std::string, std::string> macros = {
        {"${sourceDir}", workspace.string()},
        {"${sourceParentDir}", workspace.parent_path().string()},
        {"${sourceDirName}", workspace.filename().string()},
        {"${presetName}", name},
        {"${generator}", inherited(presets, name, &Preset::generator, seen_too)},
        {"${hostSystemName}", "Linux"},
        {"${dollar}", "$"},
        {"${pathListSep}", ":"}};
    const std::string folder = expand(binary_dir, macros);
    if (folder.empty()) {
      messages.push_back(
          fmt::format("preset '{}': binaryDir '{}' depends on the environment", name, binary_dir));
      continue;
    }
    out.emplace_back(name, (workspace / folder).lexically_normal());
  }
  return out;
}

}  // namespace engram
