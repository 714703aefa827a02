#include "bench/completion/asked_model.h"

#include <utility>

#include "core/json.h"

namespace engram {

namespace {

json::array to_array(const std::vector<TokenId>& ids) {
  json::array out;
  for (const TokenId id : ids) out.emplace_back(id);
  return out;
}

}  // namespace

AskedModel::AskedModel(std::FILE* in, std::FILE* out) : in_(in), out_(out) {
  broken_ = std::fread(&vocabulary_, sizeof vocabulary_, 1, in_) != 1;
  thread_ = std::thread([this] { run(); });
}

AskedModel::~AskedModel() {
  {
    const MutexLock lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::vector<float> AskedModel::ask(Ask ask) {
  Waiting waiting{std::move(ask), {}};
  const MutexLock lock(mutex_);
  if (closing_) return {};
  queue_.push_back(&waiting);
  changed_.notify_all();
  while (!waiting.done) changed_.wait(mutex_);
  return std::move(waiting.answer);
}

void AskedModel::end(std::uint64_t sequence) {
  const MutexLock lock(mutex_);
  ended_.push_back(sequence);
}

void AskedModel::run() {
  for (;;) {
    std::vector<Waiting*> batch;
    std::vector<std::uint64_t> ended;
    {
      const MutexLock lock(mutex_);
      while (queue_.empty() && !closing_) changed_.wait(mutex_);
      if (queue_.empty()) return;
      batch.swap(queue_);
      ended.swap(ended_);
    }
    if (!broken_) exchange(batch, ended);
    {
      const MutexLock lock(mutex_);
      for (Waiting* const waiting : batch) waiting->done = true;
    }
    changed_.notify_all();
  }
}

void AskedModel::exchange(const std::vector<Waiting*>& batch,
                          const std::vector<std::uint64_t>& ended) {
  json::array asks, over;
  for (const Waiting* const waiting : batch) {
    const Ask& ask = waiting->ask;
    asks.push_back(json::object{{"sequence", ask.sequence},
                                {"prompt", to_array(ask.prompt)},
                                {"length", ask.length},
                                {"tokens", to_array(ask.tokens)}});
  }
  for (const std::uint64_t sequence : ended) over.emplace_back(sequence);
  const std::string line = to_json(json::object{{"asks", asks}, {"ended", over}}) + '\n';
  broken_ = std::fwrite(line.data(), 1, line.size(), out_) != line.size() || std::fflush(out_) != 0;
  for (Waiting* const waiting : batch) {
    const std::size_t n = waiting->ask.rows() * vocabulary_;
    if (broken_) return;
    waiting->answer.resize(n);
    broken_ = std::fread(waiting->answer.data(), sizeof(float), n, in_) != n;
    if (broken_) waiting->answer.clear();
  }
}

}  // namespace engram
