#include "assist/config/trust.h"

#include <fmt/format.h>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/log.h"
#include "core/path.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFile = 1 << 20;

fs::path trust_file() { return data_home() / "trusted.json"; }

std::string name_of(const fs::path& workspace) {
  std::error_code ec;
  const fs::path canonical = fs::weakly_canonical(workspace, ec);
  return (ec ? workspace.lexically_normal() : canonical).string();
}

// Workspace path -> SHA-256 of its .engram.toml when trust was given. A damaged file trusts nobody.
json::object load() {
  const auto text = read_file(trust_file(), kMaxFile);
  if (!text) return {};
  const auto parsed = parse_json(*text);
  if (!parsed || !parsed->is_object()) {
    log_warn("'{}' is damaged and ignored: no workspace is trusted", trust_file().string());
    return {};
  }
  return parsed->get_object();
}

Result<void> save(const json::object& entries) {
  ENGRAM_TRY_VOID(make_private_directory(trust_file().parent_path()));
  return write_file_atomically(trust_file(), to_pretty_json(entries), 0600);
}

}  // namespace

Trust workspace_trust(const fs::path& workspace, std::string_view settings_file) {
  const json::object entries = load();
  const json::value* hash = entries.if_contains(name_of(workspace));
  if (hash == nullptr || !hash->is_string()) return Trust::kNone;
  return std::string_view(hash->get_string()) == sha256(settings_file).hex() ? Trust::kTrusted
                                                                             : Trust::kChanged;
}

Result<void> trust_workspace(const fs::path& workspace) {
  std::error_code ec;
  if (!fs::is_directory(workspace, ec)) {
    return Error{Errc::kNotFound,
                 fmt::format("cannot trust '{}': it is not a directory", workspace.string())};
  }
  const auto settings = read_file(workspace / ".engram.toml", kMaxFile);
  if (!settings && settings.error().code != Errc::kNotFound) return settings.error();
  json::object entries = load();
  entries[name_of(workspace)] = sha256(settings ? *settings : std::string()).hex();
  return save(entries);
}

Result<bool> revoke_trust(const fs::path& workspace) {
  json::object entries = load();
  if (entries.erase(name_of(workspace)) == 0) return false;
  ENGRAM_TRY_VOID(save(entries));
  return true;
}

}  // namespace engram
