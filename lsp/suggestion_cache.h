// lsp/suggestion_cache.h: suggestions shown lately, found again while the user types along them.
//
// An entry is an item and the document it was made for. It still holds in a later text when
// everything before the item and everything after the cursor is unchanged and what stands between
// is the beginning of the item. Then the rest of the item is the suggestion. Brackets and quotes
// that the editor closed by itself ("(" typed, ")" added) may stand right of the cursor when the
// rest of the item brings them too: they are replaced.
//
// Threads: confined to the io thread. Bounded: the oldest entries go first.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "assist/completion/completion.h"

namespace engram::lsp {

class SuggestionCache {
 public:
  struct Limits {
    std::size_t entries = 32;
    std::size_t bytes = 32u << 20;  // of the document snapshots that entries keep alive
  };
  explicit SuggestionCache(Limits limits) : limits_(limits) {}

  void remember(const std::string& uri, std::shared_ptr<const std::string> text,
                const CompletionItem& item);
  // What is left of a remembered item at `offset` of `text`; its range lies there.
  std::optional<CompletionItem> find(const std::string& uri, std::string_view text,
                                     std::size_t offset);
  void forget(const std::string& uri);

 private:
  struct Entry {
    std::string uri;
    std::shared_ptr<const std::string> text;
    CompletionItem item;
  };
  Limits limits_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // latest first
};

}  // namespace engram::lsp
