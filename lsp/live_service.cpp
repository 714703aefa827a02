#include "lsp/live_service.h"

#include <algorithm>

#include "core/edited_region.h"
#include "lsp/navigation_view.h"

namespace engram::lsp {

bool is_clangs(const Document& document) {
  if (!document.path) return false;
  const std::string language = open_text(document.path->string(), document).language;
  return language == "c" || language == "cpp" || language == "cuda";
}

LiveService::LiveService(Dependencies dependencies, Events events)
    : deps_(dependencies),
      events_(std::move(events)),
      self_(std::make_shared<LiveService*>(this)) {}

LiveService::~LiveService() {
  *self_ = nullptr;
  for (auto& [uri, entry] : entries_) deps_.timers.cancel(entry.timer);
}

void LiveService::begin(std::unique_ptr<LiveAnalysis> analysis, Delivery delivery) {
  analysis_ = std::move(analysis);
  delivery_ = delivery;
  if (analysis_ == nullptr) return;
  for (const std::string& uri : deps_.documents.uris()) {
    const DocumentSnapshot document = deps_.documents.find(uri);
    if (is_clangs(*document)) note(document);
  }
  plan_newest(kMostLiveFiles, {});
}

void LiveService::shut_down() {
  for (auto& [uri, entry] : entries_) {
    deps_.timers.cancel(entry.timer);
    answer_pulls(entry, Error{Errc::kCancelled, "the server shuts down"});
    if (analysis_) analysis_->close(entry.latest->path->string());  // which does not wait
  }
  entries_.clear();
}

void LiveService::changed(const DocumentSnapshot& document) {
  if (analysis_ == nullptr) return;
  const bool opened = !entries_.contains(document->uri);
  if (opened && !is_clangs(*document)) return;
  plan(document->uri, note(document), opened);
}

LiveService::Entry& LiveService::note(const DocumentSnapshot& document) {
  Entry& entry = entries_[document->uri];
  entry.latest = document;
  entry.changed = ++changes_;
  return entry;
}

void LiveService::closed(const std::string& uri) {
  const auto found = entries_.find(uri);
  if (found == entries_.end()) return;
  deps_.timers.cancel(found->second.timer);
  answer_pulls(found->second, nullptr);
  if (analysis_) analysis_->close(found->second.latest->path->string());
  entries_.erase(found);
  events_.gone(uri);
}

// Others may include it.
void LiveService::saved(const std::string& uri) {
  plan_newest(entries_.contains(uri) ? kMostLiveFiles - 1 : kMostLiveFiles, uri);
}

void LiveService::commands_changed() {
  if (analysis_ == nullptr) return;
  analysis_->commands_changed();
  plan_newest(kMostLiveFiles, {});
}

// The others when they change or somebody pulls: each would take the worker, and with it the
// preamble, of one that is being edited.
void LiveService::plan_newest(std::size_t most, const std::string& but) {
  std::vector<std::pair<std::uint64_t, std::string>> newest;
  for (const auto& [uri, entry] : entries_) {
    if (uri != but) newest.emplace_back(entry.changed, uri);
  }
  std::sort(newest.rbegin(), newest.rend());
  for (std::size_t i = 0; i < newest.size(); ++i) {
    const std::string& uri = newest[i].second;
    Entry& entry = entries_.at(uri);
    i < most || is_awaited(entry) ? plan(uri, entry, false) : make_stale(entry);
  }
}

void LiveService::make_stale(Entry& entry) {
  ++entry.generation;
  entry.stage = Stage::kStale;
  deps_.timers.cancel(std::exchange(entry.timer, 0));
}

// A held key asks for nothing; whoever stops typing waits for half of what an answer takes at most,
// for the edited function, which takes less, for a quarter.
void LiveService::plan(const std::string& uri, Entry& entry, bool now) {
  make_stale(entry);
  if (now || is_awaited(entry)) return diagnose(uri);
  const auto half = std::chrono::milliseconds(static_cast<std::int64_t>(entry.milliseconds / 2));
  const auto wait = std::clamp<Clock::duration>(half, kShortestWait, kLongestWait);
  entry.timer =
      deps_.timers.after(is_worth_a_part(entry) ? wait / 2 : wait, [this, uri] { diagnose(uri); });
}

void LiveService::diagnose(const std::string& uri) {
  Entry& entry = entries_.at(uri);
  deps_.timers.cancel(std::exchange(entry.timer, 0));
  const auto asking = std::count_if(entries_.begin(), entries_.end(), [](const auto& other) {
    return other.second.stage == Stage::kAsking;
  });
  if (static_cast<std::size_t>(asking) >= kMostLiveFiles) {
    entry.stage = Stage::kQueued;
    return;
  }
  if (is_worth_a_part(entry)) {
    const EditedRegion edit = edited_region(*entry.problems->document->text, *entry.latest->text);
    const std::size_t size = entry.latest->text->size();
    if (edit.begin < size) {
      const std::size_t end = std::min(size, edit.begin + std::max<std::size_t>(edit.inserted, 1));
      return ask_about(uri, false, edit.begin, end);
    }
  }
  ask_about(uri, true, 0, 0);
}

// Who pulls gets a part only as an answer: to be asked to pull comes after the whole as well.
bool LiveService::is_worth_a_part(Entry& entry) const {
  if (!entry.problems || entry.milliseconds <= kWorthwhile) return false;
  return delivery_ == Delivery::kPushed ||
         (delivery_ == Delivery::kPulledAgain && is_awaited(entry));
}

// The one changed last.
void LiveService::diagnose_queued() {
  const std::string* newest = nullptr;
  std::uint64_t changed = 0;
  for (const auto& [uri, entry] : entries_) {
    if (entry.stage != Stage::kQueued || entry.changed < changed) continue;
    newest = &uri;
    changed = entry.changed;
  }
  if (newest != nullptr) diagnose(std::string(*newest));
}

LiveAsk LiveService::about(const DocumentSnapshot& document) const {
  LiveAsk ask;
  ask.file = {document->path->string(), document->text};
  for (const auto& [uri, entry] : entries_) {
    if (uri != document->uri)
      ask.others.push_back({entry.latest->path->string(), entry.latest->text});
  }
  return ask;
}

void LiveService::ask_about(const std::string& uri, bool whole, std::size_t begin,
                            std::size_t end) {
  if (analysis_ == nullptr) return;
  Entry& entry = entries_.at(uri);
  entry.stage = Stage::kAsking;
  const DocumentSnapshot document = entry.latest;
  LiveAsk ask = about(document);
  ask.begin = static_cast<std::uint32_t>(begin);
  ask.end = static_cast<std::uint32_t>(end);
  std::vector<DocumentSnapshot> open;
  for (const auto& [other, one] : entries_) open.push_back(one.latest);
  analysis_->ask(std::move(ask), [self = self_, &io = deps_.io, uri, whole, document,
                                  open = std::move(open), generation = entry.generation,
                                  include_hints = deps_.include_hints](Result<LiveAnswer> answer) {
    Result<Said> said = Said{};
    if (!answer) {
      said = answer.error();
    } else {
      said->problems = problems_of(document, *answer, open);
      hold_back_guesses(said->problems, *answer);
      if (!include_hints) drop_include_hints(said->problems);
      said->begin = answer->reply.begin;
      said->end = answer->reply.end;
      said->new_preamble = answer->reply.new_preamble;
      said->milliseconds = answer->milliseconds;
    }
    io.post([self, uri, generation, whole, said = std::move(said)] {
      if (*self == nullptr) return;
      (*self)->take(uri, generation, whole, said);
      (*self)->diagnose_queued();
    });
  });
}

void LiveService::take(const std::string& uri, std::uint64_t generation, bool whole,
                       const Result<Said>& said) {
  const auto found = entries_.find(uri);
  if (found == entries_.end() || found->second.generation != generation) return;
  Entry& entry = found->second;
  entry.stage = Stage::kStale;
  if (!said) {
    // Another file took its worker: asked again at its next change or pull.
    if (said.error().code == Errc::kCancelled) return answer_pulls(entry, said.error());
    return fail(entry, said.error());
  }
  if (whole) {
    entry.problems = said->problems;
    entry.stage = Stage::kFresh;
    if (!said->new_preamble) entry.milliseconds = said->milliseconds;
    return publish(entry, *entry.problems);
  }
  if (said->begin < said->end) {
    DocumentProblems merged = after_edit(*entry.problems, entry.latest);
    replace_within(merged, said->begin, said->end, said->problems.problems);
    publish(entry, merged);
  }
  ask_about(uri, true, 0, 0);
}

void LiveService::publish(Entry& entry, const DocumentProblems& problems) {
  ++entry.id;
  events_.problems(problems, is_awaited(entry));
  answer_pulls(entry, &problems);
}

bool LiveService::is_awaited(Entry& entry) {
  std::erase_if(entry.waiting, [](const auto& waiting) { return waiting.reply.answered(); });
  return !entry.waiting.empty();
}

void LiveService::answer_pulls(Entry& entry, const Result<const DocumentProblems*>& said) {
  for (const auto& one : std::exchange(entry.waiting, {})) one.pulled(said, entry.id);
}

void LiveService::fail(Entry& entry, const Error& error) {
  const std::string path = entry.latest->path->string();
  answer_pulls(entry, nullptr);
  if (error.code == Errc::kDevice && std::exchange(entry.given_up, true)) return;
  if (error.code == Errc::kNotFound) {  // no worker: nothing will ever be said
    for (const std::string& open : deps_.documents.uris()) closed(open);
    analysis_.reset();
  }
  events_.failed(path, error);
}

std::optional<DocumentProblems> LiveService::problems(const std::string& uri) const {
  const auto found = entries_.find(uri);
  if (found == entries_.end() || !found->second.problems) return std::nullopt;
  const Entry& entry = found->second;
  if (entry.problems->document == entry.latest) return entry.problems;
  return after_edit(*entry.problems, entry.latest);
}

void LiveService::pull(const std::string& uri, const Reply& reply, Pulled pulled) {
  const auto found = entries_.find(uri);
  if (found == entries_.end()) return pulled(nullptr, 0);
  Entry& entry = found->second;
  if (entry.stage == Stage::kFresh) return pulled(&*entry.problems, entry.id);
  entry.waiting.push_back({reply, std::move(pulled)});
  if (entry.stage == Stage::kStale) diagnose(uri);
}

void LiveService::describe(const DocumentSnapshot& document, std::size_t at, Answered answered) {
  const auto found = entries_.find(document->uri);
  if (found == entries_.end() || !found->second.problems) {
    return answered(Error{Errc::kNotFound, "Clang has not read this document yet"}, {});
  }
  struct Race {  // of the answer with the clock
    Answered answered;
    TimerId timer = 0;
  };
  auto race = std::make_shared<Race>(Race{std::move(answered)});
  const auto win = [race](const Result<LiveAnswer>& answer, const NameUses& uses) {
    if (const Answered first = std::exchange(race->answered, {})) first(answer, uses);
  };
  race->timer = deps_.timers.after(kDetailsWait, [win, self = self_] {
    if (*self == nullptr) return;
    win(Error{Errc::kCancelled, "Clang did not answer in time"}, {});
  });
  ask(LiveQuestion::kDescribe, document, at, at,
      [win, race, &timers = deps_.timers](const Result<LiveAnswer>& answer, const NameUses& uses) {
        timers.cancel(std::exchange(race->timer, 0));
        win(answer, uses);
      });
}

void LiveService::ask(LiveQuestion question, const DocumentSnapshot& document, std::size_t begin,
                      std::size_t end, Answered answered) {
  if (analysis_ == nullptr || !entries_.contains(document->uri)) {
    return answered(Error{Errc::kNotFound, "Clang does not read this document"}, {});
  }
  LiveAsk ask = about(document);
  ask.question = question;
  ask.begin = static_cast<std::uint32_t>(begin);
  ask.end = static_cast<std::uint32_t>(end);
  if (question == LiveQuestion::kComplete && end - begin >= kShortestPrefix && deps_.to_include) {
    ask.candidates = [to_include = deps_.to_include,
                      prefix = document->text->substr(begin, end - begin)] {
      return to_include(prefix);
    };
  }
  analysis_->ask(std::move(ask),
                 [self = self_, &io = deps_.io, uses_of = deps_.uses,
                  answered = std::move(answered)](Result<LiveAnswer> answer) mutable {
                   NameUses uses;
                   if (answer && uses_of) {
                     std::vector<std::string> names;
                     for (const LiveName& name : answer->reply.names) names.push_back(name.name);
                     uses = uses_of(names);
                   }
                   // A reply in there dies on the io thread, as it lived.
                   io.post([self, answered = std::move(answered), answer = std::move(answer),
                            uses = std::move(uses)] {
                     if (*self != nullptr) answered(answer, uses);
                   });
                 });
}

}  // namespace engram::lsp
