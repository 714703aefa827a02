#include "indexer/clang/live_diagnostics.h"

#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/DiagnosticLex.h>

#include "indexer/clang/diagnostic_recorder.h"

namespace engram {

UnitDiagnostic LiveDiagnostics::record_of(DiagnosticLevel level,
                                          const clang::Diagnostic& diagnostic) {
  UnitDiagnostic record;
  record.level = level;
  llvm::SmallString<128> message;
  diagnostic.FormatDiagnostic(message);
  record.message = message.str().str();
  record.option =
      diagnostic.getDiags()->getDiagnosticIDs()->getWarningOptionForDiag(diagnostic.getID()).str();
  if (places_ == nullptr || diagnostic.getLocation().isInvalid()) return record;
  if (const auto place = places_->token(diagnostic.getLocation())) {
    record.file = place->file;
    record.begin = place->begin;
    record.end = place->end;
  }
  record.fixes = fixes_of(diagnostic, *places_);
  return record;
}

// The inclusion in the open file through which Clang came to `location`.
void LiveDiagnostics::add_at_inclusion(UnitDiagnostic record, clang::SourceLocation location,
                                       const clang::SourceManager& sources) {
  clang::SourceLocation at = sources.getExpansionLoc(location);
  std::optional<FilePlace> place;
  while (at.isValid() && (!place || place->file != 0)) {
    at = sources.getIncludeLoc(sources.getFileID(at));
    if (at.isValid()) place = places_->token(at);
  }
  if (!place || place->file != 0 || !faulty_inclusions_.insert(place->begin).second) return;
  UnitDiagnostic here;
  here.level = record.level;
  here.file = 0;
  here.begin = place->begin;
  here.end = place->end;
  here.message = "in the included file: " + record.message;
  here.option = record.option;
  record.level = DiagnosticLevel::kNote;
  record.message = "the fault is here";
  record.fixes.clear();
  diagnostics_.push_back(std::move(here));
  diagnostics_.push_back(std::move(record));
}

void LiveDiagnostics::HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                                       const clang::Diagnostic& diagnostic) {
  clang::DiagnosticConsumer::HandleDiagnostic(level, diagnostic);
  const bool note = level <= clang::DiagnosticsEngine::Note;
  if (note && !last_was_kept_) return;
  if (!note) last_was_kept_ = false;
  if (diagnostics_.size() >= kMaxDiagnostics) return;
  if (diagnostic.getID() == clang::diag::err_pp_file_not_found) {
    missing_.push_back(diagnostic.getArgStdStr(0));
  }
  UnitDiagnostic record = record_of(diagnostic_level(level), diagnostic);
  if (note || !in_a_header(record)) {
    last_was_kept_ = true;
    diagnostics_.push_back(std::move(record));
  } else if (level >= clang::DiagnosticsEngine::Error) {
    add_at_inclusion(std::move(record), diagnostic.getLocation(), diagnostic.getSourceManager());
  }
}

std::string LiveDiagnostics::first_error(std::string otherwise) const {
  for (const UnitDiagnostic& d : diagnostics_) {
    if (d.level >= DiagnosticLevel::kError) return d.message;
  }
  return otherwise;
}

}  // namespace engram
