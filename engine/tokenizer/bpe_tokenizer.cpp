#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bitset>
#include <unordered_map>
#include <utility>

#include "core/hash.h"
#include "core/sync.h"
#include "engine/tokenizer/merges.h"
#include "engine/tokenizer/normalization.h"
#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/spm_tokenizer.h"
#include "engine/tokenizer/supported_tokenizers.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"
#include "engine/tokenizer/word_cache.h"

namespace engram {
namespace {

// Where GGUF writers put the fill-in-the-middle ids when they know them.
FimTokens read_declared_fim(const GgufFile& file, const Vocabulary& vocabulary) {
  const auto id = [&](std::string_view name) -> std::optional<TokenId> {
    const auto value = file.unsigned_integer(fmt::format("tokenizer.ggml.fim_{}_token_id", name));
    if (!value || *value >= vocabulary.size()) return std::nullopt;
    return static_cast<TokenId>(*value);
  };
  return {id("pre"), id("suf"), id("mid"), id("pad"), id("rep"), id("sep")};
}

class BpeTokenizer final : public Tokenizer {
 public:
  BpeTokenizer(Vocabulary vocabulary, Merges merges, PreTokenizerRules rules)
      : vocabulary_(std::move(vocabulary)),
        merges_(std::move(merges)),
        pre_(rules.kind),
        llama3_family_(rules.llama3_family) {}

  Result<void> read_marks(const GgufFile& file);

  std::size_t vocab_size() const override { return vocabulary_.size(); }
  std::vector<TokenId> encode(std::string_view text) const override;
  std::string decode(std::span<const TokenId> ids) const override {
    std::string out;
    for (const TokenId id : ids) out += bytes(id);
    return out;
  }
  std::string_view bytes(TokenId id) const override { return vocabulary_.bytes(id); }
  bool is_control(TokenId id) const override {
    return vocabulary_.contains(id) && vocabulary_.bytes(id).empty();
  }
  bool is_end(TokenId id) const override {
    return vocabulary_.contains(id) && (vocabulary_.bytes(id).empty() || id >= first_mark_ ||
                                        std::binary_search(ends_.begin(), ends_.end(), id));
  }
  std::optional<TokenId> special(std::string_view name) const override {
    return vocabulary_.special(name);
  }
  std::string_view special_name(TokenId id) const override { return vocabulary_.special_name(id); }
  std::optional<TokenId> bos() const override { return bos_; }
  std::string_view fingerprint() const override { return fingerprint_; }
  FimTokens declared_fim() const override { return declared_fim_; }

 private:
  void encode_plain(std::string_view text, WordCache& cache, std::vector<TokenId>& out) const;
  std::size_t find_literal(std::string_view text, std::size_t from, std::size_t& which) const;
  void index_whole_pieces();

  Vocabulary vocabulary_;
  Merges merges_;
  PreTokenizer pre_;
  bool llama3_family_;
  std::unordered_map<std::string_view, TokenId> whole_pieces_;  // llama3: pieces that are tokens
  std::optional<TokenId> bos_;
  std::vector<TokenId> ends_;        // beyond the control tokens; sorted
  TokenId first_mark_ = 0x7FFFFFFF;  // qwen2: all ids from here on are marks
  FimTokens declared_fim_;
  std::string fingerprint_;
  std::vector<std::pair<std::string, TokenId>> literals_;  // user-defined, longest first
  std::bitset<256> literal_first_bytes_;

  mutable Mutex mutex_;
  mutable std::vector<std::unique_ptr<WordCache>> idle_caches_ ENGRAM_GUARDED_BY(mutex_);
};

Result<void> BpeTokenizer::read_marks(const GgufFile& file) {
  for (const auto& [name, id] : vocabulary_.user_defined()) {
    literals_.emplace_back(name, id);
    literal_first_bytes_.set(static_cast<unsigned char>(name.front()));
  }
  std::sort(literals_.begin(), literals_.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a < b;
  });
  for (const std::string_view key : {"eos", "eot", "eom"}) {
    const auto name = fmt::format("tokenizer.ggml.{}_token_id", key);
    const auto id = file.unsigned_integer(name);
    if (!id) continue;
    if (*id >= vocabulary_.size()) {
      return Error{
          Errc::kCorrupt,
          fmt::format("cannot read the tokenizer of {}: '{}' is {}, but there are {} tokens",
                      file.path().string(), name, *id, vocabulary_.size())};
    }
    ends_.push_back(static_cast<TokenId>(*id));
  }
  std::sort(ends_.begin(), ends_.end());
  if (pre_ == PreTokenizer::kQwen2) {
    first_mark_ = vocabulary_.special("<|endoftext|>").value_or(first_mark_);
  }
  const auto bos = file.unsigned_integer("tokenizer.ggml.bos_token_id");
  if (file.boolean("tokenizer.ggml.add_bos_token").value_or(llama3_family_) && bos &&
      *bos < vocabulary_.size()) {
    bos_ = static_cast<TokenId>(*bos);
  }
  declared_fim_ = read_declared_fim(file, vocabulary_);
  if (llama3_family_) index_whole_pieces();

  std::uint64_t hash = 0;
  for (const std::string_view key : {"tokenizer.ggml.tokens", "tokenizer.ggml.merges"}) {
    for (const std::string_view item : file.string_array(key)) hash = xxh3(item, hash);
  }
  for (std::size_t i = 0; i < vocabulary_.size(); ++i) {
    hash = hash * 31 + static_cast<std::uint64_t>(vocabulary_.type(static_cast<TokenId>(i)));
  }
  fingerprint_ =
      fmt::format("{}-{}-{:016x}", *file.string("tokenizer.ggml.pre"), vocabulary_.size(), hash);
  return {};
}

void BpeTokenizer::index_whole_pieces() {
  whole_pieces_.reserve(vocabulary_.size());
  for (std::size_t i = 0; i < vocabulary_.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (vocabulary_.type(id) == TokenType::kNormal) {
      whole_pieces_.emplace(vocabulary_.bytes(id), id);
    }
  }
}

// First user-defined token at or after `from`; text.size() when there is none.
std::size_t BpeTokenizer::find_literal(std::string_view text, std::size_t from,
                                       std::size_t& which) const {
  if (literals_.empty()) return text.size();
  for (std::size_t i = from; i < text.size(); ++i) {
    if (!literal_first_bytes_.test(static_cast<unsigned char>(text[i]))) continue;
    for (which = 0; which < literals_.size(); ++which) {
      if (text.substr(i).starts_with(literals_[which].first)) return i;
    }
  }
  return text.size();
}

std::vector<TokenId> BpeTokenizer::encode(std::string_view text) const {
  std::unique_ptr<WordCache> cache;
  {
    const MutexLock lock(mutex_);
    if (!idle_caches_.empty()) {
      cache = std::move(idle_caches_.back());
      idle_caches_.pop_back();
    }
  }
  if (cache == nullptr) cache = std::make_unique<WordCache>();
  std::vector<TokenId> out;
  out.reserve(text.size() / 3 + 1);
  std::string normal;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t which = 0;
    const std::size_t end = find_literal(text, begin, which);
    const std::string_view plain = text.substr(begin, end - begin);
    encode_plain(pre_ == PreTokenizer::kQwen2 ? to_nfc(plain, normal) : plain, *cache, out);
    begin = end;
    if (end < text.size()) {
      out.push_back(literals_[which].second);
      begin += literals_[which].first.size();
    }
  }
  const MutexLock lock(mutex_);
  idle_caches_.push_back(std::move(cache));
  return out;
}

void BpeTokenizer::encode_plain(std::string_view text, WordCache& cache,
                                std::vector<TokenId>& out) const {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(pre_, text, begin);
    const std::string_view piece = text.substr(begin, end - begin);
    begin = end;
    const std::span<const TokenId> known = cache.find(piece);
    if (!known.empty()) {
      out.insert(out.end(), known.begin(), known.end());
      continue;
    }
    const std::size_t first = out.size();
    if (const auto whole = whole_pieces_.find(piece); whole != whole_pieces_.end()) {
      out.push_back(whole->second);
    } else {
      merges_.apply(piece, vocabulary_, out);
    }
    cache.keep(piece, std::span(out).subspan(first));
  }
}

}  // namespace

std::vector<std::string_view> supported_tokenizers() { return {"gpt2", "llama", "gemma"}; }

Result<std::shared_ptr<const Tokenizer>> Tokenizer::from_gguf(const GgufFile& file) {
  const auto refuse = [&](Errc code, std::string_view what) {
    return Error{code,
                 fmt::format("cannot read the tokenizer of {}: {}", file.path().string(), what)};
  };
  const auto model = file.string("tokenizer.ggml.model");
  if (!model) return refuse(Errc::kCorrupt, "'tokenizer.ggml.model' is missing");
  const auto known = supported_tokenizers();
  if (std::find(known.begin(), known.end(), *model) == known.end()) {
    return refuse(Errc::kInvalidArgument,
                  fmt::format("'tokenizer.ggml.model' is the unsupported '{}' (supported: {})",
                              *model, fmt::join(known, ", ")));
  }
  if (*model != "gpt2") return load_spm_tokenizer(file);
  const auto name = file.string("tokenizer.ggml.pre");
  if (!name) return refuse(Errc::kCorrupt, "'tokenizer.ggml.pre' is missing");
  const auto pre = find_pre_tokenizer(*name);
  if (!pre) {
    return refuse(Errc::kInvalidArgument,
                  fmt::format("'tokenizer.ggml.pre' is the unsupported '{}' (supported: {})", *name,
                              fmt::join(supported_pre_tokenizers(), ", ")));
  }
  ENGRAM_TRY(vocabulary, Vocabulary::load(file));
  ENGRAM_TRY(merges, Merges::load(file, vocabulary));
  auto tokenizer = std::make_shared<BpeTokenizer>(std::move(vocabulary), std::move(merges), *pre);
  ENGRAM_TRY_VOID(tokenizer->read_marks(file));
  return std::shared_ptr<const Tokenizer>(std::move(tokenizer));
}

}  // namespace engram
