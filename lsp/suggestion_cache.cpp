#include "lsp/suggestion_cache.h"

#include <algorithm>

namespace engram::lsp {

namespace {

constexpr std::string_view kClosers = ")]}\"'`>";

// How many bytes at the start of `after` the editor closed by itself: `after` is that many closers
// followed by `expected`.
std::optional<std::size_t> closers_added(std::string_view after, std::string_view expected) {
  if (after.size() < expected.size()) return {};
  const std::size_t added = after.size() - expected.size();
  if (added > 4 || after.substr(added) != expected) return {};
  const bool closers =
      std::all_of(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(added),
                  [](char c) { return kClosers.find(c) != kClosers.npos; });
  return closers ? std::optional(added) : std::nullopt;
}

// Whether `text` brings every closer of `closers`, in that order.
bool brings(std::string_view text, std::string_view closers) {
  std::size_t at = 0;
  for (const char c : closers) {
    at = text.find(c, at);
    if (at == std::string_view::npos) return false;
    ++at;
  }
  return true;
}

std::optional<CompletionItem> rest_of(const CompletionItem& item, std::string_view before_edit,
                                      std::string_view text, std::size_t offset) {
  if (offset < item.begin || offset > text.size()) return {};
  if (text.substr(0, item.begin) != before_edit.substr(0, item.begin)) return {};
  const std::string_view typed = text.substr(item.begin, offset - item.begin);
  if (!std::string_view(item.text).starts_with(typed)) return {};
  const std::string_view rest = std::string_view(item.text).substr(typed.size());
  if (rest.empty()) return {};
  const auto added = closers_added(text.substr(offset), before_edit.substr(item.end));
  if (!added || !brings(rest, text.substr(offset, *added))) return {};

  CompletionItem left = item;
  left.text = std::string(rest);
  left.begin = offset;
  left.end = offset + *added;
  return left;
}

}  // namespace

void SuggestionCache::remember(const std::string& uri, std::shared_ptr<const std::string> text,
                               const CompletionItem& item) {
  if (text->size() > limits_.bytes || item.end > text->size() || item.begin > item.end) return;
  bytes_ += text->size();
  entries_.push_front({uri, std::move(text), item});
  while (entries_.size() > limits_.entries || bytes_ > limits_.bytes) {
    bytes_ -= entries_.back().text->size();
    entries_.pop_back();
  }
}

std::optional<CompletionItem> SuggestionCache::find(const std::string& uri, std::string_view text,
                                                    std::size_t offset) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->uri != uri) continue;
    if (auto left = rest_of(entry->item, *entry->text, text, offset)) {
      entries_.splice(entries_.begin(), entries_, entry);
      return left;
    }
  }
  return {};
}

void SuggestionCache::forget(const std::string& uri) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->uri == uri) {
      bytes_ -= entry->text->size();
      entry = entries_.erase(entry);
    } else {
      ++entry;
    }
  }
}

}  // namespace engram::lsp
