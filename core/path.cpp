#include "core/path.h"

#include <fmt/format.h>

#include <cstdlib>

namespace engram {

namespace fs = std::filesystem;

std::optional<std::string> relative_path(const fs::path& root, const fs::path& path) {
  const std::string relative =
      path.lexically_normal().lexically_relative(root.lexically_normal()).generic_string();
  if (!is_safe_relative_path(relative)) return std::nullopt;
  return relative;
}

bool is_safe_relative_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) {
    return false;
  }
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t slash = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, slash - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = slash + 1;
  }
  return true;
}

namespace {

fs::path xdg_directory(const char* variable, const char* under_home) {
  if (const char* value = std::getenv(variable); value != nullptr && value[0] == '/') {
    return fs::path(value) / "engram";
  }
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr && home[0] != '\0' ? home : "/tmp") / under_home / "engram";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

fs::path cache_home() { return xdg_directory("XDG_CACHE_HOME", ".cache"); }
fs::path config_home() { return xdg_directory("XDG_CONFIG_HOME", ".config"); }
fs::path data_home() { return xdg_directory("XDG_DATA_HOME", ".local/share"); }

fs::path runtime_home() {
  if (const char* value = std::getenv("XDG_RUNTIME_DIR"); value != nullptr && value[0] == '/') {
    return fs::path(value) / "engram";
  }
  return cache_home() / "run";
}

Result<fs::path> path_from_uri(std::string_view uri) {
  const auto bad = [&](const char* why) {
    return Error{Errc::kInvalidArgument, fmt::format("cannot read the URI '{}': {}", uri, why)};
  };
  constexpr std::string_view kScheme = "file://";
  if (!uri.starts_with(kScheme)) return bad("only file:// is supported");
  std::string_view rest = uri.substr(kScheme.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return bad("it has no path");
  if (const auto host = rest.substr(0, slash); !host.empty() && host != "localhost") {
    return bad("it names another host");
  }
  rest.remove_prefix(slash);
  std::string path;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '%') {
      path += rest[i];
      continue;
    }
    const int high = i + 1 < rest.size() ? hex_digit(rest[i + 1]) : -1;
    const int low = i + 2 < rest.size() ? hex_digit(rest[i + 2]) : -1;
    if (high < 0 || low < 0) return bad("malformed % escape");
    if (high == 0 && low == 0) return bad("it contains a NUL byte");
    path += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return fs::path(path).lexically_normal();
}

std::string uri_from_path(const fs::path& path) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string uri = "file://";
  for (const char c : path.generic_string()) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

}  // namespace engram
