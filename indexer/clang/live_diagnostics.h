// indexer/clang/live_diagnostics.h: what an editor is told of Clang's diagnostics: those of the
// open file with their notes and fix-its, and errors in headers at the inclusion that brought them.
//
// Warnings in headers are left out: whoever opens the header sees them. Of the errors that one
// inclusion brings the first is kept.
//
// Threads: confined to the parse.  Errors: none; past kMaxDiagnostics nothing is kept.
#pragma once

#include <clang/Basic/Diagnostic.h>

#include <set>
#include <string>
#include <vector>

#include "indexer/clang/file_places.h"

namespace engram {

class LiveDiagnostics final : public clang::DiagnosticConsumer {
 public:
  // Places are known from the start of the parse to its end.
  void set_places(FilePlaces* places) { places_ = places; }
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                        const clang::Diagnostic& diagnostic) override;

  std::string first_error(std::string otherwise) const;
  std::vector<UnitDiagnostic> take() { return std::move(diagnostics_); }
  std::vector<std::string> take_missing() { return std::move(missing_); }

 private:
  UnitDiagnostic record_of(DiagnosticLevel level, const clang::Diagnostic& diagnostic);
  bool in_a_header(const UnitDiagnostic& record) const {
    return record.file != kNoNumber && record.file != 0;
  }
  void add_at_inclusion(UnitDiagnostic record, clang::SourceLocation location,
                        const clang::SourceManager& sources);

  FilePlaces* places_ = nullptr;
  bool last_was_kept_ = false;  // so that its notes are
  std::vector<UnitDiagnostic> diagnostics_;
  std::set<std::uint32_t> faulty_inclusions_;  // where they begin
  std::vector<std::string> missing_;
};

}  // namespace engram
