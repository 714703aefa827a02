#include "assist/completion/model_format.h"

namespace engram {

namespace {

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
  if (const auto fim = find_fim_format(tokenizer)) {
    static_cast<FimFormat&>(format) = *fim;
  } else {
    const FileMarks marks = find_file_marks(tokenizer);
    format.repository = marks.repository;
    format.file = marks.file;
  }
  const bool usable =
      !format.prefix.empty() && verdict != FimVerdict::kBroken && verdict != FimVerdict::kNoTokens;
  format.layout = usable                 ? PromptLayout::kFillInTheMiddle
                  : !format.file.empty() ? PromptLayout::kRepository
                                         : PromptLayout::kPlain;
  format.newline_joins_indentation = joins_newline(tokenizer);
  return format;
}

std::vector<PromptPart> fill_in_the_middle(const ModelFormat& format, std::string_view prefix,
                                           std::string_view suffix) {
  std::vector<PromptPart> parts;
  const auto add = [&](const std::string& mark, std::string_view text) {
    if (!mark.empty()) parts.push_back({PromptPart::Kind::kSpecial, mark});
    if (!text.empty()) parts.push_back({PromptPart::Kind::kText, std::string(text)});
  };
  if (format.suffix_first) add(format.suffix, suffix);
  add(format.prefix, prefix);
  if (!format.suffix_first) add(format.suffix, suffix);
  add(format.middle, {});
  return parts;
}

}  // namespace engram
