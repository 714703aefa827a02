#include "assist/config/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "assist/config/toml.h"
#include "assist/config/trust.h"
#include "core/atomic_file.h"
#include "core/check.h"
#include "core/path.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

using enum SettingType;
constexpr bool kWorkspaceMay = true;
constexpr bool kUserOnly = false;

constexpr std::array kSpecs = std::to_array<SettingSpec>({
    {"activations", kText, "exact", kUserOnly,
     "exact: 16 bits; mixed: 8 where they do, for faster prompts"},
    {"clang.compile_commands", kText, "", kUserOnly,
     "compile_commands.json or its folder; empty: looked for in the workspace and above"},
    {"clang.drivers", kList, "", kUserOnly,
     "Compilers, by absolute path, that may be run to ask for their include folders"},
    {"clang.guess_seconds", kNumber, "30", kUserOnly,
     "Where no compile database is, 'engram index' has Clang read sources for so long; 0: not at "
     "all"},
    {"clang.guessed_units", kNumber, "2000", kUserOnly,
     "Where no compile database is, Clang reads so many sources with guessed commands; 0: none"},
    {"clang.roots", kList, "", kUserOnly,
     "Folders outside the workspace that compile commands may name"},
    {"completion.evidence", kText, "auto", kWorkspaceMay,
     "Mix what the repository wrote elsewhere into the model's choice: auto (where it was measured "
     "to "
     "help: every model so far), on, off"},
    {"completion.gate", kText, "", kUserOnly, "Numbers of that mixture: a JSON file"},
    {"completion.max_lines", kNumber, "10", kWorkspaceMay, "Most lines of one suggestion"},
    {"completion.max_tokens", kNumber, "96", kWorkspaceMay, "Most tokens of one suggestion"},
    {"completion.memory_drafts", kFlag, "true", kWorkspaceMay,
     "Guess from the repository's memory, to be faster; never changes what is suggested"},
    {"completion.min_confidence", kText, "auto", kWorkspaceMay,
     "Show nothing unasked whose first line is less likely to be right (0 to 1); auto: 0.05 of a "
     "model's, 0.5 of what memory writes alone"},
    {"completion.prompt_tokens", kNumber, "0", kUserOnly,
     "Tokens of a prompt; 0: as many as this machine computes while you wait"},
    {"completion.search", kFlag, "true", kWorkspaceMay,
     "Follow a line's other likely choices, too, where they may make a likelier line; more of them "
     "are right, for more work"},
    {"context_tokens", kNumber, "8192", kUserOnly, "Longest prompt, in tokens"},
    {"index.exclude", kList, "", kWorkspaceMay, "Globs of files to leave out"},
    {"index.include", kList, "", kWorkspaceMay, "Globs of files to take; empty: all"},
    {"index.max_file_bytes", kNumber, "4194304", kWorkspaceMay, "Larger files are left out"},
    {"kernels", kText, "", kUserOnly, "ref, avx2 or avx512; empty: the best of this machine"},
    {"lsp.clang", kFlag, "true", kUserOnly,
     "The language server asks Clang about open C and C++ files: diagnostics, fixes, completions; "
     "false where another server does"},
    {"lsp.include_hints", kFlag, "true", kUserOnly,
     "Open C and C++ files have hints at includes that nothing uses, and at names whose header is "
     "not included"},
    {"lsp.navigation", kFlag, "true", kUserOnly,
     "The language server offers definitions, references, hovers and their kin; false where "
     "another "
     "server does"},
    {"lsp.semantic", kFlag, "true", kUserOnly,
     "The language server has Clang read the units of a compile database in the background"},
    {"model", kText, "", kUserOnly, "Name or path of the model; empty: the best one present"},
    {"store", kText, "", kUserOnly, "Directory of the memory; empty: in the user's cache"},
    {"threads", kNumber, "0", kUserOnly, "Compute threads; 0: one a core"},
});

const SettingSpec* find_spec(std::string_view key) {
  const auto it = std::find_if(kSpecs.begin(), kSpecs.end(),
                               [&](const SettingSpec& s) { return s.key == key; });
  return it == kSpecs.end() ? nullptr : &*it;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t n = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  if (r.ec != std::errc() || r.ptr != text.data() + text.size() || n < 0) return std::nullopt;
  return n;
}

std::string why_wrong(const SettingSpec& spec, std::string_view value) {
  if (spec.type == kNumber && !parse_number(value)) return "it must be a number of 0 or more";
  if (spec.type == kFlag && value != "true" && value != "false") return "it must be true or false";
  return {};
}

// A value as text; lists joined by ','. nullopt for tables and mixed lists.
std::optional<std::string> as_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  if (value.is_number()) return to_json(value);
  if (!value.is_array()) return std::nullopt;
  std::string joined;
  for (const json::value& element : value.get_array()) {
    if (!element.is_string()) return std::nullopt;
    if (!joined.empty()) joined += ',';
    joined += std::string_view(element.get_string());
  }
  return joined;
}

struct FileSetting {
  std::string key;
  const json::value* value;
};

void flatten(const json::object& table, const std::string& prefix, std::vector<FileSetting>& out) {
  for (const auto& [key, value] : table) {
    const std::string name = prefix + std::string(key);
    if (value.is_object()) {
      flatten(value.get_object(), name + ".", out);
    } else {
      out.push_back({name, &value});
    }
  }
}

}  // namespace

std::span<const SettingSpec> setting_specs() { return kSpecs; }

class SettingsLoader {
 public:
  Result<Settings> load(const fs::path& workspace) {
    for (const SettingSpec& spec : kSpecs) {
      out_.values_[std::string(spec.key)] = {std::string(spec.default_value), "default"};
    }
    read_workspace(workspace / ".engram.toml", workspace);
    ENGRAM_TRY_VOID(read_user(config_home() / "config.toml"));
    ENGRAM_TRY_VOID(read_environment());
    return std::move(out_);
  }

 private:
  void read_workspace(const fs::path& file, const fs::path& workspace) {
    constexpr std::size_t kMaxBytes = 1 << 20;
    const auto text = read_file(file, kMaxBytes);
    if (!text) {
      if (text.error().code != Errc::kNotFound) ignored(text.error().message);
      return;
    }
    const auto table = parse_toml(*text, file.string());
    if (!table) return ignored(table.error().message);
    const Trust trust = workspace_trust(workspace, *text);
    std::vector<FileSetting> settings;
    flatten(table->get_object(), "", settings);
    std::string refused;
    for (const FileSetting& setting : settings) {
      const SettingSpec* spec = find_spec(setting.key);
      // An unknown key may be a dangerous one of another version: never obeyed, always said.
      if (trust != Trust::kTrusted && (spec == nullptr || !spec->workspace_may_set)) {
        refused += (refused.empty() ? "'" : ", '") + setting.key + "'";
        continue;
      }
      if (const auto done = set(setting, file.string()); !done) ignored(done.error().message);
    }
    if (refused.empty()) return;
    ignored(
        fmt::format("{} in '{}': a workspace may set only globs, languages, caps and style{}; "
                    "run 'engram trust {}' to allow them",
                    refused, file.string(),
                    trust == Trust::kChanged ? " (the file changed since it was trusted)" : "",
                    workspace.string()));
  }

  Result<void> read_user(const fs::path& file) {
    const auto table = read_toml(file);
    if (!table) {
      if (table.error().code == Errc::kNotFound) return {};
      return table.error();
    }
    std::vector<FileSetting> settings;
    flatten(table->get_object(), "", settings);
    for (const FileSetting& setting : settings) {
      ENGRAM_TRY_VOID(set(setting, file.string()));
    }
    return {};
  }

  Result<void> read_environment() {
    for (const SettingSpec& spec : kSpecs) {
      std::string name = "ENGRAM_";
      for (const char c : spec.key) {
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      }
      const char* value = std::getenv(name.c_str());
      if (value == nullptr || value[0] == '\0') continue;
      if (const std::string why = why_wrong(spec, value); !why.empty()) {
        return Error{Errc::kInvalidArgument,
                     fmt::format("cannot use {}='{}': {}", name, value, why)};
      }
      out_.values_[std::string(spec.key)] = {value, name};
    }
    return {};
  }

  Result<void> set(const FileSetting& setting, const std::string& file) {
    const SettingSpec* spec = find_spec(setting.key);
    if (spec == nullptr) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot use '{}' in '{}': there is no such setting; 'engram config' "
                               "lists them",
                               setting.key, file)};
    }
    const auto text = as_text(*setting.value);
    const std::string why = text ? why_wrong(*spec, *text) : "it must be one value or a list";
    if (!why.empty()) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot use '{}' in '{}': {}", setting.key, file, why)};
    }
    out_.values_[setting.key] = {*text, file};
    return {};
  }

  void ignored(std::string what) { out_.messages_.push_back("ignored: " + std::move(what)); }

  Settings out_;
};

std::string Settings::text(std::string_view key) const {
  const auto it = values_.find(key);
  ENGRAM_CHECK(it != values_.end(), std::string(key));
  return it->second.value;
}

std::int64_t Settings::number(std::string_view key) const {
  return parse_number(text(key)).value_or(0);
}

bool Settings::flag(std::string_view key) const { return text(key) == "true"; }

std::vector<std::string> Settings::list(std::string_view key) const {
  const std::string value = text(key);
  std::vector<std::string> out;
  for (std::size_t start = 0; start < value.size();) {
    const std::size_t comma = std::min(value.find(',', start), value.size());
    if (comma > start) out.push_back(value.substr(start, comma - start));
    start = comma + 1;
  }
  return out;
}

void Settings::override_with(std::string_view key, std::string value, std::string source) {
  ENGRAM_CHECK(find_spec(key) != nullptr, std::string(key));
  values_[std::string(key)] = {std::move(value), std::move(source)};
}

Result<Settings> load_settings(const fs::path& workspace) {
  return SettingsLoader().load(workspace);
}

}  // namespace engram
