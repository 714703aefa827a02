#include "engine/token_index.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace engram {
namespace {

// The first eight bytes as a number that sorts as they do: most comparisons end here.
std::uint64_t sort_key(std::string_view bytes) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    key = (key << 8) | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  }
  return key;
}

}  // namespace

std::size_t line_end_in(std::string_view text, std::size_t from) {
  const std::size_t newline = text.find('\n', from);
  if (newline == std::string_view::npos) return newline;
  return newline > from && text[newline - 1] == '\r' ? newline - 1 : newline;
}

TokenIndex::TokenIndex(std::shared_ptr<const Tokenizer> tokenizer)
    : tokenizer_(std::move(tokenizer)) {
  std::vector<std::pair<std::uint64_t, TokenId>> keyed;
  keyed.reserve(tokenizer_->vocab_size());
  for (std::size_t i = 0; i < tokenizer_->vocab_size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (tokenizer_->is_end(id)) {
      ends_.push_back(id);
    } else if (!tokenizer_->bytes(id).empty()) {
      keyed.emplace_back(sort_key(tokenizer_->bytes(id)), id);
    }
  }
  std::sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const int order = tokenizer_->bytes(a.second).compare(tokenizer_->bytes(b.second));
    return order != 0 ? order < 0 : a.second < b.second;
  });
  order_.reserve(keyed.size());
  for (const auto& [key, id] : keyed) order_.push_back(id);

  std::unordered_map<std::string_view, TokenId> without_token;
  for (const TokenId id : order_) {
    const std::string_view bytes = tokenizer_->bytes(id);
    const std::size_t end = line_end_in(bytes);
    if (end == std::string_view::npos) continue;
    const std::string_view before = bytes.substr(0, end);
    TokenId into = before.empty() ? -1 : find(before);
    if (into < 0) into = without_token.emplace(before, id).first->second;
    if (before.empty()) line_end_ = into;
    folds_.push_back({id, into});
  }
  by_token_ = by_target_ = folds_;
  std::sort(by_token_.begin(), by_token_.end(),
            [](const Fold& a, const Fold& b) { return a.token < b.token; });
  std::sort(by_target_.begin(), by_target_.end(),
            [](const Fold& a, const Fold& b) { return a.into < b.into; });
}

TokenId TokenIndex::fold_of(TokenId token) const {
  const auto at = std::lower_bound(by_token_.begin(), by_token_.end(), token,
                                   [](const Fold& f, TokenId wanted) { return f.token < wanted; });
  return at != by_token_.end() && at->token == token ? at->into : token;
}

std::span<const TokenIndex::Fold> TokenIndex::folding_into(TokenId into) const {
  const auto begin =
      std::lower_bound(by_target_.begin(), by_target_.end(), into,
                       [](const Fold& f, TokenId wanted) { return f.into < wanted; });
  auto end = begin;
  while (end != by_target_.end() && end->into == into) ++end;
  return {begin, end};
}

std::span<const TokenId> TokenIndex::starting_with(std::string_view prefix) const {
  const auto head = [&](TokenId id) { return tokenizer_->bytes(id).substr(0, prefix.size()); };
  const auto begin =
      std::lower_bound(order_.begin(), order_.end(), prefix,
                       [&](TokenId id, std::string_view wanted) { return head(id) < wanted; });
  const auto end =
      std::upper_bound(begin, order_.end(), prefix,
                       [&](std::string_view wanted, TokenId id) { return wanted < head(id); });
  return {order_.data() + (begin - order_.begin()), static_cast<std::size_t>(end - begin)};
}

TokenId TokenIndex::find(std::string_view bytes) const {
  if (bytes.empty()) return -1;
  const auto at = std::lower_bound(
      order_.begin(), order_.end(), bytes,
      [&](TokenId id, std::string_view wanted) { return tokenizer_->bytes(id) < wanted; });
  return at != order_.end() && tokenizer_->bytes(*at) == bytes ? *at : -1;
}

std::vector<TokenId> spell(const TokenIndex& index, std::string_view forced,
                           std::string_view text) {
  const Tokenizer& tokenizer = index.tokenizer();
  const std::string all = std::string(forced) + std::string(text);
  std::vector<TokenId> ids;
  std::size_t at = 0;  // bytes spelled
  while (at < forced.size()) {
    const std::string_view rest = std::string_view(all).substr(at);
    const std::string_view needed = forced.substr(at);
    TokenId best = -1;
    std::size_t longest = 0;
    for (const TokenId id : index.starting_with(needed)) {
      const std::string_view bytes = tokenizer.bytes(id);
      if (bytes.size() > longest && rest.starts_with(bytes)) best = id, longest = bytes.size();
    }
    for (std::size_t n = needed.size() - 1; best < 0 && n > 0; --n) {
      best = index.find(needed.substr(0, n));
    }
    if (best < 0) return {};
    ids.push_back(best);
    at += tokenizer.bytes(best).size();
  }
  const auto more = tokenizer.encode(std::string_view(all).substr(at));
  ids.insert(ids.end(), more.begin(), more.end());
  return ids;
}

}  // namespace engram
