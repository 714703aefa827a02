// lsp/live_service.h: when Clang is asked about the open documents, and what it said last.
//
// A document is diagnosed when it is opened, a moment after an edit, and when another one is saved;
// of many only those changed last, since no more than kMostLiveFiles keep a worker: the others wait
// for their next change or pull. Nor are more asked about at once.
// Where that takes longer than kWorthwhile, the function that was edited comes first, by itself.
// What was said is carried over edits until it is said anew.
//
//   edit ──► debounce ──► the edited function ──► the whole document ──► publish, pulls
//
// Threads: confined to the io thread; answers are made into problems on the worker's threads.
// Errors: `failed`, on the io thread; that a file was given up (kDevice) once until it is opened
// again; a missing worker ends the service.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/executor.h"
#include "lsp/completion_items.h"
#include "lsp/connection.h"
#include "lsp/live_problems.h"
#include "lsp/timers.h"

namespace engram::lsp {

class LiveService {
 public:
  static constexpr auto kShortestWait = std::chrono::milliseconds(30);  // after an edit
  static constexpr auto kLongestWait = std::chrono::milliseconds(300);
  static constexpr double kWorthwhile = 200;         // milliseconds
  static constexpr std::size_t kShortestPrefix = 3;  // of names that are not included yet
  static constexpr auto kDetailsWait = std::chrono::milliseconds(500);

  // How the client gets what is said. One that pulls and cannot be asked to pull again is told
  // nothing of a function by itself.
  enum class Delivery : unsigned char { kPushed, kPulled, kPulledAgain };
  struct Events {
    // New ones; `asked`: by a pull.
    std::function<void(const DocumentProblems&, bool asked)> problems;
    std::function<void(const std::string& uri)> gone;  // closed
    std::function<void(const std::string& path, const Error&)> failed;
  };
  struct Dependencies {
    Executor& io;
    Timers& timers;
    const Documents& documents;
    // How often the repository uses each name; of any thread, may be empty.
    std::function<NameUses(const std::vector<std::string>&)> uses;
    // What its headers declare that begins so; of any thread, may be empty.
    std::function<std::vector<LiveCandidate>(const std::string& prefix)> to_include = {};
    bool include_hints = true;  // inclusions that are unused or missing are told
  };
  // On the io thread; an error is not worth telling.
  using Answered = std::function<void(const Result<LiveAnswer>&, const NameUses&)>;
  using Pulled = std::function<void(const Result<const DocumentProblems*>&, std::uint64_t id)>;

  LiveService(Dependencies dependencies, Events events);
  ~LiveService();

  void begin(std::unique_ptr<LiveAnalysis> analysis, Delivery delivery);  // nullptr: there is none
  void shut_down();  // nothing is asked any more; who waits is answered

  void changed(const DocumentSnapshot& document);  // or opened
  void closed(const std::string& uri);
  void saved(const std::string& uri);
  void commands_changed();

  // What is known of the text as it is now; nullopt before anything is.
  std::optional<DocumentProblems> problems(const std::string& uri) const;
  // Once they are fresh, or those of the edited function are; nullptr: Clang says nothing about
  // this document; kCancelled: its worker was needed elsewhere. `id` grows with them.
  void pull(const std::string& uri, const Reply& reply, Pulled pulled);
  // What stands at a place, as far as Clang can say it at once: nothing before the document was
  // diagnosed, or after kDetailsWait.
  void describe(const DocumentSnapshot& document, std::size_t at, Answered answered);
  // Names or signatures at a place.
  void ask(LiveQuestion question, const DocumentSnapshot& document, std::size_t begin,
           std::size_t end, Answered answered);

 private:
  // What is to be said of an entry's latest text.
  enum class Stage : unsigned char {
    kStale,   // nobody asked yet
    kQueued,  // until another one's is said
    kAsking,  // about this generation
    kFresh,   // it was said
  };
  struct Entry {
    DocumentSnapshot latest;
    std::optional<DocumentProblems> problems;  // of the text they were said of
    TimerId timer = 0;
    std::uint64_t generation = 0;  // of what is to be said
    std::uint64_t changed = 0;     // grows from change to change, over all entries
    std::uint64_t id = 0;          // of what was
    Stage stage = Stage::kStale;
    bool given_up = false;    // by its workers, and that was told
    double milliseconds = 0;  // of the last whole diagnosis with the preamble there
    struct Waiting {
      Reply reply;
      Pulled pulled;
    };
    std::vector<Waiting> waiting;
  };
  struct Said {
    DocumentProblems problems;
    std::uint32_t begin = 0, end = 0;
    bool new_preamble = false;
    double milliseconds = 0;
  };

  Entry& note(const DocumentSnapshot& document);
  void plan(const std::string& uri, Entry& entry, bool now);
  void plan_newest(std::size_t most, const std::string& but);
  void make_stale(Entry& entry);
  void diagnose_queued();
  void diagnose(const std::string& uri);
  void ask_about(const std::string& uri, bool whole, std::size_t begin, std::size_t end);
  void take(const std::string& uri, std::uint64_t generation, bool whole, const Result<Said>& said);
  void publish(Entry& entry, const DocumentProblems& problems);
  bool is_worth_a_part(Entry& entry) const;
  static bool is_awaited(Entry& entry);
  static void answer_pulls(Entry& entry, const Result<const DocumentProblems*>& said);
  void fail(Entry& entry, const Error& error);
  LiveAsk about(const DocumentSnapshot& document) const;

  Dependencies deps_;
  Events events_;
  std::map<std::string, Entry> entries_;  // of documents that are Clang's
  std::uint64_t changes_ = 0;
  std::shared_ptr<LiveService*> self_;  // null inside once destroyed
  std::unique_ptr<LiveAnalysis> analysis_;
  Delivery delivery_ = Delivery::kPushed;
};

// Whether Clang reads it: C, C++ and CUDA files.
bool is_clangs(const Document& document);

}  // namespace engram::lsp
