#include "indexer/clang/diagnostic_recorder.h"

#include <clang/Basic/DiagnosticIDs.h>

namespace engram {

DiagnosticLevel diagnostic_level(clang::DiagnosticsEngine::Level level) {
  switch (level) {
    case clang::DiagnosticsEngine::Ignored:
    case clang::DiagnosticsEngine::Note:
      return DiagnosticLevel::kNote;
    case clang::DiagnosticsEngine::Remark:
      return DiagnosticLevel::kRemark;
    case clang::DiagnosticsEngine::Warning:
      return DiagnosticLevel::kWarning;
    case clang::DiagnosticsEngine::Error:
      return DiagnosticLevel::kError;
    case clang::DiagnosticsEngine::Fatal:
      return DiagnosticLevel::kFatal;
  }
  return DiagnosticLevel::kError;
}

std::vector<FixIt> fixes_of(const clang::Diagnostic& diagnostic, FilePlaces& places) {
  std::vector<FixIt> fixes;
  for (const clang::FixItHint& hint : diagnostic.getFixItHints()) {
    const auto place = places.characters(hint.RemoveRange);
    if (!place || place->from_macro || hint.InsertFromRange.isValid()) return {};
    fixes.push_back({place->file, place->begin, place->end, hint.CodeToInsert});
  }
  return fixes;
}

void DiagnosticRecorder::HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                                          const clang::Diagnostic& diagnostic) {
  clang::DiagnosticConsumer::HandleDiagnostic(level, diagnostic);
  if (level >= clang::DiagnosticsEngine::Error) ++errors_;
  if (diagnostics_.size() >= kMaxDiagnostics) return;
  UnitDiagnostic record;
  record.level = diagnostic_level(level);
  llvm::SmallString<128> message;
  diagnostic.FormatDiagnostic(message);
  record.message = message.str().str();
  record.option =
      diagnostic.getDiags()->getDiagnosticIDs()->getWarningOptionForDiag(diagnostic.getID()).str();
  if (places_ != nullptr && diagnostic.getLocation().isValid()) {
    if (const auto place = places_->token(diagnostic.getLocation())) {
      record.file = place->file;
      record.begin = place->begin;
      record.end = place->end;
    }
    record.fixes = fixes_of(diagnostic, *places_);
  }
  diagnostics_.push_back(std::move(record));
}

}  // namespace engram
