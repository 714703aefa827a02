// What the memory adds to a completer, and what it does without a model.
#include <algorithm>
#include <cmath>

#include "assist/completion/context.h"
#include "assist/completion/memory_completion.h"
#include "engine/prompt_encoding.h"
#include "memory/identifiers/identifier_sync.h"
#include "memory/semantic/semantic_writer.h"
#include "tests/assist/completer_calls.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {

namespace {

using test::complete;
using test::complete_once;
using test::index_file;
using test::kCounterFile;
using test::request_at;
using test::says;

}  // namespace

TEST_CASE("completer: memory alone completes from the buffer, and says from where", "[assist]") {
  CompleterOptions options;
  options.tokenizer = tiny_tokenizer({.pre = "qwen2",
                                      .merges = {{"a", "l"}, {"e", "r"}},
                                      .control = {"<|endoftext|>"},
                                      .user_defined = {}});
  const auto completer = Completer::create(nullptr, options);
  const auto line =
      complete(*completer, request_at(MarkedText("int f() { return call(alpha, beta); }\n"
                                                 "int g() { return call(^\n")));
  REQUIRE(line.items.size() == 1);
  CHECK(line.items[0].text == "alpha, beta); }");
  CHECK(line.items[0].from_memory);
  CHECK(line.items[0].confidence > 0.7);
  REQUIRE(line.items[0].sources.size() == 1);
  CHECK(line.items[0].sources[0].path == "src/a.cpp");
  CHECK(line.items[0].sources[0].line == 1);
  const auto block =
      complete(*completer, request_at(MarkedText("void f(int a) {\n  begin(a);\n  work(a);\n}\n\n"
                                                 "void f(int a) {\n  ^\n")));
  REQUIRE(block.items.size() == 1);
  CHECK(block.items[0].text.starts_with("begin(a);\n  work(a);"));
  const auto nothing = complete(*completer, request_at(MarkedText("#^")));
  CHECK(nothing.reason == "empty");
}

TEST_CASE("completer: far into a long file, too, sources have the file's own lines", "[assist]") {
  CompleterOptions options;
  options.tokenizer =
      tiny_tokenizer({.pre = "qwen2", .merges = {{"a", "l"}}, .control = {}, .user_defined = {}});
  const auto completer = Completer::create(nullptr, options);
  const std::string known = "int f() { return call(alpha, beta); }\n",
                    asked = "int g() { return call(^\n";
  for (const std::string& text : {test::many_lines(4000) + known + test::many_lines(50) + asked,
                                  test::many_lines(4000) + asked + test::many_lines(50) + known}) {
    const auto result = complete(*completer, request_at(MarkedText(text)));
    REQUIRE(result.items.size() == 1);
    REQUIRE(result.items[0].sources.size() == 1);
    const auto before = text.begin() + static_cast<std::ptrdiff_t>(text.find(known));
    CHECK(result.items[0].sources[0].line == 1 + std::count(text.begin(), before, '\n'));
  }
}

TEST_CASE("completer: places that go on alike as far as is shown speak for it together",
          "[assist]") {
  CompleterOptions options;
  options.tokenizer =
      tiny_tokenizer({.pre = "qwen2", .merges = {{"a", "l"}}, .control = {}, .user_defined = {}});
  const auto completer = Completer::create(nullptr, options);
  const std::string body = "void run(int a) {\n  begin(a);\n  work(a);\n}\n\n";
  CompletionRequest request = request_at(
      MarkedText(body + "int one;\n\n" + body + "long two;\n\nvoid run(int a) {\n  ^\n"));
  request.items = 3;
  const auto result = complete(*completer, request);
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].text == "begin(a);\n  work(a);");
  CHECK(result.items[0].sources.size() == 2);
  const double alike = result.items[0].confidence;
  request.items = 1;  // however few are wanted
  CHECK(complete(*completer, request).items.at(0).confidence == alike);
  const std::string others = body + "int three;\n\n" + body + "int three;\n\n";
  CompletionRequest uneven =
      request_at(MarkedText(others + body + "long two;\n\nvoid run(int a) {\n  ^\n"));
  const auto most = complete(*completer, uneven);  // two places of three are sure to be the best
  REQUIRE(most.items.size() == 1);
  CHECK(most.items[0].confidence == alike);
}

TEST_CASE("completer: memory brings no half of a CRLF into a line", "[assist]") {
  CompleterOptions options;
  options.tokenizer =
      tiny_tokenizer({.pre = "qwen2", .merges = {{"a", "l"}}, .control = {}, .user_defined = {}});
  const auto completer = Completer::create(nullptr, options);
  const auto result =
      complete(*completer, request_at(MarkedText("int f() { return call(alpha);\r\n"
                                                 "int g() { return call(^ // todo\r\n")));
  INFO(result.reason << ": " << result.detail);
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].text == "alpha);");
}

TEST_CASE("completer: a name that an unsaved edit took away is not offered", "[assist]") {
  TemporaryDirectory store;
  index_file(store.path(), "src/a.cpp", "int vanishing_name = 1;\nint staying_name = 2;\n");
  REQUIRE(sync_identifiers(store.path()));
  CompleterOptions options;
  options.store = store.path();
  options.tokenizer =
      tiny_tokenizer({.pre = "qwen2", .merges = {{"a", "l"}}, .control = {}, .user_defined = {}});
  const auto completer = Completer::create(nullptr, options);
  const auto texts = [&](const std::string& marked) {
    std::vector<std::string> out;
    for (const auto& item : complete(*completer, request_at(MarkedText(marked))).items) {
      out.push_back(item.text);
      for (const FactSource& s : item.sources) out.push_back(s.path + std::to_string(s.line));
    }
    return out;
  };
  using Texts = std::vector<std::string>;
  const std::string edited = "\n\nint staying_name_before = 3;\nint staying_name = 2;\n";
  CHECK(texts(edited + "int x = vanishing^;\n") == Texts{});
  CHECK(texts("int f(int wide_enough) { return wide^; }\n") == Texts{"_enough", "src/a.cpp1"});
  CHECK(texts(edited + "int x = staying_name_^;\n") == Texts{"before", "src/a.cpp3"});
  CHECK(texts("int vanishing_name = 1;\nint x = vanishing^;\n") ==
        Texts{"_name = 1", "src/a.cpp1"});
}

TEST_CASE("completer: without a model a half-typed name ends as the repository has it",
          "[assist]") {
  TemporaryDirectory store;
  index_file(store.path(), "src/counter.h", kCounterFile);
  REQUIRE(sync_identifiers(store.path()));
  CompleterOptions options;
  options.store = store.path();
  options.tokenizer = tiny_tokenizer({.pre = "qwen2",
                                      .merges = {{"a", "l"}, {"e", "r"}},
                                      .control = {"<|endoftext|>"},
                                      .user_defined = {}});
  const auto completer = Completer::create(nullptr, options);
  const auto member =
      complete(*completer, request_at(MarkedText("void f(EventCounter& c) {\n  c.incr^\n}\n")));
  REQUIRE(member.items.size() == 1);
  CHECK(member.items[0].text == "ement_event");
  CHECK(member.items[0].from_memory);
  CHECK(member.items[0].certainty == Certainty::kSyntactic);
  REQUIRE(member.items[0].sources.size() == 1);
  CHECK(member.items[0].sources[0].path == "src/counter.h");
  CHECK(member.items[0].sources[0].line == 4);
  const auto own = complete(
      *completer, request_at(MarkedText("int far_away_name = 1;\nint g() {\n  return far_^\n}\n")));
  REQUIRE(own.items.size() == 1);
  CHECK(own.items[0].text.starts_with("away_name"));
  CHECK(own.items[0].sources[0].path == "src/a.cpp");
  CHECK(own.items[0].sources[0].line == 1);
  for (const char* silent : {"int x = 1; // incr^\n", "const char* s = \"incr^\";\n",
                             "int incr^ement;\n", "int zzz^ = 1;\n"}) {
    CAPTURE(silent);
    for (const CompletionItem& item : complete(*completer, request_at(MarkedText(silent))).items) {
      CHECK(item.text != "ement_event");
    }
  }
}

TEST_CASE("context: no random literal of the repository gets into a prompt", "[assist]") {
  TemporaryDirectory store;
  const std::string key = "q7Rk2ZtX9vLp4WsB8nYc3MhD6fGj1KaT0uEo5QiV";
  index_file(store.path(), "src/key.cpp",
             "// The gateway's access.\nconst char* gateway_access_key = \"" + key +
                 "\";\nint open_gateway(const char* gateway_access_key);\n");
  ContextSource source(store.path(), std::chrono::seconds(60));
  const ContextQuery query{
      "src/a.cpp", "cpp", {"gateway_access_key", "open_gateway"}, {"open_gateway"}, {}};
  const ContextFacts facts = source.gather(query, std::chrono::seconds(60), {});
  REQUIRE(facts.complete);
  REQUIRE_FALSE(facts.snippets.empty());
  bool shown = false;
  for (const PromptSnippet& snippet : facts.snippets) {
    CHECK(snippet.text.find(key) == std::string::npos);
    shown = shown || snippet.text.find("gateway_access_key = \"\";\n") != std::string::npos;
  }
  CHECK(shown);
}

TEST_CASE("context: what was given up is not complete, and is looked for again", "[assist]") {
  TemporaryDirectory store;
  index_file(store.path(), "src/counter.h", kCounterFile);
  const ContextQuery query{"src/a.cpp", "cpp", {"EventCounter", "increment_event"}, {}, {}};
  ContextSource hasty(store.path(), std::chrono::milliseconds(0));
  for (const bool last : {false, false, true}) {
    CHECK(hasty.gather(query, std::chrono::seconds(60), {}).complete == last);
  }
  ContextSource patient(store.path(), std::chrono::seconds(60));
  CHECK(patient.gather(query, std::chrono::seconds(60), {}).complete);
}

TEST_CASE("context: a store made anew in the place of another is the one that is asked",
          "[assist]") {
  TemporaryDirectory store;
  index_file(store.path(), "src/counter.h", kCounterFile);
  ContextSource source(store.path(), std::chrono::seconds(60));
  const auto paths_of = [&](const std::string& name) {
    std::vector<std::string> paths;
    const ContextQuery query{"src/a.cpp", "cpp", {name}, {}, {}};
    for (const PromptSnippet& s : source.gather(query, std::chrono::seconds(60), {}).snippets) {
      paths.push_back(s.path);
    }
    return paths;
  };
  REQUIRE_FALSE(paths_of("EventCounter").empty());
  REQUIRE(discard_store(store.path()));
  index_file(store.path(), "src/other.h", "class OtherThing {\n public:\n  void act();\n};\n");
  REQUIRE_FALSE(paths_of("OtherThing").empty());
  CHECK(paths_of("OtherThing").front() == "src/other.h");
}

TEST_CASE("completer: what memory is surer of than a model that cannot fill goes first",
          "[assist]") {
  const std::string body = " {\n  int x = first(1);\n  f(";
  const std::string text = "void g()" + body + "alpha, beta);\n}\nvoid h()" + body + "^\n}\n";
  const auto suggested = [&](std::vector<std::string> marks, float chance, std::size_t items) {
    const auto engine = std::make_shared<FakeEngine>(std::move(marks), says("gamma);"));
    engine->log_probability = chance;
    CompletionRequest request = request_at(MarkedText(text));
    request.items = items;
    return complete(*Completer::create(engine, {}), request).items;
  };
  const auto unsure = suggested(smollm_marks(), -0.5F, 1);
  REQUIRE(unsure.size() == 1);
  CHECK(unsure[0].text == "alpha, beta);");
  CHECK(unsure[0].from_memory);
  CHECK_FALSE(unsure[0].sources.empty());
  CHECK_FALSE(unsure[0].id.empty());
  const auto sure = suggested(smollm_marks(), -0.01F, 1);
  REQUIRE(sure.size() == 1);
  CHECK(sure[0].text == "gamma);");
  CHECK_FALSE(sure[0].from_memory);
  const auto both = suggested(smollm_marks(), -0.5F, 2);
  REQUIRE(both.size() == 2);
  CHECK(both[0].from_memory);
  CHECK(both[1].text == "gamma);");
  CHECK(suggested(qwen_marks(), -0.5F, 1)[0].text == "gamma);");  // it can fill
}

TEST_CASE("completer: a member that nothing has makes a suggestion unsure", "[assist]") {
  TemporaryDirectory store;
  index_file(store.path(), "src/counter.h", kCounterFile);
  REQUIRE(sync_identifiers(store.path()));
  CompleterOptions options;
  options.store = store.path();
  const char* const text = "void f(EventCounter& c) {\n  int own_name = 1;\n  ^\n}\n";
  const auto suggested = [&](std::string written, bool invoked, const char* at) {
    const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says(std::move(written)));
    engine->log_probability = -0.12F;
    CompletionRequest request = request_at(MarkedText(at));
    request.invoked = invoked;
    return complete(*Completer::create(engine, options), request);
  };
  for (const char* known : {"c.increment_event(x);", "c.own_name = 2;", "c.ab = 2;",
                            "decrement(c);", "auto fresh = c; d.fresh = 1;"}) {
    INFO(known);
    const auto shown = suggested(known, false, text);
    REQUIRE(shown.items.size() == 1);
    CHECK(shown.items[0].text == known);
  }
  const auto held_back = suggested("c.decrement_event(x);", false, text);
  CHECK(held_back.items.empty());
  CHECK(held_back.reason == "unknown_member");
  CHECK(held_back.detail.find("'decrement_event'") != std::string::npos);
  const auto asked_for = suggested("c.decrement_event(x);", true, text);
  REQUIRE(asked_for.items.size() == 1);
  const auto right = suggested("c.increment_event(x);", true, text);
  REQUIRE(right.items.size() == 1);
  CHECK(std::abs(10 * asked_for.items[0].confidence - right.items[0].confidence) < 1e-6);
  CHECK(suggested("see c.decrement_event", false, "void f() {\n  // ^\n}\n").items.size() == 1);

  // What only a system header declares.
  const auto writer = SemanticWriter::open(store.path(), store.path());
  REQUIRE(writer);
  UnitFacts unit;
  unit.files.emplace_back();
  unit.files[0].path = "/usr/include/events.h";
  unit.files[0].content = sha256("x");
  unit.files[0].size = 20;
  unit.symbols.emplace_back();
  unit.symbols[0].key.bytes[0] = 1;
  unit.symbols[0].kind = SymbolKind::kMethod;
  unit.symbols[0].name = "decrement_event";
  unit.occurrences.emplace_back();
  unit.occurrences[0].end = 15;
  unit.occurrences[0].roles = kRoleDeclaration;
  SemanticUnit told;
  told.file = "u.cpp";
  told.command = sha256("c");
  REQUIRE((*writer)->put_unit(told, unit));
  REQUIRE((*writer)->commit());
  CHECK(suggested("c.decrement_event(x);", false, text).items.size() == 1);
  CHECK(suggested("c.decrement_even(x);", false, text).reason == "unknown_member");
  options.store = store.path() / "none";
  CHECK(suggested("c.decrement_even(x);", false, text).items.size() == 1);
}

TEST_CASE("completer: memory guesses, and says when it agrees", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("alpha, beta);"));
  const char* text = "void g() {\n  f(alpha, beta);\n  int x = 1;\n  f(^\n}\n";
  const auto agreed = complete_once(engine, text);
  REQUIRE(agreed.items.size() == 1);
  CHECK(agreed.items[0].memory_agrees);
  CHECK_FALSE(agreed.items[0].from_memory);
  CHECK(engine->last().drafter != nullptr);
  CHECK(engine->last().evidence != nullptr);
  const auto other = std::make_shared<FakeEngine>(qwen_marks(), says("gamma);"));
  const auto differs = complete_once(other, text);
  REQUIRE(differs.items.size() == 1);
  CHECK_FALSE(differs.items[0].memory_agrees);
  const auto weak = std::make_shared<FakeEngine>(smollm_marks(), says("alpha, beta);"));
  (void)complete_once(weak, text);
  CHECK(weak->last().evidence != nullptr);
  CompleterOptions off;
  off.recall.drafts = false;
  off.recall.evidence = false;
  const auto completer = Completer::create(weak, off);
  (void)complete(*completer, request_at(MarkedText(text)));
  CHECK(weak->last().drafter == nullptr);
  CHECK(weak->last().evidence == nullptr);
}

TEST_CASE("completer: in a half-typed line memory guesses the rest of it", "[assist]") {
  const auto engine = std::make_shared<FakeEngine>(qwen_marks(), says("lpha, beta);"));
  const auto guessed = [&](const std::string& typed) {
    (void)complete_once(engine,
                        "void g() {\n  f(alpha, beta);\n  int x = 1;\n  " + typed + "^\n}\n");
    const GenerationRequest& request = engine->last();
    const Tokenizer& tokenizer = engine->tokenizer();
    const auto prompt = encode_prompt(tokenizer, request, 4096);  // as the engine does
    REQUIRE(prompt);
    request.drafter->begin(prompt->ids, prompt->forced);
    std::string out;
    for (const Draft& draft : request.drafter->draft(12, 1)) out = tokenizer.decode(draft.tokens);
    REQUIRE(out.starts_with(prompt->forced));
    return out.substr(prompt->forced.size());
  };
  CHECK(guessed("f(al").starts_with("pha, "));
  CHECK(guessed("f(alpha, b").starts_with("eta);"));
  CHECK(guessed("f(").starts_with("alpha, "));
}

TEST_CASE("memory alone: sure of short texts after long matches that agree, of others less",
          "[assist]") {
  const MemorySuggestion sure{.text = "value);", .match_length = 16, .share = 1, .sources = {}};
  MemorySuggestion shared = sure, shorter = sure;
  shared.share = 0.5;
  shorter.match_length = 8;
  CHECK(memory_confidence(sure, sure.text) > 0.8);
  CHECK(memory_confidence(sure, sure.text) < 1);
  CHECK(memory_confidence(shared, sure.text) == 0.5 * memory_confidence(sure, sure.text));
  CHECK(memory_confidence(shorter, sure.text) < 0.5);
  CHECK(memory_confidence(sure, std::string(60, 'x')) < 0.4);  // e times less than nothing's
  CHECK(memory_confidence({}, "x") == 0);
}

}  // namespace engram
