// A language server whose assistant is a fake: protocol, threads and shutdown are the real ones.
// For the foreign-client tests of what must not depend on a model. What it completes depends on
// the text before the cursor, so that a test can choose:
//
//   "...SLOW"   never ends by itself, only by its stop token
//   "...QUIET"  is silent, with the reason "low_confidence"
//   else        "fake(<line before the cursor>)"
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "lsp/serve.h"

namespace engram::lsp {

namespace {

class FakeCompleter final : public Completer {
 public:
  Result<CompletionResult> complete(const CompletionRequest& request,
                                    std::stop_token stop) override {
    const std::string_view before = std::string_view(*request.text).substr(0, request.offset);
    CompletionResult result;
    if (before.ends_with("SLOW")) {
      wait_for(stop);
      result.reason = "cancelled";
    } else if (before.ends_with("QUIET")) {
      result.reason = "low_confidence";
    } else {
      CompletionItem item;
      item.id = "fake-" + std::to_string(++count_);
      item.text = "fake(" + std::string(before.substr(before.find_last_of('\n') + 1)) + ")";
      item.begin = item.end = request.offset;
      result.items.push_back(std::move(item));
    }
    return result;
  }
  Result<GenerationResult> score(const CompletionRequest&, std::string_view,
                                 std::stop_token) override {
    return GenerationResult{};
  }
  void warm(const CompletionRequest&, std::stop_token stop) override { wait_for(stop); }
  void set_store(const std::filesystem::path&) override {}

 private:
  static void wait_for(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait(lock, stop, [] { return false; });
  }
  int count_ = 0;
};

// Indexes three files, reporting each.
class FakeAssistant final : public Assistant {
 public:
  std::filesystem::path workspace_of(const std::filesystem::path& file) const override {
    return file.parent_path();
  }
  std::filesystem::path store_directory(const std::filesystem::path&) const override { return {}; }
  Result<LoadedCompleter> load_completer(const std::filesystem::path&, const std::filesystem::path&,
                                         std::stop_token) override {
    return LoadedCompleter{std::make_shared<FakeCompleter>(), "fake"};
  }
  Result<IndexReport> index(const std::filesystem::path&, const std::filesystem::path&,
                            const IndexOptions& options, std::stop_token stop) override {
    IndexReport report;
    while (report.counts.files < 3) {
      options.may_proceed();
      if (stop.stop_requested()) return Error{Errc::kCancelled, "stopped"};
      ++report.counts.files;
      options.progress(IndexProgress{report.counts.files, 3, 0, 0, "fake"});
    }
    return report;
  }
  Result<IndexReport> update(const std::filesystem::path& root, const std::filesystem::path& store,
                             const std::vector<std::string>&, const IndexOptions& options,
                             std::stop_token stop) override {
    return index(root, store, options, stop);
  }
};

}  // namespace

}  // namespace engram::lsp

int main() {
  engram::lsp::FakeAssistant assistant;
  engram::ServerOptions options;
  options.version = "fake";
  return engram::lsp::serve(options, assistant, STDIN_FILENO, STDOUT_FILENO);
}
