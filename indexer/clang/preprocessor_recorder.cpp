#include "indexer/clang/preprocessor_recorder.h"

namespace engram {

void PreprocessorRecorder::record(const clang::Token& name, const clang::MacroInfo* macro,
                                  std::uint16_t roles) {
  if (macro == nullptr || macro->isBuiltinMacro()) return;
  const auto place = recorder_.places().token(name.getLocation());
  if (!place) return;
  recorder_.occurrence(recorder_.symbols().of_macro(name.getIdentifierInfo()->getName(), *macro),
                       *place, roles, kNone);
}

void PreprocessorRecorder::InclusionDirective(clang::SourceLocation hash, const clang::Token&,
                                              llvm::StringRef, bool angled,
                                              clang::CharSourceRange name_range,
                                              clang::OptionalFileEntryRef file, llvm::StringRef,
                                              llvm::StringRef, const clang::Module*, bool,
                                              clang::SrcMgr::CharacteristicKind) {
  static_cast<void>(hash);
  const auto place = recorder_.places().characters(name_range);
  if (!place) return;  // -include on the command line
  Inclusion inclusion{place->file, place->begin, place->end, kNone, angled};
  if (file) inclusion.target = recorder_.places().file(*file);
  recorder_.inclusion(inclusion);
}

void PreprocessorRecorder::MacroDefined(const clang::Token& name,
                                        const clang::MacroDirective* directive) {
  record(name, directive->getMacroInfo(), kRoleDefinition);
}
void PreprocessorRecorder::MacroUndefined(const clang::Token& name,
                                          const clang::MacroDefinition& definition,
                                          const clang::MacroDirective*) {
  record(name, definition.getMacroInfo(), kRoleUndefine);
}
void PreprocessorRecorder::MacroExpands(const clang::Token& name,
                                        const clang::MacroDefinition& definition,
                                        clang::SourceRange, const clang::MacroArgs*) {
  record(name, definition.getMacroInfo(), kRoleReference | kRoleExpansion);
}
void PreprocessorRecorder::Defined(const clang::Token& name,
                                   const clang::MacroDefinition& definition, clang::SourceRange) {
  record(name, definition.getMacroInfo(), kRoleReference);
}
void PreprocessorRecorder::Ifdef(clang::SourceLocation, const clang::Token& name,
                                 const clang::MacroDefinition& definition) {
  record(name, definition.getMacroInfo(), kRoleReference);
}
void PreprocessorRecorder::Ifndef(clang::SourceLocation, const clang::Token& name,
                                  const clang::MacroDefinition& definition) {
  record(name, definition.getMacroInfo(), kRoleReference);
}
void PreprocessorRecorder::Elifdef(clang::SourceLocation, const clang::Token& name,
                                   const clang::MacroDefinition& definition) {
  record(name, definition.getMacroInfo(), kRoleReference);
}
void PreprocessorRecorder::Elifndef(clang::SourceLocation, const clang::Token& name,
                                    const clang::MacroDefinition& definition) {
  record(name, definition.getMacroInfo(), kRoleReference);
}

void PreprocessorRecorder::SourceRangeSkipped(clang::SourceRange range, clang::SourceLocation) {
  if (const auto place = recorder_.places().tokens(range)) recorder_.inactive(*place);
}

}  // namespace engram
