#include "memory/engrams/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/atomic_file.h"
#include "core/hash.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "manifest";
constexpr std::size_t kMaxBytes = 1 << 16;

bool is_segment_name(std::string_view name) {
  return name.size() > 4 && name.ends_with(".seg") &&
         std::all_of(name.begin(), name.end() - 4, [](char c) { return c >= '0' && c <= '9'; });
}

// Takes "KEY value\n" off the front.
bool take_line(std::string_view& text, std::string_view key, std::string_view& value) {
  if (!text.starts_with(key) || text.size() <= key.size() || text[key.size()] != ' ') return false;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return true;
}

Result<EngramManifest> read_manifest(const fs::path& file) {
  const auto contents = read_file(file, kMaxBytes);
  const Error corrupt{Errc::kCorrupt,
                      fmt::format("cannot use the engrams in '{}': the manifest is damaged",
                                  file.parent_path().string())};
  if (!contents) {  // too large, or no regular file: not what was written
    return contents.error().code == Errc::kInvalidArgument ? corrupt : contents.error();
  }
  EngramManifest out;
  std::string_view rest = *contents, value;
  if (!take_line(rest, "engram-memory", value) || value != "1") return corrupt;
  if (!take_line(rest, "next", value)) return corrupt;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), out.next);
  if (ec != std::errc{} || end != value.data() + value.size()) return corrupt;
  while (true) {
    const bool synced = take_line(rest, "segment", value);
    if (!synced && !take_line(rest, "unsynced", value)) break;
    if (!is_segment_name(value)) return corrupt;
    out.segments.emplace_back(value);
    if (!synced) out.unsynced.emplace_back(value);
  }
  const std::string_view checked =
      std::string_view(*contents).substr(0, contents->size() - rest.size());
  if (!take_line(rest, "check", value) || !rest.empty()) return corrupt;
  if (value != fmt::format("{:016x}", xxh3(checked))) return corrupt;
  return out;
}

// Whether a durable manifest stands beside the one that is about to be replaced. What the directory
// is told reaches the disk in order, so the link is there before what replaces the manifest.
bool keep_durable(const fs::path& directory) {
  std::error_code ec;
  const auto now = read_manifest(directory / kName);
  if (now && now->unsynced.empty()) {
    fs::remove(directory / kDurableManifest, ec);
    fs::create_hard_link(directory / kName, directory / kDurableManifest, ec);
    return !ec;
  }
  return fs::exists(directory / kDurableManifest, ec);
}

}  // namespace

Result<EngramManifest> read_engram_manifest(const fs::path& directory) {
  auto newest = read_manifest(directory / kName);
  if (newest || newest.error().code != Errc::kCorrupt) return newest;
  auto durable = read_manifest(directory / kDurableManifest);
  return durable ? std::move(durable) : std::move(newest);
}

Result<void> write_engram_manifest(const fs::path& directory, const EngramManifest& manifest,
                                   Durability durability) {
  std::string text = fmt::format("engram-memory 1\nnext {}\n", manifest.next);
  for (const std::string& name : manifest.segments) {
    const bool unsynced = std::ranges::find(manifest.unsynced, name) != manifest.unsynced.end();
    text += fmt::format("{} {}\n", unsynced ? "unsynced" : "segment", name);
  }
  text += fmt::format("check {:016x}\n", xxh3(text));
  if (durability == Durability::kLater && keep_durable(directory)) {
    const auto sink = make_file_sink(directory / kName, durability);
    sink->append(text);
    return sink->finish();
  }
  ENGRAM_TRY_VOID(write_file_atomically(directory / kName, text, 0600));
  std::error_code ec;
  fs::remove(directory / kDurableManifest, ec);
  return {};
}

}  // namespace engram
