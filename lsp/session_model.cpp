// A session's model: loaded once, and again when its file turned out damaged and changed since.
//
//   loading ──► ready ──► damaged while in use ──► loading, once for each state of the file
//      └──────► failed ◄──────────────┘ the same file was damaged before
//                 └──► loading, at the first request after the file changed, or came
#include <utility>

#include "lsp/session.h"

namespace engram::lsp {

namespace fs = std::filesystem;

void Session::load_model() {
  if (options.no_model) {
    status.update([](ServerStatus& s) { s.model.state = "off"; });
    if (options.no_memory) {
      completions.set_unavailable("no_model", "the server was started with --no-model");
      return;
    }
  }
  const bool indexed = fs::exists(store_) && !options.no_memory;
  store_in_use_ = indexed;
  deps_.loader.post([self = self_, &io = deps_.io, &assistant = deps_.assistant, root = root_,
                     store = indexed ? store_ : fs::path(), stop = loading_.get_token()] {
    const auto load = [&]() -> Result<LoadedCompleter> {
      try {
        return assistant.load_completer(root, store, stop);
      } catch (const std::exception& e) {
        return Error{Errc::kIo, std::string("cannot load the model: ") + e.what()};
      }
    };
    io.post([self, loaded = load()] {
      if (*self != nullptr) (*self)->model_loaded(loaded);
    });
  });
}

void Session::model_loaded(const Result<LoadedCompleter>& loaded) {
  if (phase == Phase::kShutDown) return;
  if (!loaded && options.no_model) {
    completions.set_unavailable("no_model", loaded.error().message);
    return;
  }
  if (!loaded) return model_failed(loaded.error());
  completer_ = loaded->completer;
  status.update([&](ServerStatus& s) {
    if (!options.no_model) s.model.state = "ready";
    s.model.name = loaded->model;
    s.model.message.clear();
  });
  completions.set_completer(completer_);
  if (index_is_usable_ && !store_in_use_) use_store();
  if (std::exchange(loading_again_, false)) index.rescan();  // memory in another one's tokens
}

void Session::model_failed(const Error& error) {
  const bool absent = error.code == Errc::kNotFound;
  failed_stamp_ = deps_.assistant.model_stamp();
  problems.show_once(MessageType::kWarning, error.message);
  status.update([&](ServerStatus& s) {
    s.model.state = absent ? "none" : "failed";
    s.model.message = error.message;
  });
  completions.set_unavailable(absent ? "no_model" : "model_error", error.message);
}

void Session::load_model_again() {
  failed_stamp_.reset();
  loading_again_ = true;
  completer_.reset();
  completions.set_loading();
  status.update([](ServerStatus& s) { s.model.state = "loading"; });
  load_model();
}

void Session::note_answer(const CompletionResult& result) {
  if (result.reason != "model_error" || !completer_ || !completer_->model_damaged()) return;
  completer_.reset();
  const std::string now = deps_.assistant.model_stamp();
  if (damaged_stamp_ == now) return model_failed({Errc::kCorrupt, result.detail});
  damaged_stamp_ = now;
  problems.log(MessageType::kWarning, result.detail);
  load_model_again();
}

void Session::reconsider_model() {
  if (failed_stamp_ && *failed_stamp_ != deps_.assistant.model_stamp()) load_model_again();
}

}  // namespace engram::lsp
