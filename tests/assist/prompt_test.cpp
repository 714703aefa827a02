#include "assist/completion/prompt.h"

#include "assist/completion/plan.h"
#include "tests/assist/fake_engine.h"
#include "tests/assist/marked_text.h"

namespace engram {

namespace {

PromptText sample() {
  PromptText text;
  text.repository = "repo";
  text.path = "src/a.cpp";
  text.line_comment = "//";
  PromptSnippet chunk;
  chunk.path = "src/b.cpp";
  chunk.text = "int b();\nint c();";
  text.snippets.push_back(chunk);
  text.prefix = "int x;\n";
  text.suffix = "int y;\n";
  return text;
}

std::string written(const std::vector<PromptPart>& parts) {
  std::string all;
  for (const auto& part : parts) {
    all += part.kind == PromptPart::Kind::kSpecial ? "[" + part.value + "]" : part.value;
  }
  return all;
}

std::string many_lines(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += "value_" + std::to_string(i) + " = 1;\n";
  return text;
}

}  // namespace

TEST_CASE("prompt: each layout as the model was trained on it", "[assist]") {
  const FakeTokenizer qwen(qwen_marks()), smollm(smollm_marks(), true), plain({});
  CHECK(written(build_prompt(model_format(qwen, FimVerdict::kWorks), sample())) ==
        "[<|repo_name|>]repo\n[<|file_sep|>]src/b.cpp\nint b();\nint c();\n"
        "[<|file_sep|>]src/a.cpp\n[<|fim_prefix|>]int x;\n[<|fim_suffix|>]int y;\n"
        "[<|fim_middle|>]");
  CHECK(written(build_prompt(model_format(qwen, FimVerdict::kBroken), sample())) ==
        "[<|repo_name|>]repo\n[<|file_sep|>]src/b.cpp\nint b();\nint c();\n"
        "[<|file_sep|>]src/a.cpp\nint y;\n[<|file_sep|>]src/a.cpp\nint x;\n");
  CHECK(written(build_prompt(model_format(smollm, FimVerdict::kNoTokens), sample())) ==
        "[<repo_name>]repo\n[<file_sep>]src/b.cpp\nint b();\nint c();\n"
        "[<file_sep>]src/a.cpp\nint y;\n[<file_sep>]src/a.cpp\nint x;\n");
  CHECK(written(build_prompt(model_format(plain, FimVerdict::kUntested), sample())) ==
        "// src/b.cpp\n// int b();\n// int c();\n// src/a.cpp\nint x;\n");
}

TEST_CASE("prompt: each family's layout of the middle and of other files", "[assist]") {
  const auto prompt = [](const FakeTokenizer& tokenizer) {
    return written(build_prompt(model_format(tokenizer, FimVerdict::kWorks), sample()));
  };
  CHECK(prompt(FakeTokenizer(
            {"<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<repo_name>", "<file_sep>"})) ==
        "[<repo_name>]repo[<file_sep>]src/b.cpp\nint b();\nint c();\n[<file_sep>][<fim_prefix>]"
        "src/a.cpp\nint x;\n[<fim_suffix>]int y;\n[<fim_middle>]");
  CHECK(prompt(FakeTokenizer({"<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"})) ==
        "[<｜fim▁begin｜>]#src/b.cpp\nint b();\nint c();\n\n#src/a.cpp\nint x;\n"
        "[<｜fim▁hole｜>]int y;\n[<｜fim▁end｜>]");
  CHECK(prompt(FakeTokenizer({"[PREFIX]", "[SUFFIX]", "[MIDDLE]"})) ==
        "[[SUFFIX]]int y;\n[[PREFIX]]+++++ src/b.cpp\nint b();\nint c();\n\n"
        "+++++ src/a.cpp\nint x;\n");
  CHECK(prompt(FakeTokenizer({"<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"})) ==
        "[<[fim-suffix]>]int y;\n[<[fim-prefix]>]// src/b.cpp\n// int b();\n// int c();\n"
        "int x;\n[<[fim-middle]>]");
  CHECK(prompt(FakeTokenizer({"▁<PRE>", "▁<SUF>", "▁<MID>"})) ==
        "[▁<PRE>]// src/b.cpp\n// int b();\n// int c();\nint x;\n[▁<SUF>]int y;\n[▁<MID>]");
}

TEST_CASE("prompt: marks inside the user's text stay text", "[assist]") {
  const FakeTokenizer qwen(qwen_marks());
  PromptText text = sample();
  text.prefix = "x = \"<|fim_middle|>\"\n";
  std::size_t middles = 0;
  for (const auto& part : build_prompt(model_format(qwen, FimVerdict::kWorks), text)) {
    if (part.kind == PromptPart::Kind::kSpecial && part.value == "<|fim_middle|>") ++middles;
  }
  CHECK(middles == 1);
}

TEST_CASE("prompt: lines are taken whole, from the cursor outwards", "[assist]") {
  const FakeTokenizer tokenizer({});
  const std::string text = "one\ntwo\nthree\n";  // two tokens a line
  CHECK(last_lines(tokenizer, text, 4) == "two\nthree\n");
  CHECK(last_lines(tokenizer, text, 5) == "two\nthree\n");
  CHECK(last_lines(tokenizer, text, 100) == text);
  CHECK(first_lines(tokenizer, text, 4) == "one\ntwo\n");
  CHECK(first_lines(tokenizer, "", 4).empty());
  const std::string minified(1'000'000, 'x');
  CHECK(last_lines(tokenizer, minified, 100).size() == 200);
  CHECK(first_lines(tokenizer, minified, 100).size() == 200);
}

TEST_CASE("plan: it fits while only the text at the cursor grows", "[assist]") {
  const FakeTokenizer tokenizer(qwen_marks());
  const ModelFormat format = model_format(tokenizer, FimVerdict::kWorks);
  const MarkedText at(many_lines(50) + "call(^);\n" + many_lines(50));
  PlanInput input;
  input.text = at.text;
  input.offset = at.offset;
  const PromptPlan plan = make_plan(tokenizer, format, input, kFullPromptTokens);
  CHECK(plan.fits(at.text, at.offset));
  CHECK(plan.forced(at.text, at.offset) == "call(");
  CHECK(plan.suffix.starts_with(");\n"));

  const auto typed = [&](std::string_view what) {
    std::string text = at.text;
    text.insert(at.offset, what);
    return plan.fits(text, at.offset + what.size());
  };
  CHECK(typed("a"));
  CHECK(typed("alpha, beta"));
  CHECK(typed("a,\n     b"));
  CHECK_FALSE(typed(std::string(5000, 'x')));  // too much: time for a new anchor

  std::string above = at.text;
  above[0] = 'w';
  CHECK(plan.fits(above, at.offset) == (plan.window_begin > 0));
  std::string below = at.text;
  below.insert(at.offset + 1, " ");
  CHECK_FALSE(plan.fits(below, at.offset));
  CHECK_FALSE(plan.fits(at.text, at.offset - 30));
  CHECK_FALSE(plan.fits(at.text, at.text.size()));
}

TEST_CASE("plan: a tokenizer that joins newline and indentation is cut before the newline",
          "[assist]") {
  const FakeTokenizer tokenizer(smollm_marks(), true);
  const ModelFormat format = model_format(tokenizer, FimVerdict::kNoTokens);
  REQUIRE(format.newline_joins_indentation);
  const MarkedText at("int a;\r\n  int b^\n");
  PlanInput input;
  input.text = at.text;
  input.offset = at.offset;
  const PromptPlan plan = make_plan(tokenizer, format, input, kFullPromptTokens);
  CHECK(plan.prefix == "int a;");
  CHECK(plan.forced(at.text, at.offset) == "\r\n  int b");
}

TEST_CASE("plan: snippets displace nothing of the file unless that is asked for", "[assist]") {
  const FakeTokenizer tokenizer(qwen_marks());
  const ModelFormat format = model_format(tokenizer, FimVerdict::kWorks);
  const MarkedText at(many_lines(500) + "^\n" + many_lines(500));
  PlanInput input;
  input.text = at.text;
  input.offset = at.offset;
  PromptSnippet chunk;
  chunk.path = "b.cpp";
  for (int i = 0; i < 40; ++i) chunk.text += "another_" + std::to_string(i) + " = 2;\n";
  input.snippets.assign(3, chunk);
  for (const std::size_t tokens : {std::size_t{96}, std::size_t{450}, kFullPromptTokens}) {
    const PromptPlan plan = make_plan(tokenizer, format, input, tokens);
    CHECK(plan.ids.size() <= tokens + 40);
    CHECK(plan.ids.size() >= tokens / 2);
    CHECK(plan.snippets.empty());
  }
  input.file_tokens = 600;
  CHECK(make_plan(tokenizer, format, input, 600).snippets.empty());
  CHECK(!make_plan(tokenizer, format, input, kFullPromptTokens).snippets.empty());
}

TEST_CASE("plan: a short file leaves its room to snippets, and they leave theirs to the file",
          "[assist]") {
  const FakeTokenizer tokenizer(qwen_marks());
  const ModelFormat format = model_format(tokenizer, FimVerdict::kWorks);
  PromptSnippet chunk;
  chunk.path = "b.cpp";
  chunk.text = "other_name = 2;\n" + many_lines(20);
  const auto plan_for = [&](std::string marked, std::size_t n_chunks) {
    const MarkedText at(marked);
    PlanInput input;
    input.text = at.text;
    input.offset = at.offset;
    input.snippets.assign(n_chunks, chunk);
    return make_plan(tokenizer, format, input, 600);
  };
  CHECK(plan_for("int x = ^;\n", 1).snippets.size() == 1);
  CHECK(plan_for(many_lines(500) + "^\n", 1).snippets.empty());
  CHECK(plan_for("int x = ^;\n" + many_lines(500), 1).snippets.empty());  // nor from below
  const auto alone = plan_for(many_lines(500) + "^\n" + many_lines(500), 0);
  CHECK(alone.ids.size() > 550);
  CHECK(alone.prefix.size() > alone.suffix.size());
  CHECK(plan_for(many_lines(2) + "^\n" + many_lines(500), 0).ids.size() > 550);
}

TEST_CASE("plan: what the prompt shows already is not shown again", "[assist]") {
  const FakeTokenizer tokenizer(qwen_marks());
  const ModelFormat format = model_format(tokenizer, FimVerdict::kWorks);
  const MarkedText at(many_lines(30) + "^\n");
  PromptSnippet known, fresh;
  known.path = "known.cpp";
  known.text = many_lines(30);
  fresh.path = "fresh.cpp";
  for (int i = 0; i < 20; ++i) fresh.text += "another_" + std::to_string(i) + " = 2;\n";
  PlanInput input;
  input.text = at.text;
  input.offset = at.offset;
  input.snippets = {known, fresh, fresh};
  const PromptPlan plan = make_plan(tokenizer, format, input, kFullPromptTokens);
  REQUIRE(plan.snippets.size() == 1);
  CHECK(plan.snippets[0].path == "fresh.cpp");
}

TEST_CASE("plan: the window of an earlier plan is kept, so that prompts share their front",
          "[assist]") {
  const FakeTokenizer tokenizer(qwen_marks());
  const ModelFormat format = model_format(tokenizer, FimVerdict::kWorks);
  const std::string text = many_lines(1000);
  PlanInput input;
  input.text = text;
  input.offset = line_begin(text, text.size() / 2);
  const PromptPlan first = make_plan(tokenizer, format, input, kFullPromptTokens);
  input.keep_window = first.window_begin;
  input.offset = line_begin(text, input.offset + 120);
  const PromptPlan second = make_plan(tokenizer, format, input, kFullPromptTokens);
  CHECK(second.window_begin == first.window_begin);
  PromptLedger ledger(4);
  ledger.add(first.ids);
  CHECK(ledger.shared_prefix(second.ids) > kFullPromptTokens / 3);
  input.offset = line_begin(text, text.size() - 10);  // far away: the window moves
  CHECK(make_plan(tokenizer, format, input, kFullPromptTokens).window_begin > first.window_begin);
}

}  // namespace engram
