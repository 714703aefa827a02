#include "engine/local_engine.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "core/executor.h"
#include "core/log.h"

namespace engram {
namespace {

constexpr std::size_t kLeastBatch = 32, kMostBatch = 512;  // of prefill, when time decides

// How often a process looks whether it is its turn, or somebody else's.
constexpr std::chrono::milliseconds kQueuePoll{2}, kQueueWatch{4};

// Which of two requests runs first.
bool more_urgent(const Generation& a, const Generation& b) {
  if (a.priority() != b.priority()) return a.priority() > b.priority();
  return a.priority() == Priority::kInteractive ? a.id() > b.id() : a.id() < b.id();
}

std::size_t usable_context(const ModelConfig& config, const EngineOptions& options) {
  const std::size_t wanted = options.context_tokens == 0 ? 8192 : options.context_tokens;
  return config.context_length == 0 ? wanted : std::min<std::size_t>(wanted, config.context_length);
}

}  // namespace

struct LocalEngine::State {
  State(LocalEngineParts p, const EngineOptions& options)
      : parts(std::move(p)),
        context_tokens(usable_context(parts.model->config(), options)),
        pool(*parts.model,
             {.max_tokens = context_tokens * std::max<std::size_t>(1, options.cached_sequences),
              .budget_bytes = parts.kv_budget_bytes}) {}

  using Requests = std::vector<std::shared_ptr<Generation>>;
  bool step();
  Requests take_next();
  bool have_turn(const Requests& taken);
  void put_back(const Requests& taken);
  void compute(const Requests& taken, GenerationContext& context, std::stop_token stop);
  void observe_pass(std::size_t n_rows, std::size_t n_logits, std::size_t n_branches, double ms);
  std::size_t prefill_batch() const;
  void finish_unwanted();

  // Of the engine thread.
  LocalEngineParts parts;
  const std::size_t context_tokens;
  KvPool pool;
  std::shared_ptr<const TokenIndex> index;
  DraftStatistics drafts;
  double prefill_rows_per_ms = 0;
  EncodedTexts texts;
  std::optional<TokenConstraints> constraints;
  bool prefill_next = false;  // background requests: a pass of prompt between passes of decoding
  std::shared_ptr<float[]> staging;  // for the logits of a pass
  std::size_t staging_size = 0;

  std::atomic<std::uint64_t> kv_bytes = 0;

  Mutex mutex;
  ConditionVariable changed;
  Requests requests ENGRAM_GUARDED_BY(mutex);
  Requests running ENGRAM_GUARDED_BY(mutex);  // the most urgent first
  std::stop_source running_stop ENGRAM_GUARDED_BY(mutex);
  RequestId last_id ENGRAM_GUARDED_BY(mutex) = 0;
  bool stopping ENGRAM_GUARDED_BY(mutex) = false;
};

LocalEngine::LocalEngine(LocalEngineParts parts, const EngineOptions& options)
    : state_(std::make_shared<State>(std::move(parts), options)) {}

LocalEngine::~LocalEngine() {
  {
    const MutexLock lock(state_->mutex);
    state_->stopping = true;
    for (const auto& request : state_->requests) request->cancel();
    state_->running_stop.request_stop();
  }
  state_->changed.notify_all();
  if (watcher_.joinable()) watcher_.join();
  if (!thread_.joinable()) {
    state_->finish_unwanted();
  } else if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();  // let go of by a callback: the thread ends by itself, keeping the state
  } else {
    thread_.join();
  }
}

void LocalEngine::start_thread() {
  thread_ = std::thread([state = state_] { run(state); });
  watcher_ = std::thread([state = state_] { watch_deadlines(state); });
}

void LocalEngine::run(const std::shared_ptr<State>& state) {
  set_thread_name("engram-engine");
  state->index = std::make_shared<TokenIndex>(state->parts.tokenizer);
  state->constraints.emplace(state->index);
  for (;;) {
    if (state->step()) continue;
    const MutexLock lock(state->mutex);
    if (!state->requests.empty()) {  // another process computes
      state->changed.wait_until(state->mutex, Clock::now() + kQueuePoll);
      continue;
    }
    while (state->requests.empty() && !state->stopping) state->changed.wait(state->mutex);
    if (state->requests.empty() && state->stopping) return;
  }
}

// Ends the running pass when a deadline passes, or another process has something more urgent; the
// step after it reports that, or waits.
void LocalEngine::watch_deadlines(const std::shared_ptr<State>& state) {
  set_thread_name("engram-deadline");
  const MutexLock lock(state->mutex);
  while (!state->stopping) {
    std::optional<Clock::time_point> deadline;
    for (const auto& request : state->running) {
      const auto one = request->deadline();
      if (one && (!deadline || *one < *deadline)) deadline = one;
    }
    const bool queues = state->parts.queue != nullptr && !state->running.empty();
    const auto wake = Clock::now() + kQueueWatch;
    if (queues && state->parts.queue->should_yield()) state->running_stop.request_stop();
    if (queues && (!deadline || wake < *deadline)) {
      state->changed.wait_until(state->mutex, wake);
    } else if (!deadline) {
      state->changed.wait(state->mutex);
    } else if (Clock::now() < *deadline) {
      state->changed.wait_until(state->mutex, *deadline);
    } else {
      state->running_stop.request_stop();
      state->changed.wait(state->mutex);
    }
  }
}

bool LocalEngine::run_step() { return state_->step(); }

RequestId LocalEngine::submit(GenerationRequest request,
                              std::function<void(const GenerationEvent&)> on_event) {
  const MutexLock lock(state_->mutex);
  const RequestId id = ++state_->last_id;
  auto generation = std::make_shared<Generation>(id, std::move(request), std::move(on_event),
                                                 state_->parts.now());
  if (state_->stopping) generation->cancel();
  if (!state_->running.empty() && more_urgent(*generation, *state_->running.front())) {
    state_->running_stop.request_stop();
  }
  state_->requests.push_back(std::move(generation));
  state_->changed.notify_all();
  return id;
}

void LocalEngine::cancel(RequestId id) {
  const MutexLock lock(state_->mutex);
  for (const auto& request : state_->requests) {
    if (request->id() != id) continue;
    request->cancel();
    for (const auto& running : state_->running) {
      if (running == request) state_->running_stop.request_stop();
    }
  }
  state_->changed.notify_all();
}

// Sends the final events of requests that need no more steps; callbacks run unlocked.
void LocalEngine::State::finish_unwanted() {
  struct Unwanted {
    std::shared_ptr<Generation> request;
    StopReason reason;
  };
  std::vector<Unwanted> unwanted;
  const Clock::time_point now = parts.now();
  {
    const MutexLock lock(mutex);
    std::size_t kept = 0;
    std::erase_if(requests, [&](const std::shared_ptr<Generation>& request) {
      if (request->cancelled()) {
        unwanted.push_back({request, StopReason::kCancelled});
      } else if (request->deadline() && now >= *request->deadline()) {
        unwanted.push_back({request, StopReason::kDeadline});
      } else if (kept == kMaxRequests) {
        unwanted.push_back({request, StopReason::kError});
      } else {
        ++kept;
        return false;
      }
      return true;
    });
  }
  for (const auto& [request, reason] : unwanted) {
    pool.release(request->id());
    request->account_waiting(now);
    request->finish(reason, reason == StopReason::kError
                                ? "too many requests wait for the model; try again later"
                                : "");
  }
}

LocalEngine::State::Requests LocalEngine::State::take_next() {
  const MutexLock lock(mutex);
  if (requests.empty()) return {};
  Requests taken = requests;
  std::sort(taken.begin(), taken.end(),
            [](const auto& a, const auto& b) { return more_urgent(*a, *b); });
  if (taken.front()->priority() == Priority::kBackground && taken.front()->decoding() &&
      std::exchange(prefill_next, !prefill_next)) {
    const auto joins = std::find_if(taken.begin(), taken.end(),
                                    [](const auto& request) { return !request->decoding(); });
    if (joins != taken.end()) std::swap(*joins, taken.front());
  }
  const Generation& first = *taken.front();
  const auto can_share = [&](const std::shared_ptr<Generation>& request) {
    return request.get() == &first ||
           (first.decoding() && request->decoding() && request->priority() == first.priority());
  };
  std::erase_if(taken, [&](const auto& request) { return !can_share(request); });
  if (taken.size() > kMostRows / 2) taken.resize(kMostRows / 2);
  running = taken;
  running_stop = std::stop_source();
  changed.notify_all();  // the watcher may have something to watch
  return taken;
}

void LocalEngine::State::put_back(const Requests& taken) {
  for (const auto& request : taken) {
    if (request->finished()) pool.release(request->id());
  }
  if (parts.damaged && parts.damaged()) pool.clear();
  kv_bytes.store(pool.bytes());
  const MutexLock lock(mutex);
  running.clear();
  std::erase_if(requests, [](const auto& request) { return request->finished(); });
}

void LocalEngine::State::observe_pass(std::size_t n_rows, std::size_t n_logits,
                                      std::size_t n_branches, double ms) {
  if (n_rows == n_logits) return drafts.observe_pass(n_rows, n_branches, ms);
  if (n_rows < kLeastBatch || !(ms > 0)) return;
  const double seen = static_cast<double>(n_rows) / ms;
  prefill_rows_per_ms = prefill_rows_per_ms > 0 ? 0.7 * prefill_rows_per_ms + 0.3 * seen : seen;
}

std::size_t LocalEngine::State::prefill_batch() const {
  if (parts.prefill_batch != 0) return parts.prefill_batch;
  const auto rows =
      static_cast<std::size_t>(prefill_rows_per_ms * static_cast<double>(kPassTime.count()));
  return std::clamp(rows / kLeastBatch * kLeastBatch, kLeastBatch, kMostBatch);
}

// One pass for all that were taken; each gets an equal part of its rows.
void LocalEngine::State::compute(const Requests& taken, GenerationContext& context,
                                 std::stop_token stop) {
  std::vector<std::pair<Generation*, PassShare>> shares;
  std::size_t n_rows = 0, n_logits = 0, n_branches = 0;
  for (const auto& request : taken) {
    auto share = request->plan(context, kMostRows / taken.size());
    if (!share) continue;
    const bool prefill = share->tokens.size() > kMostRows;
    if (prefill && !shares.empty()) continue;  // its pages were lost: alone, when it is its turn
    n_rows += share->rows();
    n_logits += share->all_logits();
    shares.emplace_back(request.get(), *std::move(share));
    if (prefill) break;
  }
  if (shares.empty()) return;
  const std::size_t vocabulary = parts.model->config().vocab_size;
  if (staging_size < n_logits * vocabulary) {
    staging_size = n_logits * vocabulary;
    staging = parts.model->make_staging(staging_size);
  }
  const std::span<float> logits(staging.get(), n_logits * vocabulary);
  std::vector<Segment> segments;
  for (auto& [request, share] : shares) {
    const std::size_t trunk = segments.size();
    segments.push_back({share.cache, share.tokens, share.n_logits});
    for (const PassShare::Branch& branch : share.branches) {
      segments.push_back(
          {branch.cache, branch.tokens, branch.tokens.size(), trunk, branch.n_shared});
    }
    n_branches += share.branches.size();
  }
  const auto began = parts.now();
  const auto done = parts.model->forward(segments, logits, std::move(stop));
  if (done && shares.size() == 1) {
    const std::chrono::duration<double, std::milli> took = parts.now() - began;
    observe_pass(n_rows, n_logits, n_branches, took.count());
  }
  std::size_t row = 0;
  for (auto& [request, share] : shares) {
    request->complete(context, share, done,
                      logits.subspan(row * vocabulary, share.all_logits() * vocabulary));
    row += share.all_logits();
  }
}

// Whether this process may compute for them; without any it lets others go.
bool LocalEngine::State::have_turn(const Requests& taken) {
  if (taken.empty()) {
    if (parts.queue) parts.queue->leave();
    return false;
  }
  if (!parts.queue) return true;
  if (parts.queue->should_yield()) parts.queue->leave();
  const auto waited = parts.now() - taken.front()->submitted();
  return parts.queue->try_enter(taken.front()->priority() == Priority::kInteractive,
                                parts.queue->now() - waited);
}

bool LocalEngine::State::step() {
  if (index == nullptr) index = std::make_shared<TokenIndex>(parts.tokenizer);
  if (!constraints) constraints.emplace(index);
  finish_unwanted();
  const Requests taken = take_next();
  if (!have_turn(taken)) {
    const MutexLock lock(mutex);
    running.clear();
    return false;
  }
  std::stop_token stop;
  {
    const MutexLock lock(mutex);
    stop = running_stop.get_token();
  }
  std::vector<std::uint64_t> ids;
  for (const auto& request : taken) ids.push_back(request->id());
  try {
    GenerationContext context{*parts.model, pool,          index,  context_tokens, prefill_batch(),
                              parts.now,    parts.damaged, drafts, texts,          *constraints,
                              ids};
    compute(taken, context, stop);
  } catch (const std::exception& e) {
    log_error("a generation failed: {}", e.what());
    for (const auto& request : taken) {
      request->finish(StopReason::kError, std::string("the model engine failed: ") + e.what());
    }
  }
  put_back(taken);
  return true;
}

const ModelConfig& LocalEngine::config() const { return state_->parts.model->config(); }
std::shared_ptr<const Tokenizer> LocalEngine::shared_tokenizer() const {
  return state_->parts.tokenizer;
}
std::string_view LocalEngine::kernels() const { return state_->parts.model->kernels(); }
bool LocalEngine::damaged() const { return state_->parts.damaged && state_->parts.damaged(); }
std::uint64_t LocalEngine::memory_bytes() const {
  return state_->parts.weight_bytes + state_->kv_bytes.load();
}

}  // namespace engram
