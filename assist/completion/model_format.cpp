#include "assist/completion/model_format.h"

#include <array>

namespace engram {

namespace {

// The spellings in use. Where a family has no mark for files, the whole name is empty.
struct MarkNames {
  std::string_view prefix, suffix, middle, repository, file;
};
constexpr std::array<MarkNames, 5> kFamilies = {{
    {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"},
    {"<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<repo_name>", "<file_sep>"},
    {"<fim-prefix>", "<fim-suffix>", "<fim-middle>", "<reponame>", "<filename>"},
    {"<PRE>", "<SUF>", "<MID>", "", ""},
    {"<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "", ""},
}};

std::string if_known(const Tokenizer& tokenizer, std::string_view name) {
  return !name.empty() && tokenizer.special(name) ? std::string(name) : std::string();
}

bool joins_newline(const Tokenizer& tokenizer) {
  auto apart = tokenizer.encode("x;\n");
  const auto rest = tokenizer.encode("    y");
  apart.insert(apart.end(), rest.begin(), rest.end());
  return apart != tokenizer.encode("x;\n    y");
}

}  // namespace

std::string_view to_string(PromptLayout layout) {
  switch (layout) {
    case PromptLayout::kFillInTheMiddle:
      return "fill_in_the_middle";
    case PromptLayout::kRepository:
      return "repository";
    case PromptLayout::kPlain:
      break;
  }
  return "plain";
}

ModelFormat model_format(const Tokenizer& tokenizer, FimVerdict verdict) {
  ModelFormat format;
  for (const auto& family : kFamilies) {
    if (format.prefix.empty()) {
      format.prefix = if_known(tokenizer, family.prefix);
      format.suffix = if_known(tokenizer, family.suffix);
      format.middle = if_known(tokenizer, family.middle);
      if (format.suffix.empty() || format.middle.empty()) format.prefix.clear();
    }
    if (format.file.empty()) {
      format.repository = if_known(tokenizer, family.repository);
      format.file = if_known(tokenizer, family.file);
    }
  }
  const bool usable =
      !format.prefix.empty() && verdict != FimVerdict::kBroken && verdict != FimVerdict::kNoTokens;
  format.layout = usable                 ? PromptLayout::kFillInTheMiddle
                  : !format.file.empty() ? PromptLayout::kRepository
                                         : PromptLayout::kPlain;
  format.newline_joins_indentation = joins_newline(tokenizer);
  return format;
}

}  // namespace engram
