#include "assist/completion/context.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "assist/completion/definition_outline.h"
#include "core/executor.h"
#include "core/log.h"
#include "core/sync.h"
#include "indexer/scan/random_literals.h"
#include "memory/catalogue.h"

namespace engram {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kChunkHits = 6;
constexpr int kMostAttempts = 3;  // at one question, each of the whole patience

std::vector<PromptSnippet> chunk_snippets(CatalogueReader& reader, const ContextQuery& query) {
  CatalogueReader::ChunkQuery chunks;
  chunks.identifiers = query.identifiers;
  chunks.exclude_paths = query.excluded_paths;
  chunks.exclude_paths.push_back(query.path);
  chunks.limit = kChunkHits;
  const auto hits = reader.similar_chunks(chunks);
  std::vector<PromptSnippet> snippets;
  if (!hits) return snippets;
  for (auto it = hits->rbegin(); it != hits->rend(); ++it) {
    if (it->score <= 0) continue;
    PromptSnippet snippet;
    snippet.kind = PromptSnippet::Kind::kChunk;
    snippet.path = it->path;
    snippet.text = it->text;
    snippet.line = it->chunk.line;
    snippet.score = it->score;
    snippets.push_back(std::move(snippet));
  }
  return snippets;
}

}  // namespace

// One thread, one question at a time; a newer question takes the place of one not yet begun.
class ContextSource::Worker {
 public:
  Worker(fs::path store, std::chrono::milliseconds patience)
      : patience_(patience), store_(std::move(store)) {
    thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  }
  ~Worker() {
    thread_.request_stop();
    wake();
  }

  ContextFacts ask(const ContextQuery& query, Clock::time_point until, std::stop_token stop);
  void set_store(fs::path store) {
    const MutexLock lock(mutex_);
    store_ = std::move(store);
    reopen_ = true;
    answered_.reset();
  }
  bool has_store() {
    const MutexLock lock(mutex_);
    return !store_.empty();
  }

 private:
  void run(std::stop_token stop);
  void answer(const ContextQuery& query, std::stop_token stop);
  void publish(const ContextQuery& query, std::vector<PromptSnippet> snippets, bool complete);
  void begin(const ContextQuery& query) ENGRAM_REQUIRES(mutex_);
  bool may_not_try_again() {
    const MutexLock lock(mutex_);
    return attempts_ >= kMostAttempts;
  }
  CatalogueReader* reader();
  void wake() {
    {
      const MutexLock lock(mutex_);
    }  // a waiter is now before its check or inside its wait
    changed_.notify_all();
  }

  const std::chrono::milliseconds patience_;
  Mutex mutex_;
  ConditionVariable changed_;
  fs::path store_ ENGRAM_GUARDED_BY(mutex_);
  bool reopen_ ENGRAM_GUARDED_BY(mutex_) = true;
  std::optional<ContextQuery> asked_ ENGRAM_GUARDED_BY(mutex_);
  std::optional<ContextQuery> answered_ ENGRAM_GUARDED_BY(mutex_);  // what facts_ are about
  ContextFacts facts_ ENGRAM_GUARDED_BY(mutex_);
  bool looking_ ENGRAM_GUARDED_BY(mutex_) = false;  // for what answered_ lacks
  int attempts_ ENGRAM_GUARDED_BY(mutex_) = 0;      // to answer it

  std::unique_ptr<CatalogueReader> reader_;  // the worker thread's alone
  std::jthread thread_;
};

ContextFacts ContextSource::Worker::ask(const ContextQuery& query, Clock::time_point until,
                                        std::stop_token stop) {
  const std::stop_callback on_stop(stop, [this] { wake(); });
  const MutexLock lock(mutex_);
  const auto known = [&]() ENGRAM_REQUIRES(mutex_) { return answered_ && *answered_ == query; };
  if (!known() || !facts_.complete) {
    if (!known() || !looking_) {  // never asked, or given up before all was found
      asked_ = query;
      changed_.notify_all();
    }
    const auto given_up = [&]() ENGRAM_REQUIRES(mutex_) { return known() && !looking_ && !asked_; };
    while (!(known() && facts_.complete) && !given_up() && !stop.stop_requested()) {
      if (changed_.wait_until(mutex_, until) == std::cv_status::timeout) break;
    }
  }
  return known() ? facts_ : ContextFacts{};
}

void ContextSource::Worker::run(std::stop_token stop) {
  set_thread_name("context");
  while (!stop.stop_requested()) {
    std::optional<ContextQuery> query;
    {
      const MutexLock lock(mutex_);
      while (!asked_ && !stop.stop_requested()) changed_.wait(mutex_);
      query = std::exchange(asked_, std::nullopt);
      if (query) begin(*query);
    }
    if (!query) continue;
    answer(*query, stop);
    {
      const MutexLock lock(mutex_);
      looking_ = false;
    }
    changed_.notify_all();
  }
}

// What was found before the same question was given up stays until it is found again.
void ContextSource::Worker::begin(const ContextQuery& query) {
  looking_ = true;
  if (answered_ && *answered_ == query) {
    ++attempts_;
    return;
  }
  attempts_ = 1;
  answered_ = query;
  facts_ = {};
}

CatalogueReader* ContextSource::Worker::reader() {
  fs::path store;
  bool reopen = false;
  {
    const MutexLock lock(mutex_);
    store = store_;
    reopen = std::exchange(reopen_, false);
  }
  if (reopen || (reader_ != nullptr && !reader_->is_current())) reader_.reset();
  if (reader_ == nullptr && !store.empty()) {
    auto opened = CatalogueReader::open(store);
    if (opened) {
      reader_ = *std::move(opened);
    } else if (opened.error().code != Errc::kNotFound) {
      log_debug("no facts for completions: {}", opened.error().message);
    }
  }
  return reader_.get();
}

void ContextSource::Worker::answer(const ContextQuery& query, std::stop_token stop) {
  CatalogueReader* const catalogue = reader();
  if (catalogue == nullptr) return publish(query, {}, true);
  const auto give_up = Clock::now() + patience_;
  const auto may_go_on = [&] {
    const MutexLock lock(mutex_);
    return !stop.stop_requested() && !asked_ && Clock::now() < give_up;
  };
  const auto definitions = outline_definitions(*catalogue, query, may_go_on);
  if (!may_go_on()) {
    // A store that is always too slow is not asked the same for ever.
    const bool out_of_time = Clock::now() >= give_up;
    return publish(query, definitions, out_of_time && may_not_try_again());
  }
  publish(query, definitions, false);
  auto snippets = chunk_snippets(*catalogue, query);
  snippets.insert(snippets.end(), definitions.begin(), definitions.end());
  publish(query, std::move(snippets), true);
}

void ContextSource::Worker::publish(const ContextQuery& query, std::vector<PromptSnippet> snippets,
                                    bool complete) {
  // Keys, digests, encoded data: nobody wants one suggested, and no model is to be shown one.
  for (PromptSnippet& snippet : snippets) snippet.text = without_random_literals(snippet.text);
  {
    const MutexLock lock(mutex_);
    answered_ = query;
    facts_ = {std::move(snippets), complete};
  }
  changed_.notify_all();
}

ContextSource::ContextSource(fs::path store, std::chrono::milliseconds patience)
    : worker_(std::make_unique<Worker>(std::move(store), patience)) {}
ContextSource::~ContextSource() = default;

ContextFacts ContextSource::gather(const ContextQuery& query, std::chrono::milliseconds deadline,
                                   std::stop_token stop) {
  if (!worker_->has_store()) return {{}, true};
  return worker_->ask(query, Clock::now() + deadline, std::move(stop));
}

void ContextSource::set_store(const fs::path& store) { worker_->set_store(store); }

}  // namespace engram
