#include "lsp/work_done_progress.h"

#include <algorithm>
#include <utility>

namespace engram::lsp {

namespace {
constexpr auto kBetweenReports = std::chrono::milliseconds(100);
}

void WorkDoneProgress::send(const RpcId& token, json::object value) {
  client_.notify("$/progress", {{"token", to_json(token)}, {"value", std::move(value)}});
}

void WorkDoneProgress::begin(std::string title) {
  if (!supported_) return;
  if (bar_) end({});
  auto bar = std::make_shared<Bar>();
  bar->token = name_ + "-" + std::to_string(++count_);
  bar->title = std::move(title);
  bar_ = bar;
  client_.request("window/workDoneProgress/create", {{"token", to_json(bar->token)}},
                  [this, bar](const RpcResponse& response) {
                    if (response.error) return;
                    bar->agreed = true;
                    send(bar->token, {{"kind", "begin"},
                                      {"title", json_string(bar->title)},
                                      {"cancellable", true},
                                      {"percentage", 0}});
                    if (bar->ended) send_end(*bar);
                  });
}

void WorkDoneProgress::report(std::string message, unsigned percentage) {
  if (!bar_ || !bar_->agreed) return;
  const auto now = timers_.now();
  if (now - bar_->last_report < kBetweenReports) return;
  bar_->last_report = now;
  send(bar_->token, {{"kind", "report"},
                     {"message", json_string(message)},
                     {"percentage", std::min(percentage, 100U)}});
}

void WorkDoneProgress::end(std::string message) {
  const auto bar = std::exchange(bar_, nullptr);
  if (!bar) return;
  bar->ended = std::move(message);
  if (bar->agreed) send_end(*bar);
}

void WorkDoneProgress::send_end(const Bar& bar) {
  json::object value{{"kind", "end"}};
  if (!bar.ended->empty()) value["message"] = json_string(*bar.ended);
  send(bar.token, std::move(value));
}

bool WorkDoneProgress::is(const RpcId& token) const { return bar_ && bar_->token == token; }

}  // namespace engram::lsp
