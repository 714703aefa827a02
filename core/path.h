// core/path.h: names of files: workspace-relative paths, the user's directories, file:// URIs.
//
// A RelativePath is what a store keeps: normalised, '/'-separated, never empty, never starting
// with '/' and never containing "." or ".." components, so it cannot leave its workspace.
//
// Threads: pure functions.  Errors: kInvalidArgument naming the path.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

// `path` relative to `root`; nullopt when it lies outside. Purely lexical, no file access.
std::optional<std::string> relative_path(const std::filesystem::path& root,
                                         const std::filesystem::path& path);
bool is_safe_relative_path(std::string_view path);

std::filesystem::path cache_home();    // $XDG_CACHE_HOME/engram, else ~/.cache/engram
std::filesystem::path config_home();   // $XDG_CONFIG_HOME/engram, else ~/.config/engram
std::filesystem::path data_home();     // $XDG_DATA_HOME/engram, else ~/.local/share/engram
std::filesystem::path runtime_home();  // $XDG_RUNTIME_DIR/engram, else cache_home()/run

// "file:///a%20b" -> "/a b"; any other scheme or a malformed escape is kInvalidArgument.
Result<std::filesystem::path> path_from_uri(std::string_view uri);
std::string uri_from_path(const std::filesystem::path& path);

}  // namespace engram
