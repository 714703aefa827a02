#include "indexer/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "indexer/index_run.h"
#include "indexer/open_store.h"
#include "indexer/run_costs.h"
#include "indexer/scan/licence.h"
#include "indexer/scan/workspace_file.h"
#include "indexer/work_plan.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

std::unordered_set<std::string_view> paths_without_work(const std::vector<FileEntry>& scanned,
                                                        const std::vector<WorkItem>& work) {
  std::unordered_set<std::string_view> paths;
  for (const FileEntry& entry : scanned) paths.insert(entry.path);
  for (const WorkItem& item : work) paths.erase(item.entry.path);
  return paths;
}

Result<StoreCounts> read_counts(const fs::path& store) {
  ENGRAM_TRY(reader, CatalogueReader::open(store));
  return reader->counts();
}

// Contents nobody refers to any more are cleared away when a run changed much; else when the store
// itself finds that it pays.
Result<void> clear_old_contents(CatalogueWriter& writer, bool changed_much) {
  if (changed_much) return writer.optimize();
  ENGRAM_TRY_VOID(writer.optimize_when_due());
  return {};
}

Result<IndexReport> bring_up_to_date(const WorkspaceRoot& root, OpenStore& store,
                                     const IndexOptions& options, std::stop_token stop) {
  ENGRAM_TRY(scan, scan_workspace(root.path(), options.scan, stop));
  ENGRAM_TRY(stored, store.writer->files());
  const bool fresh = stored.empty();
  const LicenceMap licences = read_licences(root, scan.files);
  WorkPlan plan = plan_work(scan.files, std::move(stored), options.first, licences);
  auto unchanged = paths_without_work(scan.files, plan.work);
  const std::size_t changes = plan.removed.size() + plan.work.size();
  const bool changed_much = !fresh && changes * 5 > scan.files.size();

  IndexReport report;
  report.notes = std::move(scan.notes);
  report.files_unchanged = plan.unchanged;
  IndexRun run(root, licences, *store.writer, options, fresh);
  ENGRAM_TRY_VOID(run.run(std::move(plan), stop));
  for (const std::string& path : run.looked_at_again) unchanged.erase(path);
  report.skipped = merge_skipped(std::move(run.listed), std::move(scan.skipped),
                                 std::move(store.skipped), unchanged);
  ENGRAM_TRY_VOID(store.writer->set_skipped(report.skipped));
  ENGRAM_TRY_VOID(store.writer->set_meta(kHeadKey, scan.head));
  ENGRAM_TRY_VOID(store.writer->commit());
  ENGRAM_TRY_VOID(clear_old_contents(*store.writer, changed_much));
  report.files_parsed = run.parsed;
  report.files_relinked = run.relinked;
  report.files_removed = run.removed;
  report.bytes_parsed = run.bytes_parsed;
  return report;
}

}  // namespace

Result<IndexReport> index_workspace(const fs::path& root, const fs::path& store,
                                    const IndexOptions& asked, std::stop_token stop) {
  const RunCosts costs;
  ENGRAM_TRY(directory, WorkspaceRoot::open(root));
  ENGRAM_TRY(opened, open_store(store));
  IndexOptions options = asked;
  options.scan = without_store(root, store, asked.scan);
  auto report = bring_up_to_date(directory, opened, options, stop);
  if (!report && report.error().code == Errc::kCorrupt) {
    // Damage that showed only in use: once more, from nothing.
    opened.writer.reset();
    opened.problem = report.error().message;
    ENGRAM_TRY_VOID(discard_store(store));
    ENGRAM_TRY(fresh, open_store(store));
    opened.writer = std::move(fresh.writer);
    opened.skipped.clear();
    report = bring_up_to_date(directory, opened, options, stop);
  }
  if (!report) return report;
  opened.writer.reset();
  if (!opened.problem.empty()) {
    report->notes.push_back(fmt::format("the store was built anew: {}", opened.problem));
  }
  ENGRAM_TRY(counts, read_counts(store));
  report->counts = counts;
  costs.write_to(*report);
  return report;
}

}  // namespace engram
