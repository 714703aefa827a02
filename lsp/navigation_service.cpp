#include "lsp/navigation_service.h"

#include <fmt/format.h>

#include <utility>

#include "assist/navigation/stored_compiler_facts.h"
#include "core/log.h"

namespace engram::lsp {

struct NavigationService::Bench {
  std::unique_ptr<Navigator> navigator = std::make_unique<Navigator>("", "");
};

struct NavigationService::Work {
  NavigationView view;
  Reply reply;
  Answer answer;

  Result<json::value> run(Navigator& navigator) const {
    const std::stop_token stop = reply.stop_token();
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    try {
      navigator.set_open(view.open);
      return answer(navigator, view, stop);
    } catch (const std::exception& e) {
      log_error("navigation failed: {}", e.what());
      return Error{Errc::kIo, fmt::format("cannot answer: {}", e.what())};
    }
  }
};

NavigationService::NavigationService(Dependencies dependencies)
    : deps_(dependencies),
      bench_(std::make_shared<Bench>()),
      self_(std::make_shared<NavigationService*>(this)) {}

NavigationService::~NavigationService() { *self_ = nullptr; }

void NavigationService::enter(const std::filesystem::path& root,
                              const std::filesystem::path& store) {
  deps_.worker.post([bench = bench_, root, store] {
    bench->navigator = std::make_unique<Navigator>(root, store, stored_compiler_facts(store));
  });
}

void NavigationService::store_changed() {
  deps_.worker.post([bench = bench_] { bench->navigator->store_changed(); });
}

void NavigationService::ask(NavigationView view, const Reply& reply, Answer answer) {
  if (waiting_ >= kMostWaiting) {
    reply.error(ErrorCode::kRequestFailed,
                fmt::format("{} questions wait for an answer already", waiting_));
    return;
  }
  ++waiting_;
  auto work = std::make_shared<Work>(Work{std::move(view), reply, std::move(answer)});
  deps_.worker.post(
      [self = self_, &io = deps_.io, &gate = deps_.gate, bench = bench_, work]() mutable {
        gate.enter();
        auto result = std::make_shared<Result<json::value>>(work->run(*bench->navigator));
        gate.leave();
        // The reply travels back to die on the io thread, as it lived.
        io.post([self = std::move(self), work = std::move(work), result = std::move(result)] {
          if (*self == nullptr) return;
          --(*self)->waiting_;
          if (*result) return work->reply.result(std::move(**result));
          const Error& error = result->error();
          work->reply.error(error.code == Errc::kInvalidArgument ? ErrorCode::kInvalidParams
                                                                 : ErrorCode::kRequestFailed,
                            error.message);
        });
      });
}

}  // namespace engram::lsp
