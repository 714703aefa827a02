#include "engine/tokenizer/fim_format.h"

#include <algorithm>
#include <iterator>

namespace engram {
namespace {

struct Family {
  std::string_view name;
  std::string_view prefix, suffix, middle;
  std::string_view repository, file;
  FimFiles files = FimFiles::kMarked;
  bool suffix_first = false;
  bool ends_with_prefix = false;      // the middle mark is not part of the prompt
  std::string_view fingerprint = {};  // how the vocabulary's begins; empty: any
};

// The first family that has all its marks, the file mark included, else the first that has those
// of the middle. U+2581 is SentencePiece's space.
constexpr Family kFamilies[] = {
    {"qwen", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"},
    {"codegemma", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "", "<|file_separator|>"},
    {"starcoder2", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<repo_name>", "<file_sep>",
     FimFiles::kMarkedInside},
    {"mellum", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<reponame>", "<filename>",
     FimFiles::kMarked, true, false, "mellum"},
    {"granite", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<reponame>", "<filename>"},
    {"santacoder", "<fim-prefix>", "<fim-suffix>", "<fim-middle>", "<reponame>", "<filename>"},
    {"deepseek", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "", "",
     FimFiles::kCommented},
    {"codellama", "▁<PRE>", "▁<SUF>", "▁<MID>", "", ""},
    {"codellama", "<PRE>", "<SUF>", "<MID>", "", ""},
    {"codestral", "[PREFIX]", "[SUFFIX]", "[MIDDLE]", "", "", FimFiles::kPlusHeaders, true, true},
    {"seed-coder", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", "", "", FimFiles::kMarked,
     true},
    {"aixcoder", "▁<AIX-SPAN-PRE>", "▁<AIX-SPAN-POST>", "▁<AIX-SPAN-MIDDLE>", "", ""},
};

bool has(const Tokenizer& tokenizer, std::string_view name) {
  return !name.empty() && tokenizer.special(name);
}

bool has_middle(const Tokenizer& tokenizer, const Family& family) {
  return has(tokenizer, family.prefix) && has(tokenizer, family.suffix) &&
         has(tokenizer, family.middle) && tokenizer.fingerprint().starts_with(family.fingerprint);
}

std::string if_known(const Tokenizer& tokenizer, std::string_view name) {
  return has(tokenizer, name) ? std::string(name) : std::string();
}

std::optional<FimFormat> declared_format(const Tokenizer& tokenizer) {
  const FimTokens ids = tokenizer.declared_fim();
  const auto name = [&](std::optional<TokenId> id) {
    return id ? std::string(tokenizer.special_name(*id)) : std::string();
  };
  FimFormat format{.family = "declared",
                   .prefix = name(ids.prefix),
                   .suffix = name(ids.suffix),
                   .middle = name(ids.middle),
                   .repository = name(ids.repository),
                   .file = name(ids.file)};
  if (format.prefix.empty() || format.suffix.empty() || format.middle.empty()) return std::nullopt;
  return format;
}

}  // namespace

std::optional<FimFormat> find_fim_format(const Tokenizer& tokenizer) {
  const Family* found = nullptr;
  for (const Family& family : kFamilies) {
    if (!has_middle(tokenizer, family)) continue;
    if (found == nullptr || (!has(tokenizer, found->file) && has(tokenizer, family.file))) {
      found = &family;
    }
  }
  if (found == nullptr) return declared_format(tokenizer);
  return FimFormat{.family = found->name,
                   .prefix = std::string(found->prefix),
                   .suffix = std::string(found->suffix),
                   .middle = found->ends_with_prefix ? std::string() : std::string(found->middle),
                   .repository = if_known(tokenizer, found->repository),
                   .file = if_known(tokenizer, found->file),
                   .files = found->files,
                   .suffix_first = found->suffix_first};
}

FileMarks find_file_marks(const Tokenizer& tokenizer) {
  for (const Family& family : kFamilies) {
    if (!has(tokenizer, family.file)) continue;
    return {if_known(tokenizer, family.repository), std::string(family.file)};
  }
  return {};
}

bool is_fim_mark(std::string_view name) {
  if (name.size() < 5 || name.size() > 24) return false;  // most tokens of a vocabulary
  return std::any_of(std::begin(kFamilies), std::end(kFamilies), [&](const Family& family) {
    return name == family.prefix || name == family.suffix || name == family.middle;
  });
}

// What the file declares, else the families' names.
FimTokens fim_tokens(const Tokenizer& tokenizer) {
  FimTokens found = tokenizer.declared_fim();
  const auto fill = [&](std::optional<TokenId>& id, std::string_view name) {
    if (!id && !name.empty()) id = tokenizer.special(name);
  };
  for (const Family& family : kFamilies) {
    fill(found.prefix, family.prefix);
    fill(found.suffix, family.suffix);
    fill(found.middle, family.middle);
    fill(found.repository, family.repository);
    fill(found.file, family.file);
  }
  for (const std::string_view name : {"<|fim_pad|>", "<fim_pad>", "<fim-pad>"}) {
    fill(found.pad, name);
  }
  fill(found.repository, "<|fim_repo|>");
  return found;
}

}  // namespace engram
