// What a session does when the model's file is damaged while in use.
#include "tests/lsp/fakes.h"

namespace engram::lsp {
namespace {

// A session whose model's file is damaged at once.
class DamagedRig : public SessionRig {
 public:
  DamagedRig() {
    begin();
    open("int x\n");
    damage();
  }
  void damage() {
    assistant.completer->damaged = true;
    assistant.completer->answer = [](const CompletionRequest&) -> Result<CompletionResult> {
      CompletionResult result;
      result.reason = "model_error";
      result.detail = "the model's file changed";
      return result;
    };
  }
  std::string ask() {
    const auto id = complete({0, 5}, true);
    run_all();
    return shown(id);
  }
  std::string state() { return std::string(*find_string(status(), "modelState")); }
  std::string message() { return std::string(*find_string(status(), "message")); }
  static std::shared_ptr<FakeCompleter> whole() { return std::make_shared<FakeCompleter>(); }
};

}  // namespace

TEST_CASE("damaged_model: the request ends, the model is loaded again and serves", "[lsp]") {
  DamagedRig rig;
  const auto damaged = rig.assistant.completer;
  rig.assistant.completer = DamagedRig::whole();
  CHECK(rig.assistant.loads == 1);
  CHECK(rig.ask().empty());  // by the damaged one
  CHECK(rig.assistant.loads == 2);
  CHECK(rig.state() == "ready");
  CHECK(damaged.use_count() == 1);  // its memory is free
  CHECK(rig.ask() == "fake completion");
}

TEST_CASE("damaged_model: what cannot be loaded again is set aside until it changes", "[lsp]") {
  DamagedRig rig;
  rig.assistant.load = []() -> Result<LoadedCompleter> {
    return Error{Errc::kCorrupt, "cannot load m.gguf: it is truncated"};
  };
  CHECK(rig.ask().empty());
  CHECK(rig.assistant.loads == 2);
  CHECK(rig.state() == "failed");
  CHECK(rig.message() == "cannot load m.gguf: it is truncated");
  CHECK(rig.ask().empty());
  CHECK(rig.ask().empty());
  CHECK(rig.assistant.loads == 2);  // the same file: not tried again

  rig.assistant.stamp = "fetched again";
  rig.assistant.load = []() -> Result<LoadedCompleter> {
    return LoadedCompleter{DamagedRig::whole(), "fake-model"};
  };
  CHECK(rig.ask() == "fake completion");
  CHECK(rig.assistant.loads == 3);
  CHECK(rig.state() == "ready");
  CHECK(rig.message().empty());
}

TEST_CASE("damaged_model: one that comes while the server runs serves, and memory follows it",
          "[lsp]") {
  SessionRig rig;
  rig.assistant.stamp.clear();
  rig.assistant.load = []() -> Result<LoadedCompleter> {
    return Error{Errc::kNotFound, "there is no model on this machine"};
  };
  rig.begin();
  rig.open("int x\n");
  CHECK(rig.assistant.whole_runs == 1);
  rig.assistant.stamp = "fetched";
  rig.assistant.load = []() -> Result<LoadedCompleter> {
    return LoadedCompleter{DamagedRig::whole(), "fake-model"};
  };
  const auto id = rig.complete({0, 5}, true);
  rig.run_all();
  CHECK(rig.shown(id) == "fake completion");
  CHECK(rig.assistant.whole_runs == 2);  // in its tokens
}

TEST_CASE("damaged_model: a file that loads but fails in use again is set aside too", "[lsp]") {
  DamagedRig rig;
  CHECK(rig.ask().empty());
  CHECK(rig.assistant.loads == 2);
  CHECK(rig.state() == "ready");
  CHECK(rig.ask().empty());
  CHECK(rig.assistant.loads == 2);
  CHECK(rig.state() == "failed");
  CHECK(rig.message() == "the model's file changed");
}

TEST_CASE("damaged_model: an error that is not the file's costs only its request", "[lsp]") {
  DamagedRig rig;
  rig.assistant.completer->damaged = false;
  CHECK(rig.ask().empty());
  CHECK(rig.state() == "ready");
  CHECK(rig.assistant.loads == 1);
}

}  // namespace engram::lsp
