#include "lsp/completion_service.h"

#include <utility>

namespace engram::lsp {

namespace {

// Counts as a running completion for as long as it lives, wherever its job ends up.
class GatePass {
 public:
  explicit GatePass(CompletionGate& gate) : gate_(gate) { gate_.enter(); }
  ~GatePass() { gate_.leave(); }
  GatePass(const GatePass&) = delete;
  GatePass& operator=(const GatePass&) = delete;

 private:
  CompletionGate& gate_;
};

Result<CompletionResult> run_guarded(Completer& completer, const CompletionRequest& request,
                                     const std::stop_token& stop) {
  if (stop.stop_requested()) return Error{Errc::kCancelled, "superseded"};
  try {
    return completer.complete(request, stop);
  } catch (const std::exception& e) {
    CompletionResult failed;
    failed.reason = "internal_error";
    failed.detail = e.what();
    return failed;
  }
}

}  // namespace

CompletionService::CompletionService(Dependencies dependencies)
    : deps_(std::move(dependencies)),
      cache_(SuggestionCache::Limits{}),
      self_(std::make_shared<CompletionService*>(this)) {}

CompletionService::~CompletionService() {
  shut_down();
  *self_ = nullptr;
}

CompletionResult CompletionService::silence(std::string reason, std::string detail) {
  CompletionResult result;
  result.reason = std::move(reason);
  result.detail = std::move(detail);
  return result;
}

void CompletionService::set_completer(std::shared_ptr<Completer> completer) {
  completer_ = std::move(completer);
  loading_ = false;
  for (auto& [uri, document] : documents_) {
    deps_.timers.cancel(std::exchange(document.debounce, 0));
    if (document.current && !document.current->answered()) start(uri);
  }
}

void CompletionService::set_loading() {
  completer_.reset();
  loading_ = true;
}

void CompletionService::set_unavailable(std::string reason, std::string detail) {
  completer_.reset();
  unavailable_ = silence(std::move(reason), std::move(detail));
  loading_ = false;
  for (auto& [uri, document] : documents_) {
    document.gate_pass.reset();
    if (document.current && !document.current->answered()) {
      const auto on_result = std::exchange(document.on_result, nullptr);
      if (on_result) on_result(unavailable_, false);
    }
  }
}

void CompletionService::supersede(PerDocument& document, ErrorCode code, std::string_view why) {
  ++document.generation;
  if (document.current) document.current->error(code, why);
  document.current.reset();
  document.on_result = nullptr;
  document.gate_pass.reset();
  document.warming.request_stop();
  deps_.timers.cancel(std::exchange(document.debounce, 0));
  deps_.timers.cancel(std::exchange(document.idle, 0));
}

void CompletionService::request(const std::string& uri, CompletionRequest request,
                                const Reply& reply, OnResult on_result) {
  PerDocument& document = documents_[uri];
  supersede(document, ErrorCode::kRequestCancelled, "superseded by a newer request");
  document.asked = true;
  document.current = reply;
  document.on_result = std::move(on_result);
  document.latest = std::move(request);
  if (answer_from_cache(uri, document)) return;
  document.gate_pass = std::make_shared<GatePass>(deps_.gate);
  if (!completer_) return wait_for_completer(uri, document);
  const auto delay =
      document.latest.invoked ? Clock::duration::zero() : deps_.debounce->delay(deps_.timers.now());
  if (delay <= Clock::duration::zero()) return start(uri);
  document.debounce = deps_.timers.after(delay, [this, uri] {
    documents_[uri].debounce = 0;
    start(uri);
  });
}

// set_completer() starts what waits; an automatic request has less patience.
void CompletionService::wait_for_completer(const std::string& uri, PerDocument& document) {
  const auto give_up = [this, uri] {
    PerDocument& waiting = documents_[uri];
    waiting.gate_pass.reset();
    const auto answer = std::exchange(waiting.on_result, nullptr);
    if (!answer) return;
    answer(loading_ ? silence("model_loading", "the model is being loaded") : unavailable_, false);
  };
  if (!loading_) return give_up();
  if (document.latest.invoked) return;
  document.debounce = deps_.timers.after(kPatience, [this, uri, give_up] {
    documents_[uri].debounce = 0;
    give_up();
  });
}

bool CompletionService::answer_from_cache(const std::string& uri, PerDocument& document) {
  const CompletionRequest& request = document.latest;
  auto item = cache_.find(uri, *request.text, request.offset);
  if (!item) return false;
  CompletionResult result;
  result.items.push_back(*std::move(item));
  const auto on_result = std::exchange(document.on_result, nullptr);
  on_result(result, true);
  arm_idle(uri);
  return true;
}

void CompletionService::start(const std::string& uri) {
  PerDocument& document = documents_[uri];
  if (!document.current || document.current->answered()) return;
  if (!completer_) return wait_for_completer(uri, document);
  deps_.worker.post([self = self_, &io = deps_.io,
                     pass = std::exchange(document.gate_pass, nullptr), completer = completer_,
                     uri = std::string(uri), generation = document.generation,
                     reply = *document.current, stop = document.current->stop_token(),
                     request = document.latest, on_result = document.on_result]() mutable {
    auto result =
        std::make_shared<Result<CompletionResult>>(run_guarded(*completer, request, stop));
    pass.reset();
    // The reply travels back to die on the io thread, as it lived.
    io.post([self = std::move(self), uri = std::move(uri), generation, reply = std::move(reply),
             on_result = std::move(on_result), request = std::move(request),
             result = std::move(result)] {
      if (*self != nullptr) (*self)->finish(uri, generation, reply, on_result, request, *result);
    });
  });
}

void CompletionService::finish(const std::string& uri, std::uint64_t generation, const Reply& reply,
                               const OnResult& on_result, const CompletionRequest& request,
                               const Result<CompletionResult>& result) {
  if (result) {  // worth remembering even when superseded: the user may have typed along it
    for (const CompletionItem& item : result->items) cache_.remember(uri, request.text, item);
  }
  const auto found = documents_.find(uri);
  if (found == documents_.end() || found->second.generation != generation) return;
  PerDocument& document = found->second;
  document.on_result = nullptr;
  if (!reply.answered()) {
    if (result) {
      on_result(*result, false);
    } else {
      reply.error(result.error().code == Errc::kInvalidArgument ? ErrorCode::kInvalidParams
                                                                : ErrorCode::kRequestFailed,
                  result.error().message);
    }
  }
  document.current.reset();
  arm_idle(uri);
}

void CompletionService::document_changed(const std::string& uri,
                                         std::shared_ptr<const std::string> text,
                                         std::size_t cursor, std::vector<OpenBuffer> open) {
  PerDocument& document = documents_[uri];
  supersede(document, ErrorCode::kContentModified, "the document changed");
  document.latest.text = std::move(text);
  document.latest.offset = cursor;
  document.latest.open = std::move(open);
  arm_idle(uri);
}

void CompletionService::document_closed(const std::string& uri) {
  const auto found = documents_.find(uri);
  if (found == documents_.end()) return;
  supersede(found->second, ErrorCode::kContentModified, "the document was closed");
  documents_.erase(found);
  cache_.forget(uri);
}

void CompletionService::shut_down() {
  for (auto& [uri, document] : documents_) {
    supersede(document, ErrorCode::kRequestCancelled, "the server is shutting down");
  }
  documents_.clear();
}

void CompletionService::arm_idle(const std::string& uri) {
  PerDocument& document = documents_[uri];
  if (!document.asked || !completer_) return;
  deps_.timers.cancel(document.idle);
  document.idle = deps_.timers.after(kIdle, [this, uri] {
    documents_[uri].idle = 0;
    warm(uri);
  });
}

void CompletionService::warm(const std::string& uri) {
  PerDocument& document = documents_[uri];
  const bool in_flight = document.current && !document.current->answered();
  if (!completer_ || in_flight || !document.latest.text) return;
  document.warming = std::stop_source();
  deps_.worker.post([self = self_, &io = deps_.io, completer = completer_,
                     request = document.latest, stop = document.warming.get_token()] {
    if (stop.stop_requested()) return;
    completer->warm(request, stop);
    if (stop.stop_requested()) return;
    io.post([self] {
      if (*self != nullptr && (*self)->deps_.on_warmed) (*self)->deps_.on_warmed();
    });
  });
}

}  // namespace engram::lsp
