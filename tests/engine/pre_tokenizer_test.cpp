#include "engine/tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/tokenizer/supported_tokenizers.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

std::vector<std::string> split(std::string_view kind, std::string_view text) {
  const auto pre = find_pre_tokenizer(kind);
  REQUIRE(pre);
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(pre->kind, text, begin);
    REQUIRE(end > begin);
    REQUIRE(end <= text.size());
    pieces.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

}  // namespace

TEST_CASE("pre_tokenizer: each kind cuts as its regular expression does", "[engine]") {
  struct Case {
    const char* why;
    const char* kind;
    const char* text;
    std::vector<std::string> pieces;
  };
  const Case cases[] = {
      {"a space joins the word after it", "gpt-2", "int main", {"int", " main"}},
      {"numbers stay together", "gpt-2", "x 2024", {"x", " 2024"}},
      {"the last of several spaces goes with the word", "gpt-2", "a   b", {"a", "  ", " b"}},
      {"only a space does, not a line end", "gpt-2", "a\n\nb", {"a", "\n", "\n", "b"}},
      {"spaces at the end stay whole", "gpt-2", "a  \n", {"a", "  \n"}},
      {"contractions are lower case only", "gpt-2", "it's IT'S", {"it", "'s", " IT", "'", "S"}},
      {"each digit alone, with the space apart", "smollm", "v 42;", {"v", " ", "4", "2", ";"}},
      {"spaces before a digit stay whole", "smollm", "a  1", {"a", "  ", "1"}},
      {"Arabic digits too", "smollm", "\xD9\xA1\xD9\xA2", {"\xD9\xA1", "\xD9\xA2"}},
      {"punctuation takes the line end along", "qwen2", "f();\n\n  g", {"f", "();\n\n", " ", " g"}},
      {"one symbol may begin a word", "qwen2", "(x) .y", {"(x", ")", " .", "y"}},
      {"digits alone", "qwen2", "a12", {"a", "1", "2"}},
      {"spaces run through the last line end", "qwen2", "a \n \n\tb", {"a", " \n \n", "\tb"}},
      {"a letter after a tab takes it", "qwen2", "\t\tif", {"\t", "\tif"}},
      {"contractions in any case", "qwen2", "IT'S'Ll", {"IT", "'S", "'Ll"}},
      {"the long s is an s", "qwen2", "a'\xC5\xBF", {"a", "'\xC5\xBF"}},
      {"up to three digits together", "llama-bpe", "12345", {"123", "45"}},
      {"stray bytes are neither letters nor spaces",
       "qwen2",
       "a\xFF\xFE"
       "b",
       {"a", "\xFF\xFE", "b"}},
      {"one stray byte may begin a word",
       "qwen2",
       "\xFF"
       "b",
       {"\xFF"
        "b"}},
      {"letters past ASCII", "qwen2", "\xC3\xA9t\xC3\xA9", {"\xC3\xA9t\xC3\xA9"}},
      {"marks are no letters", "qwen2", "e\xCC\x81", {"e", "\xCC\x81"}},
      {"letters of Unicode 16", "qwen2", "\xF0\x90\x97\x80z", {"\xF0\x90\x97\x80z"}},
      {"a line end leaves punctuation alone", "seed-coder", "f();\n", {"f", "();", "\n"}},
      {"punctuation takes three letters less", "deepseek-v3", "f(self):", {"f", "(self", "):"}},
      {"but only ASCII ones", "deepseek-v3", "_na\xC3\xAFve", {"_na", "\xC3\xAFve"}},
      {"numbers by three from their start", "deepseek-v3", "x1234567", {"x", "123", "456", "7"}},
      {"marks are letters there", "deepseek-v3", " e\xCC\x81", {" e\xCC\x81"}},
      {"Han and kana apart from Latin", "deepseek-v3", "a中あb", {"a", "中あ", "b"}},
      {"what nothing matches is one piece", "deepseek-v3", "\x01\x02 a", {"\x01\x02", " a"}},
      {"every line end alone", "deepseek-coder", "a\n\nb", {"a", "\n", "\n", "b"}},
      {"any space joins letters", "deepseek-coder", "a\t\tb", {"a", "\t", "\tb"}},
      {"symbols are no punctuation", "deepseek-coder", "a+= (b", {"a", "+=", " (", "b"}},
      {"symbols and spaces stay together", "deepseek-coder", "x = 42", {"x", " = ", "4", "2"}},
      {"Han splits from its space", "deepseek-coder", "a 中", {"a", " ", "中"}},
      {"symbols of ASCII join", "deepseek-llm", "x += 1;", {"x", " +=", " ", "1", ";"}},
      {"letters past ASCII split words", "deepseek-llm", "na\xC3\xAFve", {"na", "\xC3\xAF", "ve"}},
      {"spaces at the end apart", "deepseek-llm", "\xE2\x86\x92  ", {"\xE2\x86\x92", "  "}},
      {"an ideographic space is a symbol and a space",
       "deepseek-llm",
       "a!\xE3\x80\x80",
       {"a", "!", "\xE3\x80\x80"}},
      {"punctuation first, then digits by three",
       "default",
       "f(1234)",
       {"f", "(", "123", "4", ")"}},
  };
  for (const Case& c : cases) {
    INFO(c.why << ": " << c.kind << " on " << c.text);
    CHECK(split(c.kind, c.text) == c.pieces);
  }
}

TEST_CASE("pre_tokenizer: an unknown name is absent, aliases are known", "[engine]") {
  CHECK_FALSE(find_pre_tokenizer("no-such"));
  CHECK(find_pre_tokenizer("starcoder")->kind == PreTokenizer::kSmollm);
  CHECK(find_pre_tokenizer("llama-bpe")->llama3_family);
  CHECK_FALSE(find_pre_tokenizer("smaug-bpe")->llama3_family);
  const auto names = supported_pre_tokenizers();
  CHECK(std::count(names.begin(), names.end(), "qwen2") == 1);
}

}  // namespace engram
