#include "engine/engine.h"

#include <cmath>
#include <optional>

#include "core/text.h"
#include "engine/local_engine.h"
#include "tests/engine/engine_rig.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("engine: batches, steps and caches change nothing in the output", "[engine]") {
  const std::string prompt = "int main(int argc, char** argv) { return 0; }";
  Bench reference(babble(vocab()));
  const auto expected = reference.generate(ask(prompt, 24));
  CHECK(expected.tokens.size() == 24);
  CHECK(expected.stop_reason == StopReason::kMaxTokens);
  CHECK(expected.prompt_tokens == vocabulary()->encode(prompt).size());
  for (const std::size_t batch : {1UL, 2UL, 7UL, 44UL, 45UL, 1000UL}) {
    Bench other(babble(vocab()), batch);
    CHECK(ids(other.generate(ask(prompt, 24))) == ids(expected));
  }
  // Again on the same engine: all but the last prompt token comes from the cache.
  const auto again = reference.generate(ask(prompt, 24));
  CHECK(ids(again) == ids(expected));
  CHECK(again.reused_tokens == expected.prompt_tokens - 1);
  // Another prompt with the same beginning.
  const auto longer = reference.generate(ask(prompt + " // and so on", 24));
  Bench fresh(babble(vocab()));
  CHECK(ids(longer) == ids(fresh.generate(ask(prompt + " // and so on", 24))));
  CHECK(longer.reused_tokens > 30);
}

TEST_CASE("engine: max_tokens 0 only fills the cache", "[engine]") {
  Bench bench(babble(vocab()));
  const auto filled = bench.generate(ask("some longer prompt", 0));
  CHECK(filled.text.empty());
  CHECK(filled.stop_reason == StopReason::kMaxTokens);
  CHECK(bench.log->tokens_computed == filled.prompt_tokens);
  const auto next = bench.generate(ask("some longer prompt and more", 1));
  CHECK(next.reused_tokens == filled.prompt_tokens);
}

TEST_CASE("engine: a request cancelled in its prefill keeps what was computed", "[engine]") {
  const std::string prompt = "a prompt that takes several batches to read";
  Bench bench(babble(vocab()), 8);
  RequestId id = 0;
  const auto cancelled = bench.submit(ask(prompt), &id);
  bench.log->before_token = [&] {
    if (bench.log->tokens_computed == 19) bench.engine->cancel(id);
  };
  bench.run();
  bench.log->before_token = nullptr;
  REQUIRE(cancelled->result);
  CHECK(cancelled->result->stop_reason == StopReason::kCancelled);
  CHECK(cancelled->result->text.empty());

  const auto after = bench.generate(ask(prompt));
  CHECK(after.reused_tokens == 19);
  Bench fresh(babble(vocab()));
  CHECK(ids(after) == ids(fresh.generate(ask(prompt))));
}

TEST_CASE("engine: a request cancelled while it waits or decodes ends at once", "[engine]") {
  Bench bench(recite(vocabulary(), "two: abcdefghijkl", end_token()));
  RequestId first = 0, second = 0;
  const auto a = bench.submit(ask("two:", 100), &first);
  const auto b = bench.submit(ask("two:", 100), &second);
  bench.engine->run_step();  // the newer one runs
  bench.engine->run_step();
  bench.engine->cancel(second);
  bench.engine->cancel(first);
  bench.engine->cancel(12345);  // unknown: nothing
  CHECK_FALSE(bench.engine->run_step());
  REQUIRE(a->result);
  REQUIRE(b->result);
  CHECK(a->result->stop_reason == StopReason::kCancelled);
  CHECK(a->result->tokens.empty());
  CHECK(b->result->text == " a");  // what there was
}

TEST_CASE("engine: forced text is spelled by the tokens the model would use", "[engine]") {
  struct Case {
    const char* why;
    const char* document;
    const char* prompt;
    const char* typed;
    std::vector<const char*> tokens;  // bytes of the generated ones, typed bytes included
  };
  const Case cases[] = {
      {"half a word", "f() return x;", "f() ", "ret", {" return", " ", "x;"}},
      {"half a word, its space taken back as well", "f() return", "f()", " re", {" return"}},
      {"a whole word", "f() return", "f()", " return", {}},
      {"indentation gives its last space to the word",
       "a\n     return",
       "a\n",
       "     ",
       {" return"}},
      {"nothing typed", "f() return", "f()", "", {" return"}},
      {"white space that ends the prompt, nothing typed",
       "f()    return",
       "f()    ",
       "",
       {" return"}},
      {"a token that ends in the middle of what follows", "xyz)", "", "x", {"xyz", ")"}},
      {"a character in two tokens", "a\xE2\x82\xAC!", "a", "\xE2\x82\xAC", {"!"}},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    Bench bench(recite(vocabulary(), c.document, end_token()));
    GenerationRequest request;
    // A control token first, as after a fill-in-the-middle mark: there is always one token left.
    request.prompt.push_back({PromptPart::Kind::kSpecial, "<|fim_middle|>"});
    request.prompt.push_back({PromptPart::Kind::kText, c.prompt});
    request.forced_text = c.typed;
    const auto result = bench.generate(request);
    CHECK(result.stop_reason == StopReason::kEndOfText);
    CHECK(std::string(c.prompt) + c.typed + result.text == c.document);
    std::string pieces;
    for (const GeneratedToken& token : result.tokens) {
      CHECK(token.begin < token.end);
      CHECK(token.begin == pieces.size());
      pieces += result.text.substr(token.begin, token.end - token.begin);
    }
    CHECK(pieces == result.text);
  }
}

TEST_CASE("engine: text that was typed is never shown again, nor lost", "[engine]") {
  // Every way to cut a document into prompt, typed text and what remains.
  const std::string document = "if (xyz)\n    return x;\n\xE2\x82\xAC = xy";
  for (std::size_t typed_end = 0; typed_end <= document.size(); ++typed_end) {
    if (utf8_floor(document, typed_end) != typed_end) continue;
    for (const std::size_t begin : {0UL, typed_end / 2, typed_end}) {
      if (utf8_floor(document, begin) != begin) continue;
      INFO(begin << ".." << typed_end);
      Bench bench(recite(vocabulary(), document, end_token()));
      GenerationRequest request;
      request.prompt.push_back({PromptPart::Kind::kSpecial, "<|fim_middle|>"});
      request.prompt.push_back({PromptPart::Kind::kText, document.substr(0, begin)});
      request.forced_text = document.substr(begin, typed_end - begin);
      request.max_tokens = 64;
      CHECK(bench.generate(request).text == document.substr(typed_end));
    }
  }
}

TEST_CASE("engine: a healed token carries the probability of what it adds", "[engine]") {
  // "ret" was typed; the model gives "return" .08, "ret" .02 and other words the rest.
  const TokenId whole = vocabulary()->encode("return").front();
  const TokenId half = vocabulary()->encode("ret").front();
  Bench bench([=](const std::vector<TokenId>& sequence) {
    Logits logits(vocab(), -INFINITY);
    const auto set = [&](TokenId id, double p) {
      logits[static_cast<std::size_t>(id)] = static_cast<float>(std::log(p));
    };
    if (sequence.back() == whole) {
      set(end_token(), 1);
    } else {
      set(whole, .08);
      set(half, .02);
      set('q', .9);
    }
    return logits;
  });
  const auto result = bench.generate(forced("a(", "ret"));
  CHECK(result.text == "urn");
  REQUIRE(result.tokens.size() == 1);
  CHECK(result.tokens[0].begin == 0);
  CHECK(result.tokens[0].end == 3);
  CHECK_THAT(std::exp(result.tokens[0].log_probability), Catch::Matchers::WithinAbs(.8, 1e-5));
}

TEST_CASE("engine: a line ends at the newline, wherever in a token it lies", "[engine]") {
  const auto line = [](const char* document, const char* prompt, const char* typed) {
    Bench bench(recite(vocabulary(), document, end_token()));
    return bench.generate(forced(prompt, typed, true));
  };
  const auto glued = line("f(x)\nmore", "f(", "");
  CHECK(glued.text == "x)");
  CHECK(glued.stop_reason == StopReason::kLineEnd);
  CHECK(glued.tokens.back().end == 2);

  const auto in_forced = line("a;\nf(x;\n", "", "a;\nf(");
  CHECK(in_forced.text == "x;");
  CHECK(in_forced.stop_reason == StopReason::kLineEnd);

  const auto at_once = line("f()\nmore", "f(", ")");
  CHECK(at_once.text.empty());
  CHECK(at_once.stop_reason == StopReason::kLineEnd);

  const auto end_of_text = line("f()", "f(", ")");
  CHECK(end_of_text.stop_reason == StopReason::kEndOfText);
}

TEST_CASE("engine: stop strings cut text and tokens", "[engine]") {
  Bench bench(recite(vocabulary(), "a xyz) return x; b", end_token()));
  auto request = ask("a ");
  request.stop_strings = {"turn", "never"};
  const auto result = bench.generate(request);
  CHECK(result.text == "xyz) re");
  CHECK(result.stop_reason == StopReason::kStopString);
  CHECK(result.tokens.back().end == result.text.size());
}

TEST_CASE("engine: pieces are whole characters", "[engine]") {
  const std::string document = "\xE2\x82\xAC\xC3\xA9\xF0\x9F\x98\x80\xE6\xBC\xA2";
  Bench bench(recite(vocabulary(), ">" + document, end_token()));
  const auto outcome = bench.submit(ask(">"));
  bench.run();
  REQUIRE(outcome->result);
  CHECK(outcome->result->text == document);
  for (const std::string& piece : outcome->pieces) CHECK(is_valid_utf8(piece));
  // Cut off in the middle of a character, the text ends before it.
  for (std::size_t n = 1; n < 10; ++n) {
    const auto cut = bench.generate(ask(">", n));
    CHECK(is_valid_utf8(cut.text));
    CHECK(document.starts_with(cut.text));
  }
}

TEST_CASE("engine: what a reasoning model thinks is told apart from its text", "[engine]") {
  const std::string document = "Q:hm, xyz; so</thi no</think>\n\n  return x;";
  Bench bench(recite(vocabulary(), document, end_token()));
  auto request = ask("Q:", 64);
  request.think_end = "</think>";
  std::string thoughts, text;
  std::optional<GenerationResult> result;
  bench.engine->submit(request, [&](const GenerationEvent& e) {
    thoughts += e.thought;
    text += e.piece;
    if (e.done != nullptr) result = *e.done;
  });
  bench.run();
  REQUIRE(result);
  CHECK(result->thoughts == "hm, xyz; so</thi no");
  CHECK(thoughts == result->thoughts);
  CHECK(result->text == "return x;");
  CHECK(text == result->text);
  CHECK(result->thought_tokens > 20);
  std::string pieces;
  for (const GeneratedToken& token : result->tokens) {
    pieces += result->text.substr(token.begin, token.end - token.begin);
  }
  CHECK(pieces == result->text);
  // The budget of the text is not that of the thoughts.
  request.max_tokens = 1;
  CHECK(bench.generate(request).text == "return");
  // A text that ends while the model thinks has no text at all.
  Bench never(recite(vocabulary(), "Q:hm hm", end_token()));
  const auto none = never.generate(request);
  CHECK(none.thoughts == "hm hm");
  CHECK(none.text.empty());
  request.stop_at_line_end = true;
  CHECK(never.generate(request).error.find("one line") != std::string::npos);
}

TEST_CASE("engine: thinking that uses up its budget is ended, drafts or not", "[engine]") {
  // Whatever is thought, after the mark comes the answer.
  const std::string mark = GENERATE("</think>", "<|fim_middle|>");  // text, or a control token
  const auto babbles = babble(vocab());
  const auto script = [&](const std::vector<TokenId>& sequence) {
    const std::string seen = vocabulary()->decode(sequence);
    const auto id = vocabulary()->special(mark);
    const bool control = id && std::find(sequence.begin(), sequence.end(), *id) != sequence.end();
    const std::size_t at = seen.find("</think>");
    if (!control && at == std::string::npos) {
      Logits logits(vocab(), 0.0F);
      logits[static_cast<std::size_t>("ab."[sequence.size() % 3])] = 9;  // easy to draft
      return logits;
    }
    return babbles(sequence);
  };
  std::vector<std::string> texts;
  for (const std::size_t max_draft : {0U, 15U}) {
    Bench bench(script);
    auto request = ask("Q:", 12);
    request.think_end = mark;
    request.think_tokens = 40;
    request.max_draft = max_draft;
    const auto outcome = bench.submit(request);
    bench.run();
    const auto& result = *outcome->result;
    CHECK(result.thought_tokens == 40);
    CHECK(result.thoughts.size() == 40);
    CHECK(result.tokens.size() > 4);
    CHECK(result.text.find("think") == std::string::npos);
    if (max_draft > 0) CHECK(result.accepted_tokens > 20);
    texts.push_back(result.text);
  }
  CHECK(texts[0] == texts[1]);
}

TEST_CASE("engine: passes of prefill are as long as little is lost by a cancel", "[engine]") {
  Bench bench(babble(vocab()), 0);
  std::size_t longest = 0, before = 0;
  const auto run = [&](std::chrono::microseconds a_token) {
    bench.log->before_token = [&] { bench.time += a_token; };
    longest = 0;
    const auto outcome = bench.submit(ask(std::string(3000, static_cast<char>('a' + before++)), 1));
    for (std::size_t last = bench.log->tokens_computed; bench.engine->run_step();) {
      longest = std::max(
          longest, bench.log->tokens_computed - std::exchange(last, bench.log->tokens_computed));
    }
    CHECK(outcome->result->prompt_tokens == 3000);
  };
  run(std::chrono::microseconds(2000));
  CHECK(longest == 96);  // of 200 ms
  for (int i = 0; i < 3; ++i) run(std::chrono::microseconds(100));
  CHECK(longest == 512);
  for (int i = 0; i < 3; ++i) run(std::chrono::microseconds(20'000));
  CHECK(longest <= 64);
}

TEST_CASE("engine: a prompt that is too long is cut only when asked, and says by how much",
          "[engine]") {
  EngineOptions small;
  small.context_tokens = 32;
  Bench bench(babble(vocab()), 128, small);
  GenerationRequest request;
  request.prompt.push_back({PromptPart::Kind::kText, "0123456789"});
  request.prompt.push_back({PromptPart::Kind::kSpecial, "<|fim_middle|>"});
  request.prompt.push_back({PromptPart::Kind::kText, "abcdefghijklmnopqrstuvw"});
  request.max_tokens = 4;
  CHECK(bench.generate(request).error.find("34 tokens") != std::string::npos);
  request.context_policy = ContextPolicy::kCutBeginning;
  const auto cut = bench.generate(request);
  CHECK(cut.stop_reason == StopReason::kMaxTokens);
  CHECK(cut.cut_tokens == 6);
  CHECK(cut.prompt_tokens == 28);
  // It is the answer to the prompt without those tokens.
  GenerationRequest rest = request;
  rest.prompt[0].value = "6789";
  Bench fresh(babble(vocab()), 128, small);
  CHECK(fresh.generate(rest).text == cut.text);
  // What is to be continued is never cut, and one text loses its beginning.
  request.prompt[2].value = "abcdefghijklmnopqrstuvwxyz0123456789";
  CHECK(bench.generate(request).stop_reason == StopReason::kError);
  auto one = ask("abcdefghijklmnopqrstuvwxyz0123456789", 4);
  one.context_policy = ContextPolicy::kCutBeginning;
  CHECK(bench.generate(one).cut_tokens == 6);  // "xyz" is one
  one.forced_text = std::string(40, 'q');
  CHECK(bench.generate(one).stop_reason == StopReason::kError);
}

}  // namespace engram
