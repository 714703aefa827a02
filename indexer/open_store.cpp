#include "indexer/open_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <system_error>

#include "core/path.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

// Raised whenever inspection or extraction would now say something else about the same file: a
// store made by an older indexer is built anew.
constexpr const char* kIndexerVersion = "2";

// What the last run left besides facts. Absent in a new store; kCorrupt when it is of another
// indexer.
Result<std::vector<SkippedFile>> read_last_run(const fs::path& store) {
  ENGRAM_TRY(reader, CatalogueReader::open(store));
  ENGRAM_TRY(version, reader->meta("indexer"));
  if (version && *version != kIndexerVersion) {
    return Error{Errc::kCorrupt, fmt::format("the store was made by indexer {}, this is {}",
                                             *version, kIndexerVersion)};
  }
  return reader->skipped();
}

}  // namespace

Result<OpenStore> open_store(const fs::path& store) {
  OpenStore opened;
  auto writer = CatalogueWriter::open(store);
  if (writer) {
    auto skipped = read_last_run(store);
    if (skipped) {
      ENGRAM_TRY_VOID((*writer)->set_meta("indexer", kIndexerVersion));
      opened.writer = *std::move(writer);
      opened.skipped = *std::move(skipped);
      return opened;
    }
    if (skipped.error().code != Errc::kCorrupt) return skipped.error();
    opened.problem = skipped.error().message;
    writer = Error{Errc::kCorrupt, ""};  // closes it
  } else if (writer.error().code != Errc::kCorrupt) {
    return writer.error();
  } else {
    opened.problem = writer.error().message;
  }
  ENGRAM_TRY_VOID(discard_store(store));
  ENGRAM_TRY(fresh, CatalogueWriter::open(store));
  ENGRAM_TRY_VOID(fresh->set_meta("indexer", kIndexerVersion));
  opened.writer = std::move(fresh);
  return opened;
}

// The store may lie inside the workspace it describes.
ScanOptions without_store(const fs::path& root, const fs::path& store, const ScanOptions& options) {
  ScanOptions out = options;
  std::error_code ec;
  const fs::path real_root = fs::weakly_canonical(root, ec);
  if (const auto inside = relative_path(real_root, fs::weakly_canonical(store, ec))) {
    out.exclude.push_back("/" + *inside + "/");
  }
  return out;
}

std::vector<SkippedFile> merge_skipped(std::vector<SkippedFile> found,
                                       std::vector<SkippedFile> scanned,
                                       std::vector<SkippedFile> earlier,
                                       const std::unordered_set<std::string_view>& unchanged) {
  std::erase_if(earlier, [&](const SkippedFile& s) { return !unchanged.contains(s.path); });
  std::ranges::reverse(found);  // of two findings about a path, the later one counts
  std::map<std::string, SkippedFile> by_path;
  for (std::vector<SkippedFile>* list : {&found, &scanned, &earlier}) {
    for (SkippedFile& s : *list) by_path.try_emplace(s.path, std::move(s));
  }
  std::vector<SkippedFile> all;
  all.reserve(by_path.size());
  for (auto& [path, skipped] : by_path) all.push_back(std::move(skipped));
  return all;
}

}  // namespace engram
