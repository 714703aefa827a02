// lsp/completion_service.h: when a completion runs, and what ends it.
//
// One document has at most one request in flight: a newer request or an edit answers the older one
// at once and stops its work. What was shown lately and still holds is answered from the cache on
// the spot. 300 ms after the last change the completer warms up at the cursor, until the next
// keystroke. All work runs on one worker, in order, so a completer sees one call at a time.
//
//   request ──► cache? ──► completer there? ──► debounce ──► worker ──► io thread: on_result
//
// Threads: confined to the io thread; the worker touches only the completer, stop tokens and the
// gate. Work in flight may outlive the service: its answer is then dropped.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "assist/completion/completion.h"
#include "core/executor.h"
#include "lsp/completion_gate.h"
#include "lsp/connection.h"
#include "lsp/debounce.h"
#include "lsp/suggestion_cache.h"
#include "lsp/timers.h"

namespace engram::lsp {

class CompletionService {
 public:
  static constexpr auto kIdle = std::chrono::milliseconds(300);
  static constexpr auto kPatience =
      std::chrono::seconds(2);  // of automatic requests, for the model

  struct Dependencies {
    Executor& io;
    Executor& worker;
    Timers& timers;
    CompletionGate& gate;
    std::unique_ptr<DebouncePolicy> debounce;
    std::function<void()> on_warmed;  // warming up came to its end, undisturbed
  };
  // Called on the io thread, only while the reply is still due. `cached`: no model was run.
  using OnResult = std::function<void(const CompletionResult&, bool cached)>;

  explicit CompletionService(Dependencies dependencies);
  ~CompletionService();

  // Until one of these is called, requests wait: automatic ones for kPatience ("model_loading").
  void set_completer(std::shared_ptr<Completer> completer);
  void set_unavailable(std::string reason, std::string detail);
  void set_loading();  // as in the beginning: there will be another completer

  void request(const std::string& uri, CompletionRequest request, const Reply& reply,
               OnResult on_result);
  void document_changed(const std::string& uri, std::shared_ptr<const std::string> text,
                        std::size_t cursor, std::vector<OpenBuffer> open);
  void document_closed(const std::string& uri);
  void shut_down();  // answers and stops everything

 private:
  struct PerDocument {
    std::optional<Reply> current;
    OnResult on_result;        // of `current`
    CompletionRequest latest;  // what `current` asks, or where to warm up
    bool asked = false;        // a completion was ever asked for here
    TimerId debounce = 0;      // until the work starts, or waiting for the completer ends
    TimerId idle = 0;
    std::shared_ptr<void> gate_pass;  // held from the request to the end of its work
    std::stop_source warming;
    std::uint64_t generation = 0;  // counts requests and edits
  };

  void supersede(PerDocument& document, ErrorCode code, std::string_view why);
  void wait_for_completer(const std::string& uri, PerDocument& document);
  bool answer_from_cache(const std::string& uri, PerDocument& document);
  void start(const std::string& uri);
  void finish(const std::string& uri, std::uint64_t generation, const Reply& reply,
              const OnResult& on_result, const CompletionRequest& request,
              const Result<CompletionResult>& result);
  void arm_idle(const std::string& uri);
  void warm(const std::string& uri);
  static CompletionResult silence(std::string reason, std::string detail);

  Dependencies deps_;
  std::shared_ptr<Completer> completer_;
  CompletionResult unavailable_;  // why there is no completer
  bool loading_ = true;
  SuggestionCache cache_;
  std::map<std::string, PerDocument> documents_;
  std::shared_ptr<CompletionService*> self_;  // null inside once destroyed
};

}  // namespace engram::lsp
