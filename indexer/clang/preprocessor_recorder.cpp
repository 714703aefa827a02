#include "indexer/clang/preprocessor_recorder.h"

namespace engram {

using Event = HeaderViews::Event;

void PreprocessorRecorder::record(const clang::Token& name, const clang::MacroInfo* macro,
                                  std::uint16_t roles) {
  if (macro == nullptr || macro->isBuiltinMacro()) return;
  if (!recorder_.wanted_in(recorder_.places().file_location(name.getLocation()), roles)) return;
  const auto place = recorder_.places().token(name.getLocation());
  if (place) macros_.push_back({*place, name.getIdentifierInfo(), macro, roles});
}

void PreprocessorRecorder::see(Event event, const clang::Token& name,
                               const clang::MacroInfo* macro) {
  recorder_.views().macro(event, name.getIdentifierInfo()->getName(), macro);
  if (prefix_ == nullptr) return;
  if (event == Event::kUndefined) return prefix_->redefined(name, macro, nullptr);
  prefix_->met(name, macro, event == Event::kExpanded);
}

void PreprocessorRecorder::tested(const clang::Token& name,
                                  const clang::MacroDefinition& definition) {
  see(Event::kTested, name, definition.getMacroInfo());
  record(name, definition.getMacroInfo(), kRoleReference);
}

// Macros that the body of `macro` names: those that are defined where it is. What they are belongs
// to the header's view, since it is told with it.
void PreprocessorRecorder::named_in_body(const clang::IdentifierInfo* name,
                                         const clang::MacroInfo& macro) {
  const clang::SourceLocation at = recorder_.places().file_location(macro.getDefinitionLoc());
  if (!recorder_.wanted_in(at, kRoleReference)) return;
  for (const clang::Token& token : macro.tokens()) {
    const clang::IdentifierInfo* named = token.getIdentifierInfo();
    if (named == nullptr || named == name || !named->hasMacroDefinition()) continue;
    const clang::MacroDefinition definition = preprocessor_.getMacroDefinition(named);
    const clang::MacroInfo* const info = definition.getMacroInfo();
    if (info == nullptr || info->isBuiltinMacro() || macro.getParameterNum(named) >= 0) continue;
    if (prefix_ != nullptr && !prefix_->is_visible(*info, at)) continue;
    tested(token, definition);
  }
}

void PreprocessorRecorder::flush() {
  for (const Macro& m : macros_) {
    if (recorder_.views().told_elsewhere(m.place.reading)) continue;
    recorder_.occurrence(recorder_.symbols().of_macro(m.name->getName(), *m.macro), m.place,
                         m.roles, kNoNumber);
  }
  for (const FilePlace& place : left_out_) {
    if (!recorder_.views().told_elsewhere(place.reading)) recorder_.inactive(place);
  }
  macros_.clear();
  left_out_.clear();
}

void PreprocessorRecorder::LexedFileChanged(clang::FileID id, LexedFileChangeReason reason,
                                            clang::SrcMgr::CharacteristicKind kind, clang::FileID,
                                            clang::SourceLocation) {
  if (reason == LexedFileChangeReason::EnterFile) {
    if (prefix_ != nullptr) prefix_->entered(id, kind);
    recorder_.places().number(id);  // read, though perhaps nothing in it is told
    recorder_.views().enter(id);
  } else {
    if (prefix_ != nullptr) prefix_->left();
    recorder_.views().leave(diagnostics_.getNumErrors() == 0);
  }
}

void PreprocessorRecorder::FileSkipped(const clang::FileEntryRef& file, const clang::Token&,
                                       clang::SrcMgr::CharacteristicKind) {
  if (prefix_ != nullptr) prefix_->skipped(file);
  recorder_.views().skipped_again(file.getFileEntry());
}

void PreprocessorRecorder::HasInclude(clang::SourceLocation, llvm::StringRef, bool,
                                      clang::OptionalFileEntryRef file,
                                      clang::SrcMgr::CharacteristicKind) {
  recorder_.views().outcome(Event::kCondition, file.has_value() ? 1 : 0);
}
void PreprocessorRecorder::If(clang::SourceLocation, clang::SourceRange condition,
                              ConditionValueKind value) {
  if (prefix_ != nullptr) prefix_->condition(condition);
  recorder_.views().outcome(Event::kCondition, static_cast<std::uint64_t>(value));
}
void PreprocessorRecorder::Elif(clang::SourceLocation, clang::SourceRange condition,
                                ConditionValueKind value, clang::SourceLocation) {
  if (prefix_ != nullptr && value != CVK_NotEvaluated) prefix_->condition(condition);
  recorder_.views().outcome(Event::kCondition, static_cast<std::uint64_t>(value));
}

void PreprocessorRecorder::InclusionDirective(clang::SourceLocation hash, const clang::Token&,
                                              llvm::StringRef name, bool angled,
                                              clang::CharSourceRange name_range,
                                              clang::OptionalFileEntryRef file, llvm::StringRef,
                                              llvm::StringRef, const clang::Module*, bool,
                                              clang::SrcMgr::CharacteristicKind) {
  if (prefix_ != nullptr) prefix_->included(hash, name, file, diagnostics_.getNumErrors());
  const auto place = recorder_.places().characters(name_range);
  if (!place) return;  // -include on the command line
  Inclusion inclusion{place->file, place->begin, place->end, kNoNumber, angled};
  if (file) inclusion.target = recorder_.places().file(*file);
  recorder_.views().included(place->begin);
  recorder_.views().outcome(Event::kIncluded, file.has_value() ? 1 : 0);
  recorder_.inclusion(inclusion);
}

void PreprocessorRecorder::MacroDefined(const clang::Token& name,
                                        const clang::MacroDirective* directive) {
  recorder_.views().defined();
  if (prefix_ != nullptr) {
    const clang::MacroDirective* const before = directive->getPrevious();
    const bool was = before != nullptr && before->isDefined();
    prefix_->redefined(name, was ? before->getMacroInfo() : nullptr, directive->getMacroInfo());
  }
  record(name, directive->getMacroInfo(), kRoleDefinition);
  named_in_body(name.getIdentifierInfo(), *directive->getMacroInfo());
}
void PreprocessorRecorder::MacroUndefined(const clang::Token& name,
                                          const clang::MacroDefinition& definition,
                                          const clang::MacroDirective*) {
  see(Event::kUndefined, name, definition.getMacroInfo());
  record(name, definition.getMacroInfo(), kRoleUndefine);
}
void PreprocessorRecorder::MacroExpands(const clang::Token& name,
                                        const clang::MacroDefinition& definition,
                                        clang::SourceRange, const clang::MacroArgs*) {
  see(Event::kExpanded, name, definition.getMacroInfo());
  record(name, definition.getMacroInfo(), kRoleReference | kRoleExpansion);
}
void PreprocessorRecorder::Defined(const clang::Token& name,
                                   const clang::MacroDefinition& definition, clang::SourceRange) {
  tested(name, definition);
}
void PreprocessorRecorder::Ifdef(clang::SourceLocation, const clang::Token& name,
                                 const clang::MacroDefinition& definition) {
  tested(name, definition);
}
void PreprocessorRecorder::Ifndef(clang::SourceLocation, const clang::Token& name,
                                  const clang::MacroDefinition& definition) {
  tested(name, definition);
}
void PreprocessorRecorder::Elifdef(clang::SourceLocation, const clang::Token& name,
                                   const clang::MacroDefinition& definition) {
  tested(name, definition);
}
void PreprocessorRecorder::Elifndef(clang::SourceLocation, const clang::Token& name,
                                    const clang::MacroDefinition& definition) {
  tested(name, definition);
}

void PreprocessorRecorder::SourceRangeSkipped(clang::SourceRange range, clang::SourceLocation) {
  recorder_.views().left_out();
  if (prefix_ != nullptr) prefix_->left_out(range);
  if (recorder_.places().in_system_file(range.getBegin())) return;
  if (const auto place = recorder_.places().tokens(range)) left_out_.push_back(*place);
}

}  // namespace engram
