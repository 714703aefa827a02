// assist/config/settings.h: every setting, its value, and where the value came from.
//
// Order, strongest first: flags (override_with), environment ENGRAM_*, the user's
// config_home()/config.toml, the workspace's .engram.toml, the built-in default. A workspace is
// hostile until `engram trust`: its file may set only what cannot run, reach or read anything
// outside (globs, languages, caps, style); everything else in it is ignored with a message.
//
// Threads: a Settings is a value.  Errors: kInvalidArgument for a malformed *user* file or
// environment value (file, line, reason); a malformed workspace file is a message, never an error.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

enum class SettingType : unsigned char { kText, kNumber, kFlag, kList };

struct SettingSpec {
  std::string_view key;  // "completion.max_tokens"; environment: ENGRAM_COMPLETION_MAX_TOKENS
  SettingType type;
  std::string_view default_value;  // as text; lists separated by ','
  bool workspace_may_set;          // without trust
  std::string_view description;
};
std::span<const SettingSpec> setting_specs();  // sorted by key

class Settings {
 public:
  std::string text(std::string_view key) const;  // REQUIRES (all four): a key of setting_specs()
  std::int64_t number(std::string_view key) const;
  bool flag(std::string_view key) const;
  std::vector<std::string> list(std::string_view key) const;

  struct Value {
    std::string value;
    std::string source;  // "default", "ENGRAM_MODEL", "<path of the file>", "--model"
  };
  const std::map<std::string, Value, std::less<>>& values() const { return values_; }
  // What was ignored and why, one line each, for the user.
  const std::vector<std::string>& messages() const { return messages_; }

  void override_with(std::string_view key, std::string value, std::string source);

 private:
  friend class SettingsLoader;
  std::map<std::string, Value, std::less<>> values_;
  std::vector<std::string> messages_;
};

Result<Settings> load_settings(const std::filesystem::path& workspace);

}  // namespace engram
