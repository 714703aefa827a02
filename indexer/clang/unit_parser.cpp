#include "indexer/clang/unit_parser.h"

#include <clang/Frontend/CompilerInstance.h>

#include <algorithm>
#include <memory>
#include <optional>

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

UnitReply failed(std::string why) { return {.failure = std::move(why), .facts = {}}; }

// What a second parse of the unit shares with the first.
class Unit {
 public:
  Unit(const UnitRequest& request, llvm::IntrusiveRefCntPtr<GuardedFiles> guarded)
      : request_(request),
        guarded_(std::move(guarded)),
        files_(with_unsaved(guarded_, request.unsaved)) {}

  // nullopt: bodies were left out that are needed.
  std::optional<UnitReply> parse(const HeldViews& held, bool with_bodies);

 private:
  const UnitRequest& request_;
  llvm::IntrusiveRefCntPtr<GuardedFiles> guarded_;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files_;
};

std::optional<UnitReply> Unit::parse(const HeldViews& held, bool with_bodies) {
  if (files_->setCurrentWorkingDirectory(request_.directory)) {
    return failed("there is no folder " + request_.directory);
  }
  DiagnosticRecorder diagnostics;
  const auto invoked = unit_invocation(request_.arguments, files_, diagnostics);
  if (invoked == nullptr) {
    return failed(first_error(diagnostics, "its arguments do not name one file to compile"));
  }
  guarded_->forget_refused();  // the driver looked for the name of the system, not for headers

  clang::CompilerInstance compiler;
  compiler.setInvocation(invoked);
  compiler.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  go_on_without_headers(compiler.getDiagnostics());
  compiler.createFileManager(files_);
  FactsAction action(request_, held, with_bodies, diagnostics);
  compiler.ExecuteAction(action);
  if (action.must_repeat()) return std::nullopt;
  std::optional<UnitFacts> facts = action.take();
  if (!facts) {
    return failed(first_error(diagnostics, "it yields more facts than the limit"));
  }
  facts->errors = diagnostics.errors();
  facts->diagnostics = diagnostics.take();
  if (facts->errors > 0) facts->certainty = std::min(facts->certainty, Certainty::kInferred);
  add_refusals(*facts, guarded_->refused());
  return UnitReply{.failure = {}, .facts = *std::move(facts)};
}

}  // namespace

UnitReply parse_unit(const UnitRequest& request, const std::vector<std::string>& roots,
                     ToldBefore& before) {
  before.held.add(request.newly_held);
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = llvm::vfs::createPhysicalFileSystem();
  Unit unit(request, llvm::makeIntrusiveRefCnt<GuardedFiles>(std::move(disk), roots));
  const bool with_bodies = !request.each_header_once || !before.may_leave_out_bodies;
  if (auto reply = unit.parse(before.held, with_bodies)) return *std::move(reply);
  // With all bodies read there is nothing to repeat.
  before.may_leave_out_bodies = false;
  return unit.parse(before.held, true).value_or(failed("it was read differently twice"));
}

}  // namespace engram
