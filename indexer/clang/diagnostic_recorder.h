// indexer/clang/diagnostic_recorder.h: Clang's diagnostics with their fix-its, as plain values.
//
// Threads: confined to the parse.  Errors: none; past kMaxDiagnostics they are only counted.
#pragma once

#include <clang/Basic/Diagnostic.h>

#include <vector>

#include "indexer/clang/file_places.h"

namespace engram {

constexpr std::size_t kMaxDiagnostics = 1000;

DiagnosticLevel diagnostic_level(clang::DiagnosticsEngine::Level level);
// All fix-its of a diagnostic or none: half of one would change the meaning.
std::vector<FixIt> fixes_of(const clang::Diagnostic& diagnostic, FilePlaces& places);

class DiagnosticRecorder final : public clang::DiagnosticConsumer {
 public:
  // Places are known from the start of the parse to its end.
  void set_places(FilePlaces* places) { places_ = places; }
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                        const clang::Diagnostic& diagnostic) override;

  std::uint32_t errors() const { return errors_; }
  std::vector<UnitDiagnostic> take() { return std::move(diagnostics_); }
  const std::vector<UnitDiagnostic>& diagnostics() const { return diagnostics_; }

 private:
  FilePlaces* places_ = nullptr;
  std::uint32_t errors_ = 0;
  std::vector<UnitDiagnostic> diagnostics_;
};

}  // namespace engram
