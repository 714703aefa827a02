// update_files of pipeline.h: a few paths, without looking at the rest of the workspace.
//
// A file the store knows was judged before: its name and the ignore rules are not asked again, so
// a save costs one read, one parse and one commit. New paths and directories are judged as in a
// scan.
#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "core/path.h"
#include "indexer/index_run.h"
#include "indexer/open_store.h"
#include "indexer/pipeline.h"
#include "indexer/run_costs.h"
#include "indexer/scan/licence.h"
#include "indexer/scan/workspace_file.h"
#include "indexer/work_plan.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t kFromPath = static_cast<std::uint32_t>(FileFlag::kVendored) |
                                    static_cast<std::uint32_t>(FileFlag::kTest) |
                                    static_cast<std::uint32_t>(FileFlag::kUntracked);

// What is to be done about the paths.
struct Update {
  WorkPlan plan;
  std::vector<std::string> to_judge;     // new paths and directories
  std::vector<std::string> directories;  // or gone: stored files below are compared
};

Result<Update> sort_out(const WorkspaceRoot& root, CatalogueReader& reader,
                        const std::set<std::string>& paths) {
  Update update;
  for (const std::string& path : paths) {
    ENGRAM_TRY(stored, reader.file(path));
    const auto status = root.status(path);
    if (status && status->is_regular && stored) {
      FileEntry entry = stored->entry;
      entry.size = status->size;
      entry.mtime_ns = status->mtime_ns;
      entry.flags &= kFromPath;
      update.plan.bytes += entry.size;
      update.plan.work.push_back({std::move(entry), std::move(*stored)});
      continue;
    }
    if (stored) update.plan.removed.push_back(path);
    if (status) update.to_judge.push_back(path);
    if (!stored && (!status || status->is_directory)) update.directories.push_back(path);
  }
  return update;
}

// Files below a directory: changed ones are work, missing ones are removed.
Result<void> compare_directories(CatalogueReader& reader, const ScanResult& judged,
                                 Update& update) {
  std::set<std::string_view> present;
  for (const FileEntry& entry : judged.files) present.insert(entry.path);
  ENGRAM_TRY(stored, reader.files());
  for (IndexedFile& file : stored) {
    const std::string& path = file.entry.path;
    const bool below = std::ranges::any_of(
        update.directories, [&](const std::string& directory) { return lies_in(path, directory); });
    if (!below) continue;
    if (!present.contains(path)) {
      update.plan.removed.push_back(path);
      continue;
    }
    const auto item =
        std::ranges::find(update.plan.work, path, [](const WorkItem& w) { return w.entry.path; });
    if (item == update.plan.work.end()) continue;
    if (item->entry.size == file.entry.size && item->entry.mtime_ns == file.entry.mtime_ns) {
      ++update.plan.unchanged;
      update.plan.work.erase(item);
    } else {
      item->before = std::move(file);
    }
  }
  return {};
}

bool concerns(const std::set<std::string>& paths, std::string_view path) {
  return std::ranges::any_of(paths,
                             [&](const std::string& p) { return p == path || lies_in(path, p); });
}

// The list of what is left out, with these paths' entries replaced. Written only when it changed.
Result<void> update_skipped(OpenStore& store, const std::set<std::string>& paths,
                            std::vector<SkippedFile> found, IndexReport& report) {
  report.skipped = found;
  const std::size_t before = store.skipped.size();
  std::erase_if(store.skipped, [&](const SkippedFile& s) { return concerns(paths, s.path); });
  if (found.empty() && store.skipped.size() == before) return {};
  std::unordered_set<std::string_view> others;
  for (const SkippedFile& s : store.skipped) others.insert(s.path);
  return store.writer->set_skipped(
      merge_skipped(std::move(found), {}, std::move(store.skipped), others));
}

// Each save leaves the contents before it behind. Whether clearing them away pays takes a pass over
// the store, so only every so many updates ask.
constexpr unsigned kUpdatesBetweenClearings = 64;
constexpr const char* kUpdatesKey = "updates";

Result<unsigned> updates_so_far(CatalogueReader& reader) {
  ENGRAM_TRY(text, reader.meta(kUpdatesKey));
  unsigned n = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), n);
  return n;
}

Result<void> count_update(CatalogueWriter& writer, unsigned so_far) {
  const unsigned now = (so_far + 1) % kUpdatesBetweenClearings;
  ENGRAM_TRY_VOID(writer.set_meta(kUpdatesKey, std::to_string(now)));
  ENGRAM_TRY_VOID(writer.commit());
  if (now == 0) ENGRAM_TRY_VOID(writer.optimize_when_due());
  return {};
}

}  // namespace

Result<IndexReport> update_files(const fs::path& root, const fs::path& store,
                                 const std::vector<std::string>& asked, const IndexOptions& options,
                                 std::stop_token stop) {
  const RunCosts costs;
  IndexReport report;
  std::set<std::string> paths(asked.begin(), asked.end());
  std::erase_if(paths, [](const std::string& path) { return !is_safe_relative_path(path); });
  if (paths.empty()) return report;
  ENGRAM_TRY(directory, WorkspaceRoot::open(root));
  ENGRAM_TRY(opened, open_store(store));
  if (!opened.problem.empty()) {
    opened.writer.reset();
    return index_workspace(root, store, options, stop);
  }
  ENGRAM_TRY(reader, CatalogueReader::open(store));
  ENGRAM_TRY(update, sort_out(directory, *reader, paths));
  ENGRAM_TRY(so_far, updates_so_far(*reader));
  ScanResult judged;
  if (!update.to_judge.empty()) {
    ENGRAM_TRY(scan,
               scan_paths(root, update.to_judge, without_store(root, store, options.scan), stop));
    judged = std::move(scan);
    for (const FileEntry& entry : judged.files) {
      update.plan.bytes += entry.size;
      update.plan.work.push_back({entry, std::nullopt});
    }
  }
  if (!update.directories.empty()) {
    ENGRAM_TRY_VOID(compare_directories(*reader, judged, update));
  }
  reader.reset();  // its snapshot would keep the log from being folded into the store
  report.files_unchanged = update.plan.unchanged;
  LicenceMap licences;
  for (const WorkItem& item : update.plan.work)
    add_licences_above(directory, item.entry.path, licences);
  IndexRun run(directory, licences, *opened.writer, options, false);
  ENGRAM_TRY_VOID(run.run(std::move(update.plan), stop));
  std::vector<SkippedFile> found = std::move(judged.skipped);
  std::ranges::move(run.listed, std::back_inserter(found));
  ENGRAM_TRY_VOID(update_skipped(opened, paths, std::move(found), report));
  ENGRAM_TRY_VOID(count_update(*opened.writer, so_far));
  report.files_parsed = run.parsed;
  report.files_relinked = run.relinked;
  report.files_removed = run.removed;
  report.bytes_parsed = run.bytes_parsed;
  costs.write_to(report);
  return report;
}

}  // namespace engram
