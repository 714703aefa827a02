// bench/completion/foreign_engine.h: an engine elsewhere.
//
// Recording: every request is written, as token ids and what its output has to begin with, and
// answered with nothing. Something else answers them (tools/oracle/complete_prompts.py). Replaying:
// the same requests, found by their contents, get those answers. Asking: what has no answer yet is
// computed by logits of another process (asked_model.h) and kept with the answers, but for what
// memory was mixed into: that depends on more than the request's contents.
//
// Threads: recording and replaying are confined, answers come during submit(); asking is
// thread-safe.  Errors: a request that has no answer ends with kError.
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "bench/completion/asked_model.h"
#include "core/sync.h"
#include "engine/engine.h"
#include "engine/prompt_encoding.h"
#include "engine/token_index.h"

namespace engram {

class ForeignEngine final : public Engine {
 public:
  struct Files {
    std::filesystem::path record;   // requests are written to it
    std::filesystem::path answers;  // read; grows while asking
  };
  // `model`: asks it. Else one of the files is named and the other empty.
  static Result<std::shared_ptr<ForeignEngine>> open(const std::filesystem::path& gguf,
                                                     const Files& files,
                                                     std::shared_ptr<AskedModel> model = {});

  void set_group(std::size_t group) { group_ = group; }  // noted with what is written from now on
  RequestId submit(GenerationRequest request,
                   std::function<void(const GenerationEvent&)> on_event) override;
  void cancel(RequestId id) override;
  const ModelConfig& config() const override { return config_; }
  std::shared_ptr<const Tokenizer> shared_tokenizer() const override {
    return {index_, &index_->tokenizer()};
  }
  std::string_view kernels() const override { return "foreign"; }
  std::uint64_t memory_bytes() const override { return 0; }

 private:
  ForeignEngine() = default;
  Result<void> read_answers(const std::filesystem::path& file);
  void write_vocabulary();
  void write_question(std::string_view key, const EncodedPrompt& prompt,
                      const GenerationRequest& request);
  void keep(const std::string& key, const GenerationResult& result);
  void compute(RequestId id, EncodedPrompt prompt, GenerationRequest request,
               std::function<void(const GenerationEvent&)> on_event);

  ModelConfig config_;
  std::shared_ptr<const TokenIndex> index_;
  std::shared_ptr<AskedModel> model_;  // null: not asking
  std::ofstream record_;
  std::size_t group_ = 0;
  std::atomic<RequestId> last_ = 0;
  Mutex mutex_;
  std::ofstream kept_ ENGRAM_GUARDED_BY(mutex_);
  std::unordered_map<std::string, GenerationResult> answers_ ENGRAM_GUARDED_BY(mutex_);
  std::vector<RequestId> finished_ ENGRAM_GUARDED_BY(mutex_);
  std::map<RequestId, std::jthread> running_ ENGRAM_GUARDED_BY(mutex_);  // joined first
};

}  // namespace engram
