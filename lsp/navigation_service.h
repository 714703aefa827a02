// lsp/navigation_service.h: questions about code, answered beside completions and never before
// them.
//
// One worker answers in the order of asking, from the documents as they were when asked; a
// cancelled question is passed over. Indexing steps aside while it works. More than kMostWaiting
// questions at once are refused.
//
// Threads: confined to the io thread; the Navigator lives on the worker. Work in flight may outlive
// the service: its answer is then dropped.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

#include "core/executor.h"
#include "lsp/completion_gate.h"
#include "lsp/connection.h"
#include "lsp/navigation_view.h"

namespace engram::lsp {

class NavigationService {
 public:
  static constexpr std::size_t kMostWaiting = 256;

  struct Dependencies {
    Executor& io;
    Executor& worker;
    CompletionGate& gate;
  };
  // Runs on the worker.
  using Answer =
      std::function<Result<json::value>(Navigator&, const NavigationView&, const std::stop_token&)>;

  explicit NavigationService(Dependencies dependencies);
  ~NavigationService();

  void enter(const std::filesystem::path& root, const std::filesystem::path& store);
  void store_changed();
  void ask(NavigationView view, const Reply& reply, Answer answer);

 private:
  struct Bench;  // the worker's own
  struct Work;
  Dependencies deps_;
  std::shared_ptr<Bench> bench_;
  std::size_t waiting_ = 0;
  std::shared_ptr<NavigationService*> self_;  // null inside once destroyed
};

}  // namespace engram::lsp
