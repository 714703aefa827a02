// tests/clang/live_rig.h: a real engram-clang-worker that holds one open file of a folder.
#pragma once

#include "indexer/semantic/live_message.h"
#include "tests/clang/worker_rig.h"

namespace engram {

class LiveRig {
 public:
  explicit LiveRig(std::string file = "a.cpp", std::vector<std::string> more = {"-nostdinc"})
      : file_(std::move(file)) {
    arguments_ = unit_request(folder_.path(), file_, std::move(more)).arguments;
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void save(const std::string& name, const std::string& text) { folder_.write(name, text); }
  // As if the user had typed it.
  void type(const std::string& text) { text_ = text; }
  void type(const std::string& name, const std::string& text) {
    others_.push_back({path(name), text});
  }
  const std::string& text() const { return text_; }

  LiveRequest request(LiveQuestion question) const {
    LiveRequest request;
    request.question = question;
    request.directory = folder_.path().string();
    request.arguments = arguments_;
    request.unsaved = others_;
    request.unsaved.push_back({path(file_), text_});
    return request;
  }
  LiveReply ask(const LiveRequest& request, const std::function<void()>& sent = {}) {
    const auto body = worker().ask_bytes(encode_live_request(request), {}, sent);
    INFO((body ? "" : body.error().message));
    REQUIRE(body);
    const auto reply = decode_live_reply(*body, text_.size());
    REQUIRE(reply);
    return *reply;
  }
  LiveReply diagnose() { return ask(request(LiveQuestion::kDiagnose)); }
  // At `^`, which is no part of the text.
  LiveReply at_mark(LiveQuestion question, std::string marked) {
    const std::size_t at = marked.find('^');
    REQUIRE(at != std::string::npos);
    text_ = marked.erase(at, 1);
    LiveRequest asked = request(question);
    asked.begin = asked.end = static_cast<std::uint32_t>(at);
    while (question == LiveQuestion::kComplete && asked.begin > 0 &&
           (std::isalnum(static_cast<unsigned char>(text_[asked.begin - 1])) ||
            text_[asked.begin - 1] == '_')) {
      --asked.begin;
    }
    return ask(asked);
  }
  WorkerProcess& worker() {
    if (worker_ == nullptr) {
      WorkerOptions options = worker_options(folder_.path());
      options.live = true;
      auto started = WorkerProcess::start(options);
      REQUIRE(started);
      worker_ = *std::move(started);
    }
    return *worker_;
  }
  void forget_worker() { worker_.reset(); }

 private:
  TemporaryDirectory folder_;
  std::string file_, text_;
  std::vector<std::string> arguments_;
  std::vector<UnsavedFile> others_;
  std::unique_ptr<WorkerProcess> worker_;
};

}  // namespace engram
