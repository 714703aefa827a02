#include "indexer/semantic/indexed_files.h"

#include <algorithm>
#include <tuple>

#include "core/hash.h"
#include "indexer/commands/clean_command.h"
#include "memory/catalogue.h"

namespace engram {

namespace {

constexpr bool has(const FileEntry& entry, FileFlag flag) {
  return (entry.flags & static_cast<std::uint32_t>(flag)) != 0;
}

}  // namespace

WorkspaceFiles indexed_files(const std::filesystem::path& store) {
  WorkspaceFiles out;
  const auto reader = CatalogueReader::open(store);
  if (!reader) return out;
  const auto files = (*reader)->files();
  if (!files) return out;
  std::vector<std::tuple<bool, std::uint64_t, std::string>> sources;
  for (const IndexedFile& file : *files) {
    const std::string& path = file.entry.path;
    const bool source = !c_family_language(path, false).empty() && !is_c_family_header(path);
    if (!source && !is_c_family_header(path) && !is_build_file(path)) continue;
    out.all.push_back(path);
    if (source && !has(file.entry, FileFlag::kVendored)) {
      sources.emplace_back(has(file.entry, FileFlag::kTest), xxh3(path), path);
    }
  }
  std::sort(sources.begin(), sources.end());
  for (auto& source : sources) out.sources.push_back(std::move(std::get<2>(source)));
  return out;
}

}  // namespace engram
