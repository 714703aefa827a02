#include "assist/completion/unknown_members.h"

#include <algorithm>
#include <array>

#include "assist/recall/used_members.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {
namespace {

bool has_members(std::string_view language) {
  constexpr std::array<std::string_view, 17> kLanguages = {
      "c",   "cpp",    "csharp", "cuda", "go",    "java",  "javascript", "kotlin",    "lua",
      "php", "python", "ruby",   "rust", "scala", "swift", "tsx",        "typescript"};
  return std::find(kLanguages.begin(), kLanguages.end(), language) != kLanguages.end();
}

}  // namespace

std::string unknown_member(std::string_view language, std::string_view before,
                           std::string_view written, const NameSources& sources) {
  if (!has_members(language)) return {};
  const std::string all = std::string(before) + std::string(written);
  const auto used = used_members(all, before.size());
  if (used.empty()) return {};
  const auto known = sources.names();
  if (known == nullptr || known->empty()) return {};
  for (const std::string_view name : used) {
    const auto at = static_cast<std::size_t>(name.data() - all.data());
    const auto earlier = names_in_text(std::string_view(all).substr(0, at));
    if (known->knows(name) || std::binary_search(earlier.begin(), earlier.end(), name)) continue;
    if (!sources.compiler_has || !sources.compiler_has(name)) return std::string(name);
  }
  return {};
}

bool compiler_has_name(const std::filesystem::path& store, std::string_view name) {
  const auto reader = SemanticReader::open(store);
  bool found = false;
  return reader && (*reader)->scan_names(name, [&](std::string_view first, std::uint32_t) {
    found = first == name;
    return false;
  }) && found;
}

}  // namespace engram
