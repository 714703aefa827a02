#include "indexer/work_plan.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace engram {

namespace {

constexpr std::uint32_t bit(FileFlag flag) { return static_cast<std::uint32_t>(flag); }
constexpr std::uint32_t kFromContents = bit(FileFlag::kGenerated);

int rank(const FileEntry& entry) {
  if ((entry.flags & (bit(FileFlag::kVendored) | bit(FileFlag::kGenerated))) != 0) return 2;
  return (entry.flags & bit(FileFlag::kTest)) != 0 ? 1 : 0;
}

void put_in_order(std::vector<WorkItem>& work, const std::vector<std::string>& first) {
  std::unordered_map<std::string_view, std::size_t> place;
  for (std::size_t i = 0; i < first.size(); ++i) place.emplace(first[i], i);
  const auto key = [&](const WorkItem& item) {
    const auto at = place.find(item.entry.path);
    const std::size_t asked = at == place.end() ? first.size() : at->second;
    return std::tuple(asked, rank(item.entry), std::string_view(item.entry.path));
  };
  std::ranges::sort(work, {}, key);
}

}  // namespace

std::uint32_t combine_flags(std::uint32_t of_path, std::uint32_t of_contents,
                            const LicenceMap& licences, const FileEntry& entry) {
  const bool other = licences.is_other(entry.path, entry.licence);
  return of_path | of_contents | (other ? bit(FileFlag::kOtherLicence) : 0);
}

WorkPlan plan_work(const std::vector<FileEntry>& scanned, std::vector<IndexedFile> stored,
                   const std::vector<std::string>& first, const LicenceMap& licences) {
  const auto path_of = [](const IndexedFile& file) -> const std::string& {
    return file.entry.path;
  };
  std::ranges::sort(stored, {}, path_of);
  WorkPlan plan;
  auto old = stored.begin();
  for (const FileEntry& entry : scanned) {
    while (old != stored.end() && old->entry.path < entry.path) {
      plan.removed.push_back(old++->entry.path);
    }
    const bool known = old != stored.end() && old->entry.path == entry.path;
    if (!known || old->entry.size != entry.size || old->entry.mtime_ns != entry.mtime_ns) {
      plan.bytes += entry.size;
      plan.work.push_back({entry, known ? std::optional(std::move(*old)) : std::nullopt});
    } else {
      ++plan.unchanged;
      FileEntry now = entry;
      now.language = old->entry.language;
      now.licence = old->entry.licence;
      now.flags = combine_flags(entry.flags, old->entry.flags & kFromContents, licences, now);
      if (now.flags != old->entry.flags) plan.touched.push_back(std::move(now));
    }
    if (known) ++old;
  }
  for (; old != stored.end(); ++old) plan.removed.push_back(std::move(old->entry.path));
  put_in_order(plan.work, first);
  return plan;
}

}  // namespace engram
