#include "lsp/status.h"

#include <utility>

namespace engram::lsp {

namespace {

constexpr auto kBetweenNotifications = std::chrono::milliseconds(100);

// One word for the status item: the worst news first.
std::string_view overall(const ServerStatus& s) {
  if (s.model.state == "none" || s.model.state == "failed") return "error";
  if (s.model.state == "loading") return "loading";
  if (s.index.state == "indexing") return "indexing";
  return "ready";
}

std::uint64_t percentage(const ServerStatus::Index& index) {
  if (index.state == "ready") return 100;
  return index.files_total > 0 ? 100 * index.files_done / index.files_total : 0;
}

json::object to_json(const ServerStatus::Semantic& s) {
  json::array left_out;
  for (const auto& [file, reason] : s.left_out) {
    left_out.push_back({{"file", json_string(file)}, {"reason", json_string(reason)}});
  }
  return {{"state", s.state},
          {"percentage", s.total == 0 ? 0 : 100 * s.semantic / s.total},
          {"done", s.done},
          {"total", s.total},
          {"semantic", s.semantic},
          {"inferred", s.inferred},
          {"withoutFacts", s.without_facts},
          {"leftOut", std::move(left_out)},
          {"message", json_string(s.message)}};
}

}  // namespace

json::value to_json(const ServerStatus& s) {
  const std::string& message = s.model.message.empty() ? s.index.message : s.model.message;
  return {{"state", overall(s)},
          {"model", json_string(s.model.name)},
          {"modelState", s.model.state},
          {"message", json_string(message)},
          {"percentage", percentage(s.index)},
          {"index",
           {{"state", s.index.state},
            {"filesDone", s.index.files_done},
            {"filesTotal", s.index.files_total},
            {"files", s.index.files},
            {"symbols", s.index.symbols},
            {"skipped", s.index.skipped}}},
          {"semantic", to_json(s.semantic)},
          {"lastReason", s.last.reason},
          {"lastDetail", json_string(s.last.detail)},
          {"lastMilliseconds", s.last.milliseconds},
          {"lastCached", s.last.cached},
          {"lastTokens",
           {{"prompt", s.last.prompt_tokens},
            {"reused", s.last.reused_tokens},
            {"generated", s.last.generated_tokens}}},
          {"lastTimings",
           {{"context", s.last.timings.context_ms},
            {"prefill", s.last.timings.prefill_ms},
            {"decode", s.last.timings.decode_ms},
            {"check", s.last.timings.check_ms}}},
          {"requests", s.requests},
          {"shown", s.shown},
          {"accepted", s.accepted},
          {"warmed", s.warmed}};
}

StatusBoard::~StatusBoard() { timers_.cancel(pending_); }

void StatusBoard::changed() {
  if (!wanted_ || pending_ != 0) return;
  pending_ = timers_.after(kBetweenNotifications, [this] {
    pending_ = 0;
    tell();
  });
}

// A hundred files and why they were left out are not said ten times a second.
void StatusBoard::tell() {
  json::value now = to_json(status_);
  const bool same = std::exchange(told_, true) && told_left_out_ == status_.semantic.left_out;
  if (same) now.at("semantic").as_object().erase("leftOut");
  told_left_out_ = status_.semantic.left_out;
  client_.notify("engram/status", std::move(now));
}

}  // namespace engram::lsp
