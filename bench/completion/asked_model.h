// bench/completion/asked_model.h: logits that another process computes, over two pipes.
//
// The other process (tools/oracle/serve_logits.py) started this one and owns the weights. It first
// writes how many logits a row has (uint32). Then one line of JSON goes out and rows of float32
// come back, in the order of the asks:
//
//   {"asks": [{"sequence": 3, "prompt": [ids], "length": n, "tokens": [ids]}], "ended": [2]}
//
// A sequence begins with a prompt; later its first n tokens stay and others follow, which may be
// guesses. The rows are those after each of `tokens`, and of a new sequence the one after its
// prompt before them. What many threads ask while the other side computes goes together, so that it
// can compute them together.
//
// Threads: thread-safe.  Errors: an empty answer when the other side is gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

#include "core/sync.h"
#include "engine/tokenizer/tokenizer.h"

namespace engram {

class AskedModel {
 public:
  struct Ask {
    std::uint64_t sequence = 0;
    std::vector<TokenId> prompt;  // of a new sequence
    std::size_t length = 0;       // of an old one: what stays of it
    std::vector<TokenId> tokens;
    std::size_t rows() const { return tokens.size() + (prompt.empty() ? 0 : 1); }
  };

  AskedModel(std::FILE* in, std::FILE* out);  // both outlive it
  ~AskedModel();
  AskedModel(const AskedModel&) = delete;
  AskedModel& operator=(const AskedModel&) = delete;

  std::size_t vocabulary() const { return vocabulary_; }
  std::vector<float> ask(Ask ask);  // rows() * vocabulary(); blocks
  void end(std::uint64_t sequence);
  bool gone() const { return broken_; }  // the other side

 private:
  struct Waiting {
    Ask ask;
    std::vector<float> answer;
    bool done = false;
  };
  void run();
  void exchange(const std::vector<Waiting*>& batch, const std::vector<std::uint64_t>& ended);

  std::FILE* const in_;
  std::FILE* const out_;
  std::uint32_t vocabulary_ = 0;
  Mutex mutex_;
  ConditionVariable changed_;
  std::vector<Waiting*> queue_ ENGRAM_GUARDED_BY(mutex_);
  std::vector<std::uint64_t> ended_ ENGRAM_GUARDED_BY(mutex_);
  bool closing_ ENGRAM_GUARDED_BY(mutex_) = false;
  std::atomic<bool> broken_ = false;
  std::thread thread_;
};

}  // namespace engram
