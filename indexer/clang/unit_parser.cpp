#include "indexer/clang/unit_parser.h"

#include <clang/Frontend/CompilerInstance.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "indexer/clang/facts_action.h"
#include "indexer/clang/guarded_files.h"
#include "indexer/clang/unit_invocation.h"

namespace engram {

namespace {

std::string first_error(const DiagnosticRecorder& diagnostics, std::string otherwise) {
  for (const UnitDiagnostic& d : diagnostics.diagnostics()) {
    if (d.level >= DiagnosticLevel::kError) return d.message;
  }
  return otherwise;
}

void add_refusals(UnitFacts& facts, const std::set<std::string>& refused) {
  for (const std::string& path : refused) {
    facts.diagnostics.push_back(
        {.level = DiagnosticLevel::kWarning,
         .message = path + " was not read: it lies outside the folders Clang may read",
         .option = {},
         .fixes = {}});
  }
}

// What the imports were made of, apart from what the unit read itself.
void add_imports(UnitFacts& facts, const ImportedModules& modules) {
  std::set<std::string> known;
  for (const UnitFile& file : facts.files) known.insert(file.path);
  for (UnitFile& file : modules.files_read()) {
    if (known.insert(file.path).second) facts.files.push_back(std::move(file));
  }
  for (ImportedModules::Fault& fault : modules.faults()) {
    facts.certainty = std::min(facts.certainty, Certainty::kInferred);
    facts.diagnostics.push_back({.level = DiagnosticLevel::kWarning,
                                 .message = std::move(fault.message),
                                 .option = {},
                                 .fixes = {}});
  }
}

UnitReply failed(std::string why) { return {.failure = std::move(why), .facts = {}}; }

UnitReply parse(const UnitRequest& request, const std::vector<std::string>& roots,
                const HeldViews& held, ImportedModules* modules, PrefixHost* host) {
  const auto guarded =
      llvm::makeIntrusiveRefCnt<GuardedFiles>(llvm::vfs::createPhysicalFileSystem(), roots);
  auto files = with_unsaved(guarded, request.unsaved);
  const bool imports = modules != nullptr && !request.modules.empty();
  if (imports) files = modules->compile(request.modules, files);
  if (files->setCurrentWorkingDirectory(request.directory)) {
    return failed("there is no folder " + request.directory);
  }
  DiagnosticRecorder diagnostics;
  const auto invoked = unit_invocation(request.arguments, files, diagnostics);
  if (invoked == nullptr) {
    return failed(first_error(diagnostics, "its arguments do not name one file to compile"));
  }
  if (host == nullptr) allow_named_module(*invoked, *files);  // else no unit is read here
  if (imports) modules->offer_to(*invoked);
  guarded->forget_refused();  // the driver looked for the name of the system, not for headers
  invoked->getFrontendOpts().DisableFree = host != nullptr;  // the process ends with the unit
  const std::string no_prefix = prefix_text({});
  if (host != nullptr) {
    auto& inputs = invoked->getFrontendOpts().Inputs;
    inputs[0] = {llvm::MemoryBufferRef(no_prefix, "<engram prefix>"), inputs[0].getKind()};
  }

  clang::CompilerInstance compiler;
  compiler.setInvocation(invoked);
  compiler.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  go_on_without_headers(compiler.getDiagnostics());
  compiler.createFileManager(files);
  FactsAction action(request, held, *guarded, diagnostics, host);
  if (imports) action.rely_on(modules->fingerprint());
  compiler.ExecuteAction(action);
  std::optional<UnitFacts> facts = action.take();
  if (!facts) {
    return failed(first_error(diagnostics, "it yields more facts than the limit"));
  }
  facts->errors = diagnostics.errors();
  facts->diagnostics = diagnostics.take();
  if (imports) add_imports(*facts, *modules);
  if (facts->errors > 0) facts->certainty = std::min(facts->certainty, Certainty::kInferred);
  add_refusals(*facts, guarded->refused());
  return UnitReply{.failure = {}, .facts = *std::move(facts)};
}

}  // namespace

UnitReply parse_unit(const UnitRequest& request, const std::vector<std::string>& roots,
                     const HeldViews& held, ImportedModules& modules) {
  return parse(request, roots, held, &modules, nullptr);
}

UnitReply parse_after_prefixes(const UnitRequest& example, const std::vector<std::string>& roots,
                               const HeldViews& held, PrefixHost& host) {
  return parse(example, roots, held, nullptr, &host);
}

}  // namespace engram
