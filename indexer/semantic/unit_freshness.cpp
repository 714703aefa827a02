#include "indexer/semantic/unit_freshness.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "indexer/semantic/include_graph.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kVersion = "1";  // raised when workers tell other facts
constexpr std::string_view kMissing = "missing: ";
constexpr std::size_t kMaxMissing = 20;

bool is_there(const CompileCommand& command, std::string_view header) {
  for (const std::string& folder : include_folders(command)) {
    std::error_code ec;
    if (fs::exists(fs::path(command.directory) / folder / header, ec)) return true;
  }
  return false;
}

// "missing: a.h, b/c.h" -> the headers.
std::vector<std::string> headers_in(std::string_view reason) {
  std::vector<std::string> headers;
  if (!reason.starts_with(kMissing)) return headers;
  reason.remove_prefix(kMissing.size());
  while (!reason.empty()) {
    const std::size_t comma = std::min(reason.find(", "), reason.size());
    headers.emplace_back(reason.substr(0, comma));
    reason.remove_prefix(std::min(comma + 2, reason.size()));
  }
  return headers;
}

}  // namespace

Sha256 command_hash(const CompileCommand& command) {
  std::string text(kVersion);
  text += '\0' + command.directory + '\0' + command.file + '\0';
  text += std::to_string(static_cast<int>(best_certainty(command)));
  for (const std::string& argument : command.arguments) text += '\0' + argument;
  for (const ModuleSource& module : command.modules) {
    text += std::string("\0import\0", 8) + module.name + '\0' + module.directory;
    for (const std::string& argument : module.arguments) text += '\0' + argument;
  }
  return sha256(text);
}

std::vector<std::string> missing_headers(const UnitFacts& facts) {
  constexpr std::string_view kEnd = "' file not found";
  std::vector<std::string> headers;
  for (const UnitDiagnostic& d : facts.diagnostics) {
    if (!d.message.starts_with('\'') || !d.message.ends_with(kEnd)) continue;
    headers.push_back(d.message.substr(1, d.message.size() - 1 - kEnd.size()));
  }
  return headers;
}

std::string missing_reason(const std::vector<std::string>& headers) {
  std::string reason;
  for (std::size_t i = 0; i < headers.size() && i < kMaxMissing; ++i) {
    reason += (i == 0 ? std::string(kMissing) : ", ") + headers[i];
  }
  return reason;
}

const std::optional<UnitFile>& UnitFreshness::file_now(const std::string& path) {
  const std::string absolute = path.starts_with('/') ? path : root_ + "/" + path;
  const auto [it, is_new] = files_.try_emplace(absolute);
  if (!is_new) return it->second;
  const auto file = hashes_.of(absolute);
  if (!file || file->size > UINT32_MAX) return it->second;
  it->second = UnitFile{absolute, file->content, static_cast<std::uint32_t>(file->size), false};
  return it->second;
}

const std::optional<UnitFile>& UnitFreshness::file_now(std::uint32_t source) {
  const std::optional<UnitFile>*& now = now_[source];
  if (now == nullptr) now = &file_now(known_.sources[source].path);
  return *now;
}

bool UnitFreshness::is_fresh(const CompileCommand& command, const KnownUnit& unit) {
  if (unit.inputs.empty()) return false;  // its file could not be read
  for (const std::uint32_t input : unit.inputs) {
    const SemanticSource& source = known_.sources[input];
    if (source.content == Sha256{}) continue;  // never read
    const auto& now = file_now(input);
    if (!now || now->content != source.content) return false;
  }
  const auto missing = headers_in(unit.unit.reason);
  return std::none_of(missing.begin(), missing.end(),
                      [&](const std::string& header) { return is_there(command, header); });
}

}  // namespace engram
