#include "engine/tokenizer/fim_format.h"

#include "tests/support/catch.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

std::optional<FimFormat> format_of(std::vector<std::string> marks, std::string pre = "qwen2") {
  return find_fim_format(*tiny_tokenizer({.pre = std::move(pre),
                                          .merges = {{"a", "b"}},
                                          .control = std::move(marks),
                                          .user_defined = {}}));
}

}  // namespace

TEST_CASE("fim_format: each family is known by its marks", "[engine]") {
  struct Case {
    const char* family;
    std::vector<std::string> marks;
    FimFiles files;
    bool suffix_first;
    const char* middle;
    const char* file;
    const char* pre = "qwen2";
  };
  const std::vector<std::string> bar = {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"};
  const std::vector<std::string> plain = {"<fim_prefix>", "<fim_suffix>", "<fim_middle>"};
  const auto with = [](std::vector<std::string> marks, std::initializer_list<const char*> more) {
    marks.insert(marks.end(), more.begin(), more.end());
    return marks;
  };
  const Case cases[] = {
      {"qwen", with(bar, {"<|repo_name|>", "<|file_sep|>"}), FimFiles::kMarked, false,
       "<|fim_middle|>", "<|file_sep|>"},
      {"codegemma", with(bar, {"<|file_separator|>"}), FimFiles::kMarked, false, "<|fim_middle|>",
       "<|file_separator|>"},
      {"qwen", bar, FimFiles::kMarked, false, "<|fim_middle|>", ""},  // Granite 4
      {"starcoder2", with(plain, {"<repo_name>", "<file_sep>"}), FimFiles::kMarkedInside, false,
       "<fim_middle>", "<file_sep>"},
      {"granite", with(plain, {"<reponame>", "<filename>"}), FimFiles::kMarked, false,
       "<fim_middle>", "<filename>", "refact"},
      {"mellum", with(plain, {"<reponame>", "<filename>"}), FimFiles::kMarked, true, "<fim_middle>",
       "<filename>", "mellum"},
      {"santacoder",
       {"<fim-prefix>", "<fim-suffix>", "<fim-middle>"},
       FimFiles::kMarked,
       false,
       "<fim-middle>",
       ""},
      {"deepseek",
       {"<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"},
       FimFiles::kCommented,
       false,
       "<｜fim▁end｜>",
       ""},
      {"codellama", {"▁<PRE>", "▁<SUF>", "▁<MID>"}, FimFiles::kMarked, false, "▁<MID>", ""},
      {"codestral", {"[PREFIX]", "[SUFFIX]", "[MIDDLE]"}, FimFiles::kPlusHeaders, true, "", ""},
      {"seed-coder",
       {"<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"},
       FimFiles::kMarked,
       true,
       "<[fim-middle]>",
       ""},
      {"aixcoder",
       {"▁<AIX-SPAN-PRE>", "▁<AIX-SPAN-POST>", "▁<AIX-SPAN-MIDDLE>"},
       FimFiles::kMarked,
       false,
       "▁<AIX-SPAN-MIDDLE>",
       ""},
  };
  for (const Case& c : cases) {
    INFO(c.family);
    const auto format = format_of(c.marks, c.pre);
    REQUIRE(format);
    CHECK(format->family == c.family);
    CHECK(format->prefix == c.marks[0]);
    CHECK(format->suffix == c.marks[1]);
    CHECK(format->middle == c.middle);
    CHECK(format->file == c.file);
    CHECK(format->files == c.files);
    CHECK(format->suffix_first == c.suffix_first);
  }
}

TEST_CASE("fim_format: without all three marks there is none, file marks stay", "[engine]") {
  CHECK_FALSE(format_of({"<|fim_prefix|>", "<|fim_suffix|>"}));
  CHECK_FALSE(format_of({"<|endoftext|>"}));
  const auto smollm = tiny_tokenizer({.pre = "smollm",
                                      .merges = {{"a", "b"}},
                                      .control = {"<repo_name>", "<file_sep>"},
                                      .user_defined = {}});
  CHECK(find_file_marks(*smollm).file == "<file_sep>");
  CHECK(find_file_marks(*smollm).repository == "<repo_name>");
  CHECK(find_file_marks(
            *tiny_tokenizer(
                {.pre = "qwen2", .merges = {{"a", "b"}}, .control = {}, .user_defined = {}}))
            .file.empty());
}

TEST_CASE("fim_format: marks that only the file's keys declare make a plain format", "[engine]") {
  GgufBuilder gguf;
  add_tokenizer(gguf, {.pre = "qwen2",
                       .merges = {{"a", "b"}},
                       .control = {"<before>", "<after>", "<hole>"},
                       .user_defined = {}});
  gguf.key("tokenizer.ggml.fim_pre_token_id", std::uint32_t{257});
  gguf.key("tokenizer.ggml.fim_suf_token_id", std::uint32_t{258});
  gguf.key("tokenizer.ggml.fim_mid_token_id", std::uint32_t{259});
  const auto format = find_fim_format(**tokenizer_from(gguf));
  REQUIRE(format);
  CHECK(format->family == "declared");
  CHECK(format->prefix == "<before>");
  CHECK(format->middle == "<hole>");
}

TEST_CASE("fim_format: marks that a converter called normal text are marks all the same",
          "[engine]") {
  GgufBuilder gguf;
  const std::vector<std::string> tokens = {
      "a", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "b", "ab"};
  gguf.key("tokenizer.ggml.model", "gpt2");
  gguf.key("tokenizer.ggml.pre", "deepseek-coder");
  gguf.key("tokenizer.ggml.tokens", tokens);
  gguf.key("tokenizer.ggml.token_type", std::vector<std::int32_t>{1, 1, 1, 1, 1, 1});
  gguf.key("tokenizer.ggml.merges", std::vector<std::string>{"a b"});
  const auto tokenizer = tokenizer_from(gguf);
  REQUIRE(tokenizer);
  CHECK((*tokenizer)->is_control(1));
  CHECK((*tokenizer)->is_end(3));
  CHECK(find_fim_format(**tokenizer)->family == "deepseek");
}

}  // namespace engram
