// assist/config/trust.h: which workspaces' own settings may name programs, models and paths.
//
// Trust is given by the user alone (`engram trust DIR`), kept in data_home()/trusted.json, and
// holds for the .engram.toml as it was then: after the file changed, it must be given again.
//
// Threads: safe across processes (the file is replaced atomically).  Errors: kIo, kNotFound.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/result.h"

namespace engram {

enum class Trust : unsigned char { kNone, kChanged, kTrusted };  // kChanged: the file was another

// `settings_file`: the present contents of the workspace's .engram.toml.
Trust workspace_trust(const std::filesystem::path& workspace, std::string_view settings_file);
Result<void> trust_workspace(const std::filesystem::path& workspace);
Result<bool> revoke_trust(const std::filesystem::path& workspace);  // false: it had none

}  // namespace engram
