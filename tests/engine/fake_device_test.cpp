// The engine over a device whose memory it cannot touch and whose work is done later: when it
// waits, what it may not assume, and that nothing of that changes a bit. The other tests of this
// program run on the same device once more, see CMakeLists.txt.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "engine/kv_pool.h"
#include "engine/local_engine.h"
#include "tests/engine/engine_rig.h"
#include "tests/engine/fake_device/fake_backend.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_model.h"

namespace engram {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::FakeBackend;
using test::FakeDevice;

constexpr std::size_t kVocabulary = 97;

std::shared_ptr<const GgufFile> tiny_file(const test::TinyModel& model = {}) {
  static std::vector<std::unique_ptr<std::string>> kept;  // files are views of these
  kept.push_back(std::make_unique<std::string>(test::TinyModelWriter(model).bytes()));
  auto file = GgufFile::parse(as_byte_span(*kept.back()), "tiny.gguf");
  REQUIRE(file);
  return *file;
}

std::unique_ptr<Transformer> open_on(const std::string& backend,
                                     const std::shared_ptr<const GgufFile>& file = tiny_file()) {
  auto made = Transformer::create(
      file, {.kernels = "ref", .threads = 1, .keep_packed = false, .backend = backend});
  REQUIRE(made);
  return *std::move(made);
}

FakeDevice& device() { return FakeBackend::latest()->device(); }

std::vector<TokenId> some_tokens(std::size_t n) {
  std::vector<TokenId> tokens(n);
  for (std::size_t i = 0; i < n; ++i) {
    tokens[i] = static_cast<TokenId>((i * i * 31 + 7 * i + 3) % kVocabulary);
  }
  return tokens;
}

std::unique_ptr<KvCache> new_cache(const Transformer& model, std::size_t capacity = 256) {
  auto cache = model.make_cache(capacity);
  REQUIRE(cache);
  return *std::move(cache);
}

std::vector<float> last_logits(Transformer& model, KvCache& cache,
                               std::span<const TokenId> tokens) {
  std::vector<float> logits(kVocabulary);
  REQUIRE(model.forward(cache, tokens, 1, logits, {}));
  return logits;
}

}  // namespace

TEST_CASE("fake device: the engine cannot read weights, wherever it got the address", "[engine]") {
  const auto model = open_on("fake");
  const auto& tensors = FakeBackend::latest()->tensors();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto can_read = [&](const void* address) {
    errno = 0;
    return ::write(ends[1], address, 1) == 1 || errno != EFAULT;
  };
  CHECK(can_read(&ends));
  CHECK_FALSE(can_read(tensors.matrices.front().data));
  CHECK_FALSE(can_read(tensors.vectors.front()));
  CHECK_FALSE(can_read(tensors.embedding.data));
  CHECK(device().arena().contains(tensors.matrices.front().data));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("fake device: work is done in order, a captured piece each time it is replayed",
          "[engine]") {
  FakeDevice queue;
  std::string done;
  const auto note = [&](char c) { return [&done, c] { done += c; }; };
  queue.hold(0);
  queue.submit(note('a'));
  queue.begin_capture();
  queue.submit(note('x'));
  queue.submit(note('y'));
  const auto graph = queue.end_capture();
  queue.submit(note('b'));
  queue.replay(*graph);
  queue.submit(note('c'));
  queue.replay(*graph);
  queue.wait_until_held();
  CHECK(queue.done() == 0);
  queue.release();
  REQUIRE(queue.wait(queue.fence()));
  CHECK(done == "abxycxy");
  CHECK(queue.done() == 5);
}

TEST_CASE("fake device: a prompt is never waited for, its logits once", "[engine]") {
  const auto tokens = some_tokens(150);
  const auto host = open_on("host");
  const auto expected = last_logits(*host, *new_cache(*host), tokens);

  const auto model = open_on("fake");
  const auto cache = new_cache(*model);
  const auto before = device().counts.waits;
  device().hold(device().done());
  const auto prompt = std::span<const TokenId>(tokens).first(149);
  for (const std::size_t begin : {0U, 70U, 140U}) {
    const auto piece = prompt.subspan(begin, std::min<std::size_t>(70, prompt.size() - begin));
    REQUIRE(model->forward(*cache, piece, 0, {}, {}));
  }
  CHECK(cache->size() == 149);
  CHECK(device().done() < device().submitted());
  CHECK(device().counts.waits == before);
  device().release();
  CHECK(last_logits(*model, *cache, std::span<const TokenId>(tokens).subspan(149)) == expected);
  CHECK(device().counts.waits == before + 1);
}

TEST_CASE("fake device: a stop leaves out what is queued, and the cache is as it was", "[engine]") {
  const auto model = open_on("fake");
  const auto tokens = some_tokens(60);
  const auto expected = last_logits(*model, *new_cache(*model), tokens);
  const auto cache = new_cache(*model);
  REQUIRE(model->forward(*cache, std::span(tokens).first(20), 0, {}, {}));
  const auto rest = std::span<const TokenId>(tokens).subspan(20);

  std::stop_source stop;
  std::vector<float> logits(kVocabulary, -77.0F);
  Result<void> outcome;
  device().hold(device().submitted() + 5);  // in the first layer of what comes
  std::thread engine([&] { outcome = model->forward(*cache, rest, 1, logits, stop.get_token()); });
  device().wait_until_held();
  stop.request_stop();
  device().release();
  engine.join();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == Errc::kCancelled);
  CHECK(cache->size() == 20);
  CHECK(logits == std::vector<float>(kVocabulary, -77.0F));
  CHECK(last_logits(*model, *cache, rest) == expected);
}

TEST_CASE("fake device: copies of pages are not left out by the stop of a pass before",
          "[engine]") {
  const auto model = open_on("fake");
  const auto tokens = some_tokens(40);
  auto memory = model->make_kv_memory(2);
  REQUIRE(memory);
  KvCache first(*memory), second(*memory);
  first.pages = {0};
  second.pages = {1};
  const auto expected = last_logits(*model, first, tokens);
  std::stop_source stop;
  std::vector<float> logits(kVocabulary);
  device().hold(device().submitted());
  std::thread engine([&] {
    // Waits for the device, which is held; the copy is behind it in the queue.
    (void)model->forward(first, std::span(tokens).first(10), 1, logits, stop.get_token());
    first.memory().copy(0, 1, 39);
  });
  device().wait_until_held();
  stop.request_stop();
  device().release();
  engine.join();
  second.set_size(39);
  CHECK(last_logits(*model, second, std::span<const TokenId>(tokens).subspan(39)) == expected);
}

TEST_CASE("fake device: decoding is one submission a token and layer count does not show",
          "[engine]") {
  const auto per_token = [](std::uint32_t layers) {
    const auto model = open_on("fake", tiny_file({.layers = layers}));
    const auto cache = new_cache(*model);
    const auto tokens = some_tokens(20);
    last_logits(*model, *cache, tokens);
    last_logits(*model, *cache, std::span(tokens).first(1));  // captures
    const auto before = device().submitted();
    const auto counts = device().counts;
    last_logits(*model, *cache, std::span(tokens).first(1));
    CHECK(device().counts.captures == counts.captures);
    CHECK(device().counts.replays == counts.replays + 1);
    return device().submitted() - before;
  };
  CHECK(per_token(1) == per_token(3));
}

TEST_CASE("fake device: tokens chosen on the device are the host's, for one wait", "[engine]") {
  const std::string architecture = GENERATE("llama", "qwen2");
  const auto file = tiny_file({.architecture = architecture});
  const auto tokens = some_tokens(30);
  const auto host = open_on("host", file);
  const auto cache = new_cache(*host);
  auto logits = last_logits(*host, *cache, tokens);
  const auto likeliest = [&] {
    return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
  };
  const TokenId first = likeliest();
  std::vector<TokenId> expected;
  for (int i = 0; i < 25; ++i) {
    const TokenId next = expected.empty() ? first : expected.back();
    logits = last_logits(*host, *cache, std::span(&next, 1));
    expected.push_back(likeliest());
  }

  for (const std::string backend : {"host", "fake"}) {
    INFO(backend);
    const auto model = open_on(backend, file);
    const auto own = new_cache(*model);
    REQUIRE(model->forward(*own, tokens, 0, {}, {}));
    const auto waits = backend == "fake" ? device().counts.waits : 0;
    std::vector<TokenId> got(25);
    REQUIRE(model->decode_greedily(*own, first, got, {}));
    CHECK(got == expected);
    CHECK(own->size() == 55);
    if (backend == "fake") CHECK(device().counts.waits == waits + 1);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = model->decode_greedily(*own, first, got, stop.get_token());
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::kCancelled);
    CHECK(own->size() == 55);
  }
}

TEST_CASE("fake device: a failed copy is told once it matters, in one line, and for ever",
          "[engine]") {
  const auto model = open_on("fake");
  const auto cache = new_cache(*model);
  const auto tokens = some_tokens(9);
  std::vector<float> logits(kVocabulary);
  device().fail_copies();
  REQUIRE(model->forward(*cache, tokens, 0, {}, {}));
  for (int i = 0; i < 2; ++i) {
    const auto outcome = model->forward(*cache, std::span(tokens).first(1), 1, logits, {});
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Errc::kDevice);
    CHECK_THAT(outcome.error().message, ContainsSubstring("copy of"));
    CHECK(outcome.error().message.find('\n') == std::string::npos);
  }
  CHECK(cache->size() == 9);
}

TEST_CASE("fake device: what does not fit is refused, saying what", "[engine]") {
  const auto file = tiny_file();
  const std::size_t limit = GENERATE(1U << 10U, 60U << 10U, 1U << 20U, (1U << 20U) + (300U << 10U));
  FakeBackend::set_arena_limit(limit);
  const auto made = Transformer::create(file, {.kernels = "ref", .threads = 1, .backend = "fake"});
  FakeBackend::set_arena_limit(SIZE_MAX);
  INFO(limit);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::kBusy);
  CHECK_THAT(made.error().message, ContainsSubstring("tiny.gguf"));
  CHECK_THAT(made.error().message, ContainsSubstring("the device has no room"));
}

TEST_CASE("fake device: pages that do not fit are refused, and all is given back", "[engine]") {
  const auto model = open_on("fake");
  REQUIRE(device().wait(device().fence()));
  const std::size_t used = device().arena().used();
  {
    const auto cache = new_cache(*model);
    CHECK(device().arena().used() > used);
    device().arena().set_limit(device().arena().used() + 4096);
    const auto refused = model->make_kv_memory(100);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::kBusy);
    CHECK_THAT(refused.error().message, ContainsSubstring("6400 tokens"));
  }
  REQUIRE(device().wait(device().fence()));
  CHECK(device().arena().used() == used);
}

TEST_CASE("fake device: an engine on it writes what one on the host writes", "[engine]") {
  const auto file =
      tiny_file({.vocab = static_cast<std::uint32_t>(vocabulary()->vocab_size()), .context = 512});
  const auto write_on = [&](const std::string& backend) {
    LocalEngineParts parts;
    parts.model = open_on(backend, file);
    parts.tokenizer = vocabulary();
    LocalEngine engine(std::move(parts), {});
    std::vector<std::string> texts(3);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      GenerationRequest request = ask("if (x" + std::to_string(i) + ") return x;\n", 24);
      request.priority = Priority::kBackground;  // decodes with the others
      engine.submit(std::move(request), [&texts, i](const GenerationEvent& event) {
        texts[i] += event.piece;
        if (event.done != nullptr) CHECK(event.done->error.empty());
      });
    }
    while (engine.run_step()) {
    }
    return texts;
  };
  const auto expected = write_on("host");
  CHECK(expected.front().size() > 10);
  CHECK(write_on("fake") == expected);
}

TEST_CASE("backends: an unknown one is refused, naming what there is", "[engine]") {
  const auto made = Transformer::create(tiny_file(), {.backend = "cuda"});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::kInvalidArgument);
  CHECK_THAT(made.error().message, ContainsSubstring("'cuda'") && ContainsSubstring("host, fake"));
}

}  // namespace engram
