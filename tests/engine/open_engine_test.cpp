// Engine::open on real and on broken files. The real model is smollm2-135m: a few seconds.
#include <unistd.h>

#include "core/json.h"
#include "engine/engine.h"
#include "tests/support/catch.h"
#include "tests/support/fetched_model.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/temporary_directory.h"

namespace engram {
namespace {

std::shared_ptr<Engine> open_smollm2(EngineOptions options = {}) {
  if (!std::filesystem::exists(smollm2_path())) SKIP("smollm2-135m is not fetched");
  options.context_tokens = 1024;
  auto engine = Engine::open(smollm2_path(), options);
  INFO((engine ? std::string() : engine.error().message));
  REQUIRE(engine);
  return *engine;
}

constexpr const char* kCode =
    "#include <vector>\n\n"
    "// Sum of the squares of all values.\n"
    "int sum_of_squares(const std::vector<int>& values) {\n"
    "  int sum = 0;\n"
    "  for (const int value : values) {\n";

GenerationRequest line(std::string prompt, std::string typed) {
  GenerationRequest request;
  request.prompt.push_back({PromptPart::Kind::kText, std::move(prompt)});
  request.forced_text = std::move(typed);
  request.stop_at_line_end = true;
  request.max_tokens = 16;
  return request;
}

void check_same(const GenerationResult& a, const GenerationResult& b) {
  CHECK(a.text == b.text);
  REQUIRE(a.tokens.size() == b.tokens.size());
  for (std::size_t i = 0; i < a.tokens.size(); ++i) {
    CHECK(a.tokens[i].id == b.tokens[i].id);
    CHECK(a.tokens[i].log_probability == b.tokens[i].log_probability);  // to the bit
  }
}

}  // namespace

TEST_CASE("engine: what a real model samples at temperature 1 satisfies the schema", "[engine]") {
  const auto engine = open_smollm2();
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    GenerationRequest request;
    request.prompt.push_back({PromptPart::Kind::kText, "The next tool call, as JSON: "});
    request.json_schema =
        R"({"type":"object","properties":{"tool":{"enum":["read","search"]},)"
        R"("text":{"type":"string","maxLength":24},"line":{"type":"integer","minimum":1,)"
        R"("maximum":99}},"required":["tool","text"],"additionalProperties":false})";
    request.temperature = 1;
    request.seed = seed;
    request.max_tokens = 300;
    const auto result = generate(*engine, request);
    INFO("seed " << seed << ": " << result.text << result.error);
    CHECK(result.stop_reason == StopReason::kEndOfText);
    const auto value = parse_json(result.text);
    REQUIRE(value);
    const auto tool = find_string(*value, "tool");
    CHECK((tool == "read" || tool == "search"));
    CHECK(find_string(*value, "text"));
    if (const auto line_number = find_int(*value, "line")) {
      CHECK((*line_number >= 1 && *line_number <= 99));
    }
  }
}

TEST_CASE("engine: a real model completes a real line, cached or not, to the bit", "[engine]") {
  const auto engine = open_smollm2();
  const auto first = generate(*engine, line(kCode, "    "));
  INFO(first.text << " " << first.error);
  CHECK(first.text == "sum += value * value;");
  CHECK(first.stop_reason == StopReason::kLineEnd);
  CHECK(first.reused_tokens == 0);

  const auto cached = generate(*engine, line(kCode, "    "));
  CHECK(cached.reused_tokens >= first.prompt_tokens - 3);
  check_same(first, cached);

  EngineOptions one;
  one.cached_sequences = 1;
  one.threads = 1;
  check_same(first, generate(*open_smollm2(one), line(kCode, "    ")));
}

TEST_CASE("engine: typing on changes nothing that the model already said", "[engine]") {
  const auto engine = open_smollm2();
  const std::string whole = "    sum += value * value;";
  for (const std::size_t typed : {4UL, 5UL, 7UL, 8UL, 10UL, 11UL, 13UL, 16UL, 18UL, 24UL}) {
    const auto result = generate(*engine, line(kCode, whole.substr(0, typed)));
    INFO("typed: " << whole.substr(0, typed));
    CHECK(whole.substr(0, typed) + result.text == whole);
    if (typed > 4) CHECK(result.reused_tokens + 6 >= result.prompt_tokens);
  }
}

TEST_CASE("engine: a cancelled prefill of a real model stops soon and does no harm", "[engine]") {
  const auto engine = open_smollm2();
  std::string lengthy;
  for (int i = 0; i < 14; ++i) lengthy += "void f" + std::to_string(i) + "() {}\n";
  lengthy += kCode;
  const auto state = std::make_shared<std::atomic<int>>(0);
  const RequestId id = engine->submit(line(lengthy, "    "), [state](const GenerationEvent& e) {
    if (e.done != nullptr) state->store(1 + static_cast<int>(e.done->stop_reason));
  });
  engine->cancel(id);
  const auto after = generate(*engine, line(lengthy, "    "));
  CHECK(state->load() == 1 + static_cast<int>(StopReason::kCancelled));
  check_same(after, generate(*open_smollm2(), line(lengthy, "    ")));
}

TEST_CASE("engine: a file that is no model it can run is one clear error", "[engine]") {
  const TemporaryDirectory dir;
  const auto refused = [&](const std::filesystem::path& path, Errc code, std::string_view part,
                           const EngineOptions& options = {}) {
    const auto engine = Engine::open(path, options);
    REQUIRE_FALSE(engine);
    INFO(engine.error().message);
    CHECK(engine.error().code == code);
    CHECK(engine.error().message.find(part) != std::string::npos);
    CHECK(engine.error().message.find('\n') == std::string::npos);
  };
  refused(dir.path() / "none.gguf", Errc::kNotFound, "none.gguf");
  dir.write("text.gguf", "int main() {}\n");
  refused(dir.path() / "text.gguf", Errc::kCorrupt, "not a GGUF file");
  GgufBuilder bare;
  bare.key("general.architecture", "mamba");
  dir.write("bare.gguf", bare.bytes());
  refused(dir.path() / "bare.gguf", Errc::kCorrupt, "tokenizer.ggml.model");

  if (!std::filesystem::exists(smollm2_path())) return;
  EngineOptions options;
  options.memory_budget_bytes = 50 << 20;
  refused(smollm2_path(), Errc::kBusy, "MB", options);
  options = {};
  options.kernels = "abacus";
  refused(smollm2_path(), Errc::kInvalidArgument, "abacus", options);
  std::filesystem::copy_file(smollm2_path(), dir.path() / "cut.gguf");
  REQUIRE(::truncate((dir.path() / "cut.gguf").c_str(), 50'000'000) == 0);
  refused(dir.path() / "cut.gguf", Errc::kCorrupt, "truncated or damaged");
}

TEST_CASE("engine: a model file that shrinks under a running engine ends requests only",
          "[engine]") {
  if (!std::filesystem::exists(smollm2_path())) SKIP("smollm2-135m is not fetched");
  const TemporaryDirectory dir;
  const auto copy = dir.path() / "model.gguf";
  std::filesystem::copy_file(smollm2_path(), copy);
  EngineOptions options;
  options.context_tokens = 512;
  const auto engine = Engine::open(copy, options);
  REQUIRE(engine);
  REQUIRE(::truncate(copy.c_str(), 4 << 20) == 0);
  const auto result = generate(**engine, line(kCode, "    "));
  CHECK(result.stop_reason == StopReason::kError);
  CHECK(result.error.find("file changed") != std::string::npos);
  CHECK(result.text.empty());
  // The engine stays, and so do its answers; another one over a whole file is not affected.
  CHECK(generate(**engine, line(kCode, "    ")).stop_reason == StopReason::kError);
  CHECK(generate(*open_smollm2(), line(kCode, "    ")).text == "sum += value * value;");
}

}  // namespace engram
