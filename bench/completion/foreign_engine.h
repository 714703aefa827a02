// bench/completion/foreign_engine.h: an engine elsewhere: requests go into a file, answers come
// from one.
//
// First pass: every request is written, as token ids and what its output has to begin with, and
// answered with nothing. Something else answers them (tools/oracle/complete_prompts.py). Second
// pass: the same requests, found by their contents, get those answers.
//
// Threads: confined; answers come during submit().  Errors: a request that has no answer ends with
// kError.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unordered_map>

#include "engine/engine.h"
#include "engine/prompt_encoding.h"
#include "engine/token_index.h"

namespace engram {

class ForeignEngine final : public Engine {
 public:
  // One of `record` and `replay` is empty.
  static Result<std::shared_ptr<ForeignEngine>> open(const std::filesystem::path& gguf,
                                                     const std::filesystem::path& record,
                                                     const std::filesystem::path& replay);

  void set_group(std::size_t group) { group_ = group; }  // noted with what is written from now on
  RequestId submit(GenerationRequest request,
                   std::function<void(const GenerationEvent&)> on_event) override;
  void cancel(RequestId) override {}
  const ModelConfig& config() const override { return config_; }
  const Tokenizer& tokenizer() const override { return index_->tokenizer(); }
  std::string_view kernels() const override { return "foreign"; }
  std::uint64_t memory_bytes() const override { return 0; }

 private:
  ForeignEngine() = default;
  void write_vocabulary();
  void write_question(std::string_view key, const EncodedPrompt& prompt,
                      const GenerationRequest& request);
  GenerationResult answer(const GenerationRequest& request);

  ModelConfig config_;
  std::unique_ptr<TokenIndex> index_;
  std::ofstream record_;
  std::unordered_map<std::string, GenerationResult> answers_;
  std::size_t group_ = 0;
  RequestId last_ = 0;
};

}  // namespace engram
