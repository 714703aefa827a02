#include <fmt/format.h>

#include <utility>

#include "core/log.h"
#include "core/path.h"
#include "engine/engine.h"
#include "engine/gguf.h"
#include "engine/local_engine.h"
#include "engine/memory_budget.h"

namespace engram {

Result<std::shared_ptr<Engine>> Engine::open(const std::filesystem::path& gguf,
                                             const EngineOptions& options, std::stop_token stop) {
  constexpr std::uint64_t kLeastForKv = std::uint64_t{64} << 20;
  ENGRAM_TRY(file, GgufFile::open(gguf));
  const std::uint64_t free = free_memory_bytes();
  const std::uint64_t budget =
      options.memory_budget_bytes != 0 ? options.memory_budget_bytes : free / 4 * 3;
  const std::uint64_t needed = file->size_bytes() + kLeastForKv;
  if (needed > budget) {
    return Error{
        Errc::kBusy,
        fmt::format("cannot load {}: it takes {} MB with a short context, and {} MB may be "
                    "used; close other programs, raise the memory budget or choose a "
                    "smaller model",
                    gguf.string(), needed >> 20, budget >> 20)};
  }
  ENGRAM_TRY(tokenizer, Tokenizer::from_gguf(*file));
  ENGRAM_TRY(model, Transformer::create(file,
                                        {.kernels = options.kernels,
                                         .threads = options.threads,
                                         .mixed_activations = options.mixed_activations},
                                        std::move(stop)));
  if (tokenizer->vocab_size() > model->config().vocab_size) {
    return Error{Errc::kCorrupt,
                 fmt::format("cannot load {}: its tokenizer has {} tokens, but its weights are for "
                             "{}",
                             gguf.string(), tokenizer->vocab_size(), model->config().vocab_size)};
  }
  LocalEngineParts parts;
  parts.model = std::move(model);
  parts.tokenizer = tokenizer;
  parts.prefill_batch = 0;
  parts.weight_bytes = file->size_bytes();
  parts.kv_budget_bytes = budget - file->size_bytes();
  parts.damaged = [model = parts.model.get()] { return model->damaged(); };
  if (options.share_machine) {
    auto queue = MachineQueue::open(runtime_home());
    if (queue) {
      parts.queue = *std::move(queue);
    } else {
      log_warn("{}", queue.error().message);
    }
  }
  auto engine = std::make_shared<LocalEngine>(std::move(parts), options);
  engine->start_thread();
  return std::shared_ptr<Engine>(std::move(engine));
}

}  // namespace engram
