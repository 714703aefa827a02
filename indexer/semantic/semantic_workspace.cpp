#include "indexer/semantic/semantic_workspace.h"

#include <utility>

namespace engram {

namespace fs = std::filesystem;

Result<SemanticIndexReport> SemanticWorkspace::update(SemanticIndexOptions options,
                                                      std::stop_token stop) {
  ENGRAM_TRY(anew, commands_.read(stop));
  if (anew) notes_ = commands()->report().messages;
  SemanticIndexReport report;
  const bool open_files_only = options.open_files_only;
  if (commands()->file_count() > 0) {
    std::error_code ec;
    if (!fs::exists(options.worker.program, ec)) {
      return Error{Errc::kNotFound, "no semantic facts: '" + options.worker.program.string() +
                                        "' is not there; 'make' builds it"};
    }
    options.hashes = &hashes_;
    ENGRAM_TRY(done, index_units(*commands(), options, std::move(stop)));
    report = std::move(done);
  }
  if (open_files_only) return report;
  const std::vector<std::string> notes = std::exchange(notes_, {});
  report.notes.insert(report.notes.begin(), notes.begin(), notes.end());
  return report;
}

}  // namespace engram
