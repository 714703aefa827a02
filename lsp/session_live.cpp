// The part of Session that says what Clang says about the open documents.
#include <fmt/format.h>

#include "lsp/session.h"

namespace engram::lsp {

void Session::start_live() {
  if (!options.clang) return;
  using Delivery = LiveService::Delivery;
  live.begin(deps_.assistant.live_analysis(settings.commands),
             !client.pulls_diagnostics      ? Delivery::kPushed
             : client.refreshes_diagnostics ? Delivery::kPulledAgain
                                            : Delivery::kPulled);
}

LiveService::Events Session::live_events() {
  LiveService::Events events;
  events.problems = [this](const DocumentProblems& fresh, bool asked) {
    if (!client.pulls_diagnostics) {
      connection.notify("textDocument/publishDiagnostics",
                        {{"uri", json_string(fresh.document->uri)},
                         {"version", fresh.document->version},
                         {"diagnostics", diagnostics_json(fresh, client.related_information)}});
    } else if (!asked && client.refreshes_diagnostics) {
      connection.request("workspace/diagnostic/refresh", nullptr, [](const RpcResponse&) {});
    }
  };
  events.gone = [this](const std::string& uri) {
    if (client.pulls_diagnostics) return;
    connection.notify("textDocument/publishDiagnostics",
                      {{"uri", json_string(uri)}, {"diagnostics", json::array()}});
  };
  events.failed = [this](const std::string& path, const Error& error) {
    if (error.code == Errc::kNotFound) {
      problems.show_once(MessageType::kWarning, "open files have no diagnostics: " + error.message);
    } else if (error.code == Errc::kDevice) {
      problems.show_once(
          MessageType::kWarning,
          fmt::format("{} has no diagnostics until it is opened again: {}", path, error.message));
    } else {
      problems.log(MessageType::kLog, fmt::format("{}: {}", path, error.message));
    }
  };
  return events;
}

}  // namespace engram::lsp
