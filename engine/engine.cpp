#include "engine/engine.h"

#include <memory>
#include <optional>
#include <utility>

#include "core/sync.h"

namespace engram {

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::kEndOfText:
      return "end_of_text";
    case StopReason::kLineEnd:
      return "line_end";
    case StopReason::kStopString:
      return "stop_string";
    case StopReason::kMaxTokens:
      return "max_tokens";
    case StopReason::kContextFull:
      return "context_full";
    case StopReason::kDeadline:
      return "deadline";
    case StopReason::kCancelled:
      return "cancelled";
    case StopReason::kUnlikely:
      return "unlikely";
    case StopReason::kError:
      return "error";
  }
  return "error";
}

GenerationResult generate(Engine& engine, GenerationRequest request,
                          const std::function<void(std::string_view)>& on_piece) {
  struct Waiter {
    Mutex mutex;
    ConditionVariable done;
    std::optional<GenerationResult> result ENGRAM_GUARDED_BY(mutex);
  };
  const auto waiter = std::make_shared<Waiter>();
  engine.submit(std::move(request), [waiter, on_piece](const GenerationEvent& event) {
    if (on_piece && !event.piece.empty()) on_piece(event.piece);
    if (event.done == nullptr) return;
    const MutexLock lock(waiter->mutex);
    waiter->result = *event.done;
    waiter->done.notify_all();
  });
  const MutexLock lock(waiter->mutex);
  while (!waiter->result) waiter->done.wait(waiter->mutex);
  return std::move(*waiter->result);
}

}  // namespace engram
