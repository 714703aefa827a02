#include "assist/completion/completion.h"

#include <algorithm>
#include <cmath>

#include "assist/completion/context.h"
#include "assist/completion/trace.h"
#include "tests/assist/completer_calls.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

using test::complete;
using test::complete_once;
using test::index_file;
using test::kCounterFile;
using test::many_lines;
using test::request_at;
using test::says;

}  // namespace

TEST_CASE("completer: without a model the reason says so", "[assist]") {
  const auto completer = Completer::create(nullptr, {});
  const auto result = complete(*completer, request_at(MarkedText("int x = ^\n")));
  CHECK(result.reason == "no_model");
}

TEST_CASE("completer: a cursor outside the text or inside a character is refused", "[assist]") {
  const auto completer = Completer::create(std::make_shared<FakeEngine>(), {});
  CompletionRequest request = request_at(MarkedText("^int x;"));
  request.offset = 8;
  CHECK(completer->complete(request, {}).error().code == Errc::kInvalidArgument);
  request = request_at(MarkedText("^\"\xC3\xA4\""));
  request.offset = 2;
  CHECK(completer->complete(request, {}).error().code == Errc::kInvalidArgument);
  request.text = nullptr;
  request.offset = 0;
  CHECK(completer->complete(request, {}));
}

TEST_CASE("completer: an item replaces nothing and says how it is known", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("total + 1;"));
  const auto result = complete_once(engine, "int total = 0;\nint next = ^\n");
  REQUIRE(result.items.size() == 1);
  const auto& item = result.items[0];
  CHECK(item.text == "total + 1;");
  CHECK(item.begin == item.end);
  CHECK(item.begin == 26);
  CHECK(item.checked == Checked::kSyntax);
  CHECK(item.certainty == Certainty::kTextual);
  CHECK_THAT(item.confidence,
             Catch::Matchers::WithinAbs(std::exp(6 * -0.05), 1e-6));  // all its tokens right
  CHECK_FALSE(item.id.empty());
  REQUIRE(item.sources.size() == 1);  // `total`, in the file itself
  CHECK(item.sources[0].path == "src/a.cpp");
  CHECK(item.sources[0].line == 1);
  CHECK(result.generated_tokens > 0);
  CHECK(result.prompt_tokens > 0);
}

TEST_CASE("completer: what was suggested here before is a draft of what will be", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("first + second;"));
  const auto completer = Completer::create(engine, {});
  const auto old_text_at = [&](std::string_view marked) {
    (void)complete(*completer, request_at(MarkedText(marked)));
    return engine->last().old_text;
  };
  CHECK(old_text_at("int f() {\n  return ^\n}\n").empty());
  CHECK(old_text_at("int f() {\n  return fi^\n}\n") == "rst + second;");
  CHECK(old_text_at("// Sums.\nint f() {\n  return ^\n}\n") == "fifirst + second;");
  CHECK(old_text_at("int g() {\n  return ^\n}\n").empty());
}

TEST_CASE("completer: every silence has its reason", "[assist]") {
  struct Case {
    const char* why;
    const char* text;
    const char* generated;
    const char* reason;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing generated", "int x = ^\n", "", "empty"},
      {"only a newline", "int x = ^\n", "\n", "empty"},
      {"the line below", "int f() {\n  ^\n  return 1;\n}\n", "return 1;", "repeats_suffix"},
      {"chat", "^\nint x;\n", "Sure, here it is", "chat_text"},
      {"no syntax", "int x = ^;\nint y = 2;\n", "= ] 5 x", "syntax_error"},
      {"the line above", "  increment_counter(1);\n  ^\n", "increment_counter(1);",
       "echoes_prompt"},
  }));
  INFO(c.why);
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says(c.generated));
  const auto result = complete_once(engine, c.text);
  CHECK(result.reason == c.reason);
  CHECK_FALSE(result.detail.empty());
}

TEST_CASE("completer: model errors, unsure models and cancelled requests", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  CompleterOptions options;
  options.min_confidence = 0.5;
  const auto completer = Completer::create(engine, options);
  CompletionRequest request = request_at(MarkedText("int x = ^\n"));

  engine->error = "out of memory";
  auto result = complete(*completer, request);
  CHECK(result.reason == "model_error");
  CHECK(result.detail == "out of memory");

  engine->error.clear();
  engine->log_probability = -3;
  CHECK(complete(*completer, request).reason == "low_confidence");
  request.invoked = true;  // who asks by hand sees the unsure ones too
  CHECK(complete(*completer, request).items.size() == 1);

  engine->hangs = true;
  std::stop_source stop;
  stop.request_stop();
  const auto cancelled = completer->complete(request, stop.get_token());
  REQUIRE(cancelled);
  CHECK(cancelled->reason == "cancelled");
}

TEST_CASE("completer: confidence is of all that is shown, the threshold of its first line",
          "[assist]") {
  const auto engine =
      std::make_shared<FakeEngine>(qwen_marks(), says("begin();\n  work();\n  end();"));
  engine->log_probability = -0.3F;  // 4 tokens a line, 2 between lines
  CompleterOptions options;
  const auto confidence_at = [&](double least) {
    options.min_confidence = least;
    const auto result = complete(*Completer::create(engine, options),
                                 request_at(MarkedText("void f() {\n  ^\n}\n")));
    return result.items.empty() ? result.reason == "low_confidence" ? -1.0 : -2.0
                                : result.items[0].confidence;
  };
  CHECK_THAT(confidence_at(0), Catch::Matchers::WithinAbs(std::exp(16 * -0.3), 1e-6));
  CHECK(confidence_at(std::exp(4 * -0.3) - 0.01) > 0);
  CHECK(confidence_at(std::exp(4 * -0.3) + 0.01) == -1);
}

TEST_CASE("completer: several items stand by how likely they are", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(
      qwen_marks(), [](const GenerationRequest& request) -> std::string {
        return request.seed == 0 ? "total + 1;" : request.seed == 1 ? "1;" : "total;";
      });
  const auto completer = Completer::create(engine, {});
  CompletionRequest request = request_at(MarkedText("int total = 0;\nint next = ^\n"));
  request.items = 2;
  const auto items = complete(*completer, request).items;
  REQUIRE(items.size() == 2);
  CHECK(items[0].text == "1;");
  CHECK(items[1].text == "total + 1;");
  CHECK(items[0].confidence > items[1].confidence);
  CHECK(items[1].id == items[0].id + ".1");
}

TEST_CASE("completer: the likelier of two lines is shown, and what is asked for it", "[assist]") {
  // "first(a)" by its tokens; another line leaves it after "first(".
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), [](const GenerationRequest& r) {
    return r.forced_text.ends_with("first(b") ? std::string(");\n") : "first(a + wrong);\n";
  });
  engine->log_probability = -0.25F;
  engine->alternatives = [](const GenerationResult&) {
    return std::vector<Alternative>{
        {6, "b", false, -0.5}, {0, "", true, -0.1}, {6, "c", false, -2}};
  };
  const std::string text = "int f() {\n  return ^\n}\n";
  const auto result = complete_once(engine, text);
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].text == "first(b);");
  CHECK_THAT(result.items[0].confidence,
             Catch::Matchers::WithinAbs(std::exp(-0.5 - 3 * 0.25), 1e-5));
  REQUIRE(engine->requests().size() == 2);
  const GenerationRequest rest = engine->last();
  CHECK(rest.stop_at_line_end);
  CHECK(rest.alternatives == 0);
  CHECK(rest.old_text == "a + wrong);");
  CHECK_THAT(rest.least_log_probability, Catch::Matchers::WithinAbs(-10 * 0.25 + 0.5, 1e-5));

  SECTION("not where it turns out to be less likely") {
    engine->log_probability = -0.04F;
    CHECK(complete_once(engine, text).items[0].text == "first(a + wrong);");
    CHECK(engine->requests().size() == 3);  // no choice was likelier than the whole line
  }
  SECTION("not where it is not worth showing") {
    engine->alternatives = [](const GenerationResult&) {
      return std::vector<Alternative>{{0, "```", true, -0.5}};
    };
    CHECK(complete_once(engine, text).items[0].text == "first(a + wrong);");
  }
  SECTION("not where the caller has no use for it") {
    CompleterOptions options;
    options.ingredients.search = false;
    const auto completer = Completer::create(engine, options);
    CHECK(complete(*completer, request_at(MarkedText(text))).items[0].text == "first(a + wrong);");
    CHECK(engine->last().alternatives == 0);
  }
}

TEST_CASE("completer: a running request ends when it is stopped", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  engine->hangs = true;
  const auto completer = Completer::create(engine, {});
  std::stop_source stop;
  std::jthread stopper([&] {
    while (engine->requests().empty()) std::this_thread::yield();
    stop.request_stop();
  });
  const auto result = completer->complete(request_at(MarkedText("int x = ^\n")), stop.get_token());
  REQUIRE(result);
  CHECK(result->reason == "cancelled");
}

TEST_CASE("completer: typing after the anchor costs only its own tokens", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  const auto completer = Completer::create(engine, {});
  const std::string above = many_lines(60), below = "\n" + many_lines(60);
  const std::string typed = "int sum = value_1 + value_2;\nint more = value_3 * ";
  std::size_t asked = 0;
  for (std::size_t n = 0; n <= typed.size(); ++n) {
    MarkedText marked(above + typed.substr(0, n) + "^" + below);
    const auto result = complete(*completer, request_at(marked));
    if (n == 0) continue;
    ++asked;
    INFO("after typing: " << typed.substr(0, n));
    CHECK(result.prompt_tokens - result.reused_tokens <= 2);
  }
  CHECK(asked == typed.size());
  const auto requests = engine->requests();
  CHECK(requests.front().prompt.size() == requests.back().prompt.size());
  CHECK(prompt_text(requests.front()) == prompt_text(requests.back()));
  CHECK(requests.back().forced_text == typed);
}

TEST_CASE("completer: a jump or a changed suffix makes a new plan", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  const auto completer = Completer::create(engine, {});
  const std::string text = many_lines(40);
  complete(*completer, request_at(MarkedText(text + "int a = ^\nint z;\n")));
  const auto first = prompt_text(engine->last());
  complete(*completer, request_at(MarkedText(text + "int a = ^\nint zz;\n")));
  CHECK(prompt_text(engine->last()) != first);
  complete(*completer, request_at(MarkedText(many_lines(3) + "int b = ^\n" + text)));
  CHECK(engine->last().forced_text == "int b = ");
}

TEST_CASE("completer: a slow machine gets a short prompt first and the whole when idle",
          "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  engine->prefill_ms_per_token = 10;  // 100 tokens a second
  const auto completer = Completer::create(engine, {});
  const std::string above = many_lines(300), below = "\n" + many_lines(300);
  // Learns how slow it is.
  for (int i = 0; i < 5; ++i) {
    complete(*completer, request_at(MarkedText(above + "^" + below), std::to_string(i) + ".cpp"));
  }
  const auto request = request_at(MarkedText(above + "int a = ^" + below));
  const auto cold = complete(*completer, request);
  CHECK(cold.prompt_tokens - cold.reused_tokens < 160);

  completer->warm(request, {});
  CHECK(engine->last().max_tokens == 0);
  CHECK(engine->last().priority == Priority::kBackground);
  const auto typed = request_at(MarkedText(above + "int a = v^" + below));
  const auto warm = complete(*completer, typed);
  CHECK(warm.prompt_tokens > 500);
  CHECK(warm.prompt_tokens - warm.reused_tokens <= 2);

  const std::size_t asked = engine->requests().size();
  completer->warm(typed, {});  // nothing left to do
  CHECK(engine->requests().size() == asked);
}

TEST_CASE("completer: warming that was stopped does not replace the plan", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  engine->prefill_ms_per_token = 10;
  const auto completer = Completer::create(engine, {});
  const auto request = request_at(MarkedText(many_lines(300) + "int a = ^\n"));
  for (int i = 0; i < 5; ++i) {
    auto other = request;
    other.path = std::to_string(i) + ".cpp";
    complete(*completer, other);
  }
  complete(*completer, request);
  const auto before = prompt_text(engine->last());
  std::stop_source stop;
  stop.request_stop();
  engine->hangs = true;
  completer->warm(request, stop.get_token());
  engine->hangs = false;
  complete(*completer, request);
  CHECK(prompt_text(engine->last()) == before);
}

TEST_CASE("completer: lines in an empty body, one line elsewhere", "[assist]") {
  const std::string endless = [] {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "step_" + std::to_string(i) + "();\n  ";
    return text;
  }();
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says(endless));
  const auto completer = Completer::create(engine, {});
  auto request = request_at(MarkedText("void f() {\n  ^\n}\n"));
  request.max_tokens = 10'000;
  auto result = complete(*completer, request);
  REQUIRE(result.items.size() == 1);
  CHECK(std::count(result.items[0].text.begin(), result.items[0].text.end(), '\n') == 9);

  request.single_line = true;
  result = complete(*completer, request);
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].text == "step_0();");
  CHECK(engine->last().stop_at_line_end);
}

TEST_CASE("completer: a block torn by the token limit shows whole lines", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(
      qwen_marks(), says("first_step(1);\n  second_step(2);\n  third_step(3);"));
  const auto completer = Completer::create(engine, {});
  auto request = request_at(MarkedText("void f() {\n  ^\n}\n"));
  request.max_tokens = 14;
  const auto result = complete(*completer, request);
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].text == "first_step(1);\n  second_step(2);");
}

TEST_CASE("completer: a line cut by the clock is not shown", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("half_a_na"));
  engine->ending = StopReason::kDeadline;
  CHECK(complete_once(engine, "int x = ^\n").reason == "deadline");
}

TEST_CASE("completer: what closes later is no syntax error", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("(ready) {"));
  const auto result = complete_once(engine, "void f(bool ready) {\n  if ^\n}\n");
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].checked == Checked::kSyntax);
}

TEST_CASE("completer: files that look secret are not shown to the model", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1"));
  const auto result = complete_once(engine, "PASSWORD=^\n", ".env");
  CHECK(result.reason == "in_secret_file");
  CHECK(engine->requests().empty());
}

TEST_CASE("completer: a secret that comes or goes with an edit is noticed", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  const auto completer = Completer::create(engine, {});
  const std::string key = "AKIA" + std::string("Q7RKZT4X9VLP4WSB");
  const auto ask = [&](const std::string& text) {
    return complete(*completer, request_at(MarkedText(text), "src/settings.py")).reason;
  };
  CHECK(ask("region = 1\nretries = ^\n") == "");
  const std::size_t before = engine->requests().size();
  CHECK(ask("key = '" + key + "'\nretries = ^\n") == "in_secret_file");
  CHECK(engine->requests().size() == before);
  CHECK(ask("region = 1\nretries = ^\n") == "");
}

TEST_CASE("completer: no random literal of the file itself is shown to the model", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  const std::string digest = "q7Rk2ZtX9vLp4WsB8nYc3MhD6fGj1KaT0uEo5QiV";
  const std::string line = "check(\"" + digest + "\");\n";
  (void)complete_once(engine,
                      "void f() {\n  " + line + "  g(\"" + digest + "\", ^);\n  " + line + "}\n");
  REQUIRE_FALSE(engine->requests().empty());
  for (const std::size_t at : {digest.size(), digest.size() / 2}) {
    const std::string cut = digest.substr(0, at) + "^" + digest.substr(at);
    CHECK(complete_once(engine, "f(\"" + cut + "\");\n").reason == "random_literal");
  }
  const GenerationRequest& request = engine->last();
  CHECK(request.forced_text.find("g(\"\", ") != std::string::npos);
  bool shown = false;
  for (const PromptPart& part : request.prompt) {
    CHECK(part.value.find(digest) == std::string::npos);
    shown = shown || part.value.find("check(\"\");") != std::string::npos;
  }
  CHECK(shown);
}

TEST_CASE("completer: a text no grammar claims is completed without a check", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("of words."));
  const auto result = complete_once(engine, "A line ^\n", "notes.unknown");
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].checked == Checked::kNone);
}

TEST_CASE("completer: alternatives are sampled and shown once each", "[assist]") {
  const auto engine =
      std::make_shared<FakeEngine>(qwen_marks(), [](const GenerationRequest& request) {
        return request.seed < 2 ? std::string("alpha;")
                                : "beta_" + std::to_string(request.seed) + ";";
      });
  const auto completer = Completer::create(engine, {});
  auto request = request_at(MarkedText("int x = ^\n"));
  request.items = 3;
  const auto result = complete(*completer, request);
  REQUIRE(result.items.size() == 3);
  CHECK(result.items[0].text == "alpha;");
  CHECK(result.items[1].text == "beta_2;");
  CHECK(result.items[2].text == "beta_3;");
  CHECK(result.items[1].id != result.items[2].id);
}

TEST_CASE("completer: facts of the store are in the prompt and named as sources", "[assist]") {
  TemporaryDirectory dir;
  index_file(dir.path(), "include/event_counter.h", kCounterFile);
  const auto engine =
      std::make_shared<FakeEngine>(qwen_marks(), says("increment_event(\"start\");"));
  CompleterOptions options;
  options.store = dir.path();
  options.repository_name = "events";
  options.context_deadline = std::chrono::seconds(10);
  const auto completer = Completer::create(engine, options);
  const auto request =
      request_at(MarkedText("void start(EventCounter& counter) {\n  counter.^\n}\n"));
  const auto result = complete(*completer, request);
  const std::string prompt = prompt_text(engine->last());
  CHECK(prompt.find("include/event_counter.h") != std::string::npos);
  CHECK(prompt.find("increment_event") != std::string::npos);
  CHECK(prompt.find("events") != std::string::npos);
  REQUIRE(result.items.size() == 1);
  REQUIRE_FALSE(result.items[0].sources.empty());
  CHECK(result.items[0].sources[0].path == "include/event_counter.h");
  CHECK(result.items[0].sources[0].line == 4);

  const auto trace = load_trace(dir.path(), result.items[0].id);
  REQUIRE(trace);
  CHECK(to_json(*trace).find("increment_event") != std::string::npos);
  CHECK_FALSE(find_array(*trace, "facts")->empty());
  CHECK(load_trace(dir.path(), ""));
  CHECK(load_trace(dir.path(), "nothing").error().code == Errc::kNotFound);
}

TEST_CASE("completer: a store that is not there yet costs nothing and is used once it is",
          "[assist]") {
  TemporaryDirectory dir;
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("1;"));
  CompleterOptions options;
  options.store = dir.path() / "store";
  options.context_deadline = std::chrono::seconds(10);
  const auto completer = Completer::create(engine, options);
  const auto request =
      request_at(MarkedText("void start(EventCounter& counter) {\n  counter.^\n}\n"));
  complete(*completer, request);
  CHECK(prompt_text(engine->last()).find("event_counter.h") == std::string::npos);

  index_file(dir.path() / "store", "include/event_counter.h", kCounterFile);
  completer->set_store(dir.path() / "store");
  completer->warm(request, {});  // the same place: its facts are chosen anew
  complete(*completer, request);
  CHECK(prompt_text(engine->last()).find("event_counter.h") != std::string::npos);
  auto elsewhere = request;
  elsewhere.path = "src/b.cpp";
  complete(*completer, elsewhere);
  CHECK(prompt_text(engine->last()).find("event_counter.h") != std::string::npos);
}

TEST_CASE("fim self-test: the verdict is earned, not claimed", "[assist]") {
  FakeEngine no_marks(smollm_marks(), says("return a + b"));
  CHECK(run_fim_self_test(no_marks) == FimVerdict::kNoTokens);

  // Goes on with the text below the hole: what a broken file does.
  FakeEngine broken(qwen_marks(),
                    [](const GenerationRequest& request) { return request.prompt[3].value; });
  CHECK(run_fim_self_test(broken) == FimVerdict::kBroken);

  // Says the right words but never stops.
  const auto right = [](const GenerationRequest& request) -> std::string {
    const std::string all = prompt_text(request);
    if (all.find("subtract") != std::string::npos) return "return a + b";
    if (all.find("maximum") != std::string::npos) return "a";
    if (all.find("quicksort") != std::string::npos) {
      return "left = [x for x in items[1:] if x < pivot]";
    }
    return "i < 10; i++";
  };
  FakeEngine endless(qwen_marks(), [&](const GenerationRequest& request) {
    return right(request) + std::string(100, ';');
  });
  CHECK(run_fim_self_test(endless) == FimVerdict::kBroken);
  FakeEngine good(qwen_marks(), right);
  CHECK(run_fim_self_test(good) == FimVerdict::kWorks);
}

}  // namespace engram
