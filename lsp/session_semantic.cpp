// The part of Session that follows the semantic index: which files go first, progress bar, status.
#include <algorithm>

#include "lsp/session.h"

namespace engram::lsp {

namespace {
constexpr std::size_t kWorthABar = 4;  // units: what a save leads to shows none
}

SemanticService::Events Session::semantic_events() {
  SemanticService::Events events;
  events.progress = [this](const SemanticProgress& now) { semantic_progress(now); };
  events.finished = [this](const Result<SemanticIndexReport>& report) {
    semantic_finished(report);
  };
  events.commands_changed = [this] { live.commands_changed(); };
  return events;
}

void Session::start_understanding() {
  if (!options.semantic) {
    status.update([](ServerStatus& s) { s.semantic.state = "off"; });
    return;
  }
  semantic.start({root_, store_, settings.commands});
}

void Session::follow_open_documents(const std::string& newest) {
  std::erase_if(opened_, [&](const std::string& uri) {
    return uri == newest || documents.find(uri) == nullptr;
  });
  if (!newest.empty()) opened_.insert(opened_.begin(), newest);
  std::vector<std::string> files;
  for (const std::string& uri : opened_) {
    const DocumentSnapshot document = documents.find(uri);
    if (document->path) files.push_back(document->path->string());
  }
  semantic.set_open(std::move(files));
}

void Session::semantic_progress(const SemanticProgress& now) {
  status.update([&](ServerStatus& s) {
    s.semantic.state = "indexing";
    s.semantic.done = now.done;
    s.semantic.total = now.total;
    s.semantic.semantic = now.semantic;
    s.semantic.inferred = now.inferred;
    s.semantic.without_facts = now.without_facts;
  });
  if (!understanding.shown()) {
    if (now.total - now.done < kWorthABar) return;
    understanding.begin("Understanding");
  }
  understanding.report(semantic_progress_text(now),
                       static_cast<unsigned>(now.total == 0 ? 0 : 100 * now.done / now.total));
}

void Session::semantic_finished(const Result<SemanticIndexReport>& report) {
  navigation.store_changed();  // it may have been built anew; else readers see each commit
  if (report) {
    const SemanticProgress& units = report->units;
    understanding.end(units.total == 0 ? "" : semantic_share(units));
    for (const std::string& note : report->notes) problems.show_once(MessageType::kWarning, note);
    status.update([&](ServerStatus& s) {
      s.semantic = {units.total == 0 ? "none" : "ready",
                    units.done,
                    units.total,
                    units.semantic,
                    units.inferred,
                    units.without_facts,
                    {},
                    {}};
      if (units.guessed) s.semantic.message = semantic_share(units);
      for (const UnitWithoutFacts& unit : report->without_facts) {
        s.semantic.left_out.emplace_back(unit.file, unit.reason);
      }
    });
    return;
  }
  understanding.end({});
  const Error& error = report.error();
  const bool shared = error.code == Errc::kBusy;
  const bool cancelled = error.code == Errc::kCancelled;
  if (!shared && !cancelled) problems.show_once(MessageType::kWarning, error.message);
  status.update([&](ServerStatus& s) {
    s.semantic.state = shared ? "shared" : cancelled ? "cancelled" : "failed";
    s.semantic.message = cancelled ? "" : error.message;
  });
}

}  // namespace engram::lsp
