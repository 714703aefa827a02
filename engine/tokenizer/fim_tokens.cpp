#include <array>
#include <initializer_list>

#include "engine/tokenizer/tokenizer.h"

namespace engram {
namespace {

std::optional<TokenId> first_of(const Tokenizer& tokenizer,
                                std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto id = tokenizer.special(name)) return id;
  }
  return std::nullopt;
}

}  // namespace

// The families' own spellings; what the model file declares comes first.
FimTokens fim_tokens(const Tokenizer& tokenizer) {
  FimTokens found = tokenizer.declared_fim();
  const auto fill = [&](std::optional<TokenId>& id, std::initializer_list<std::string_view> names) {
    if (!id) id = first_of(tokenizer, names);
  };
  fill(found.prefix, {"<|fim_prefix|>", "<fim_prefix>", "<fim-prefix>", "<PRE>", "<｜fim▁begin｜>",
                      "<[fim-prefix]>", "[PREFIX]"});
  fill(found.suffix, {"<|fim_suffix|>", "<fim_suffix>", "<fim-suffix>", "<SUF>", "<｜fim▁hole｜>",
                      "<[fim-suffix]>", "[SUFFIX]"});
  fill(found.middle, {"<|fim_middle|>", "<fim_middle>", "<fim-middle>", "<MID>", "<｜fim▁end｜>",
                      "<[fim-middle]>", "[MIDDLE]"});
  fill(found.pad, {"<|fim_pad|>", "<fim_pad>", "<fim-pad>"});
  fill(found.repository, {"<|repo_name|>", "<repo_name>", "<reponame>", "<|fim_repo|>"});
  fill(found.file, {"<|file_sep|>", "<file_sep>"});
  return found;
}

}  // namespace engram
