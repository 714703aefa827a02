#include "indexer/clang/live_parser.h"

#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <malloc.h>

#include <algorithm>
#include <tuple>

#include "indexer/clang/guarded_files.h"
#include "indexer/clang/live_action.h"
#include "indexer/clang/live_completer.h"
#include "indexer/clang/unit_invocation.h"

namespace engram {

namespace {

LiveReply failed(std::string why) {
  LiveReply reply;
  reply.failure = std::move(why);
  return reply;
}

class PreambleRecorder final : public clang::PreambleCallbacks {
 public:
  explicit PreambleRecorder(LiveDiagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void BeforeExecute(clang::CompilerInstance& compiler) override {
    go_on_without_headers(compiler.getDiagnostics());  // which were reset
    places_.emplace(compiler.getSourceManager(), compiler.getLangOpts());
    diagnostics_.set_places(&*places_);
    includes_ = std::make_unique<IncludeRecorder>(compiler, IncludeRecord{});
  }
  std::unique_ptr<clang::PPCallbacks> createPPCallbacks() override {
    return includes_->callbacks();
  }
  void HandleTopLevelDecl(clang::DeclGroupRef group) override { includes_->declared(group); }
  void AfterExecute(clang::CompilerInstance&) override {
    included_ = includes_->finish();
    files_ = places_->take_files();
    diagnostics_.set_places(nullptr);
    places_.reset();
  }
  std::vector<UnitFile> take_files() { return std::move(files_); }
  IncludeRecord take_includes() { return std::move(included_); }

 private:
  LiveDiagnostics& diagnostics_;
  std::unique_ptr<IncludeRecorder> includes_;
  IncludeRecord included_;
  std::optional<FilePlaces> places_;
  std::vector<UnitFile> files_;
};

std::string command_of(const LiveRequest& request) {
  std::string command = request.directory;
  for (const std::string& argument : request.arguments) command += '\0' + argument;
  return command;
}

void put_first(std::vector<UnitDiagnostic>& all, std::vector<UnitDiagnostic> these) {
  all.insert(all.begin(), std::make_move_iterator(these.begin()),
             std::make_move_iterator(these.end()));
}

// What was said of the preamble, before what was said of the rest.
void put_before(UnitFacts& facts, const std::vector<UnitFile>& files,
                std::vector<UnitDiagnostic> diagnostics) {
  const auto shift = static_cast<std::uint32_t>(facts.files.size());
  const auto moved = [&](std::uint32_t file) {  // the open file is the first of both
    return file == kNoNumber || file == 0 ? file : file - 1 + shift;
  };
  if (files.size() > 1) facts.files.insert(facts.files.end(), files.begin() + 1, files.end());
  for (UnitDiagnostic& d : diagnostics) {
    d.file = moved(d.file);
    for (FixIt& fix : d.fixes) fix.file = moved(fix.file);
  }
  put_first(facts.diagnostics, std::move(diagnostics));
}

// Diagnostics within `span` of the open file, with their notes.
void keep_within(std::vector<UnitDiagnostic>& diagnostics, ParsedSpan span) {
  bool kept = false;
  std::erase_if(diagnostics, [&](const UnitDiagnostic& d) {
    if (d.level != DiagnosticLevel::kNote) kept = d.file == 0 && span.holds({d.begin, d.end});
    return !kept;
  });
}

// Each stands at its import, or, when something else imports it, at the first one.
std::vector<UnitDiagnostic> placed(std::vector<ImportedModules::Fault> faults,
                                   const std::vector<LiveImport>& imports) {
  std::vector<UnitDiagnostic> diagnostics;
  for (ImportedModules::Fault& fault : faults) {
    auto at = std::find_if(imports.begin(), imports.end(),
                           [&](const LiveImport& import) { return import.module == fault.module; });
    if (at == imports.end()) at = imports.begin();
    UnitDiagnostic& d = diagnostics.emplace_back();
    d.level = DiagnosticLevel::kWarning;
    d.file = 0;
    if (at != imports.end()) std::tie(d.begin, d.end) = std::tuple(at->begin, at->end);
    d.message = std::move(fault.message);
  }
  return diagnostics;
}

}  // namespace

// What the steps of one answer share.
struct LiveParser::Call {
  const LiveRequest& request;
  LiveDiagnostics& diagnostics;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
  std::shared_ptr<clang::CompilerInvocation> invocation;
  std::unique_ptr<llvm::MemoryBuffer> text;

  const std::string file() const { return invocation->getFrontendOpts().Inputs[0].getFile().str(); }
};

bool LiveParser::Preamble::has_errors() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const UnitDiagnostic& d) { return d.level >= DiagnosticLevel::kError; });
}

// Whether it had to be made anew; there may be none.
bool LiveParser::keep_preamble(Call& call) {
  const auto bounds =
      clang::ComputePreambleBounds(call.invocation->getLangOpts(), *call.text, /*MaxLines=*/0);
  const std::string command = command_of(call.request);
  if (preamble_ && preamble_->command == command &&
      preamble_->compiled.CanReuse(*call.invocation, *call.text, bounds, *call.files)) {
    return false;
  }
  if (!preamble_ && bounds.Size == 0) return false;
  diagnosed_.reset();
  preamble_.reset();
  if (bounds.Size == 0) return false;
  clang::CompilerInvocation invocation(*call.invocation);
  LiveDiagnostics diagnostics;
  const auto engine = clang::CompilerInstance::createDiagnostics(
      &invocation.getDiagnosticOpts(), &diagnostics, /*ShouldOwnClient=*/false);
  PreambleRecorder recorder(diagnostics);
  auto compiled = clang::PrecompiledPreamble::Build(
      invocation, call.text.get(), bounds, *engine, call.files,
      std::make_shared<clang::PCHContainerOperations>(), /*StoreInMemory=*/true, "", recorder);
  if (compiled) {
    preamble_.emplace(Preamble{command, std::move(*compiled), recorder.take_files(),
                               diagnostics.take(), diagnostics.take_missing(),
                               recorder.take_includes()});
  }
  ::malloc_trim(0);  // what making it took is some hundred megabytes
  return true;
}

LiveReply LiveParser::diagnose(Call& call, const Unwanted& unwanted) {
  LiveReply reply;
  reply.new_preamble = keep_preamble(call);
  if (unwanted && unwanted()) {
    reply.given_up = true;
    return reply;
  }
  if (preamble_) {
    preamble_->compiled.AddImplicitPreamble(*call.invocation, call.files, call.text.get());
  }
  const ParsedSpan wanted{call.request.begin, call.request.end};
  if (wanted.empty()) diagnosed_.reset();  // two would take twice the memory
  auto parse =
      std::make_unique<LiveParse>(call.invocation, call.files, call.diagnostics, wanted, unwanted);
  LiveAction& action = parse->action();
  if (wanted.empty() && !(preamble_ && preamble_->has_errors())) {
    action.check_includes_after(preamble_ ? preamble_->includes : IncludeRecord{});
  }
  parse->run();
  reply.given_up = action.given_up();
  if (reply.given_up) return reply;
  reply.facts.files = action.take_files();
  if (reply.facts.files.empty()) return failed(call.diagnostics.first_error("it cannot be parsed"));
  reply.facts.diagnostics = call.diagnostics.take();
  reply.missing_headers = call.diagnostics.take_missing();
  reply.end = static_cast<std::uint32_t>(call.text->getBufferSize());
  if (!wanted.empty()) {
    reply.begin = action.function().begin;
    reply.end = std::min(action.function().end, reply.end);
    keep_within(reply.facts.diagnostics, action.function());
  } else if (preamble_) {
    put_before(reply.facts, preamble_->files, preamble_->diagnostics);
    reply.missing_headers.insert(reply.missing_headers.begin(), preamble_->missing_headers.begin(),
                                 preamble_->missing_headers.end());
  }
  put_first(reply.facts.diagnostics, action.take_include_findings());
  if (wanted.empty() && !call.request.modules.empty()) {
    put_first(reply.facts.diagnostics, placed(modules_.faults(), action.imports()));
  }
  if (wanted.empty()) keep_diagnosed(call, std::move(parse));
  return reply;
}

void LiveParser::keep_diagnosed(Call& call, std::unique_ptr<LiveParse> parse) {
  parse->keep(std::move(call.text));
  diagnosed_.emplace(Diagnosed{call.request, modules_.fingerprint(), std::move(parse), {}});
}

bool LiveParser::is_diagnosed(const Call& call) const {
  if (!diagnosed_) return false;
  const LiveRequest& then = diagnosed_->request;
  const LiveRequest& now = call.request;
  return then.unsaved == now.unsaved && then.arguments == now.arguments &&
         then.directory == now.directory && then.modules == now.modules &&
         (now.modules.empty() || diagnosed_->modules == modules_.fingerprint()) &&
         diagnosed_->parse->is_current();
}

LiveReply LiveParser::complete(Call& call, const Unwanted& unwanted) {
  LiveReply reply;
  const std::uint32_t begin = call.request.begin;
  if (call.request.end > call.text->getBufferSize())
    return failed("the place lies outside the file");
  const bool in_inclusion = keep_only_inclusion(call.text, begin);
  if (!in_inclusion) reply.new_preamble = keep_preamble(call);
  const bool within = preamble_ && !in_inclusion && begin < preamble_->compiled.getBounds().Size;
  clang::PreprocessorOptions& preprocessor = call.invocation->getPreprocessorOpts();
  if (preamble_ && !in_inclusion && !within) {
    preamble_->compiled.AddImplicitPreamble(*call.invocation, call.files, call.text.get());
  } else {
    preprocessor.addRemappedFile(call.file(), call.text.get());
  }
  complete_names(call.request, call.text->getBuffer(),
                 preamble_ && !in_inclusion ? &preamble_->includes : nullptr, call.invocation,
                 call.files, unwanted, reply);
  return reply;
}

// From what was diagnosed, if that is this text.
LiveReply LiveParser::describe(Call& call, const Unwanted& unwanted) {
  LiveReply reply;
  const std::uint32_t begin = call.request.begin;
  if (begin >= call.text->getBufferSize()) return reply;  // nothing stands there
  reply.new_preamble = keep_preamble(call);
  const bool in_preamble = preamble_ && begin < preamble_->compiled.getBounds().Size;
  if (!is_diagnosed(call)) return parse_and_describe(call, unwanted);
  if (const auto known = diagnosed_->described.find(begin); known != diagnosed_->described.end()) {
    reply.details = known->second;
    return reply;
  }
  if (auto details = in_preamble ? std::nullopt : diagnosed_->parse->describe(begin)) {
    reply.details = *std::move(details);
    return reply;
  }
  reply = parse_and_describe(call, unwanted);
  if (!reply.given_up) diagnosed_->described.emplace(begin, reply.details);
  return reply;
}

LiveReply LiveParser::parse_and_describe(Call& call, const Unwanted& unwanted) {
  LiveReply reply;
  const std::uint32_t begin = call.request.begin;
  if (preamble_ && begin >= preamble_->compiled.getBounds().Size) {
    preamble_->compiled.AddImplicitPreamble(*call.invocation, call.files, call.text.get());
  } else {
    call.invocation->getPreprocessorOpts().addRemappedFile(call.file(), call.text.get());
  }
  call.invocation->getDiagnosticOpts().IgnoreWarnings = true;
  clang::CompilerInstance compiler;
  compiler.setInvocation(call.invocation);
  compiler.createDiagnostics(&call.diagnostics, /*ShouldOwnClient=*/false);
  go_on_without_headers(compiler.getDiagnostics());
  compiler.createFileManager(call.files);
  LiveDescriber describer;
  LiveAction action({begin, begin + 1}, nullptr, unwanted);
  action.describe_with(&describer);
  compiler.ExecuteAction(action);
  reply.given_up = action.given_up();
  if (!reply.given_up) reply.details = describer.take();
  return reply;
}

LiveReply LiveParser::answer(const LiveRequest& request, const Unwanted& unwanted) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = llvm::vfs::createPhysicalFileSystem();
  LiveDiagnostics diagnostics;
  Call call{request, diagnostics,
            with_unsaved(llvm::makeIntrusiveRefCnt<GuardedFiles>(std::move(disk), roots_),
                         request.unsaved),
            nullptr, nullptr};
  if (!request.modules.empty()) call.files = modules_.compile(request.modules, call.files);
  if (call.files->setCurrentWorkingDirectory(request.directory)) {
    return failed("there is no folder " + request.directory);
  }
  call.invocation = unit_invocation(request.arguments, call.files, diagnostics);
  if (call.invocation == nullptr) {
    return failed(diagnostics.first_error("its arguments do not name one file to compile"));
  }
  allow_named_module(*call.invocation, *call.files);
  if (!request.modules.empty()) modules_.offer_to(*call.invocation);
  // Headers' templates are instantiated once, with the preamble.
  call.invocation->getLangOpts().PCHInstantiateTemplates = true;
  call.invocation->getPreprocessorOpts().RetainRemappedFileBuffers = true;
  auto text = call.files->getBufferForFile(call.file());
  if (!text) return failed("reading " + call.file() + ": " + text.getError().message());
  call.text = std::move(*text);
  if (request.question == LiveQuestion::kDiagnose) return diagnose(call, unwanted);
  if (request.question == LiveQuestion::kDescribe) return describe(call, unwanted);
  return complete(call, unwanted);
}

}  // namespace engram
