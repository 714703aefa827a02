#include "assist/completion/document_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/edited_region.h"
#include "core/hash.h"
#include "indexer/scan/path_class.h"
#include "indexer/scan/secrets.h"
#include "indexer/syntax/language.h"

namespace engram {

namespace {

constexpr std::size_t kKeptDocuments = 16;
constexpr std::size_t kMaxParsedBytes = 2u << 20;
constexpr std::chrono::milliseconds kParseLimit{150};

// Turns the old text into the new one by replacing what lies between their common ends.
bool edit_to(SyntaxTree& tree, std::string_view text) {
  const std::string_view old = tree.text();
  if (old == text) return true;
  const EditedRegion edit = edited_region(old, text);
  const std::string replacement(text.substr(edit.begin, edit.inserted));
  return static_cast<bool>(tree.edit(edit.begin, edit.end, replacement));
}

}  // namespace

void update_document(DocumentState& document, std::string_view path, std::string_view language,
                     std::string_view text) {
  const std::string_view name = language.empty() ? language_of(path, text) : language;
  if (name != document.language) {
    document.language = std::string(name);
    document.tree.reset();
  }
  if (const std::uint64_t inspected = xxh3(text, xxh3(path)); document.inspected != inspected) {
    document.inspected = inspected;
    document.secret = std::string(secret_by_name(path));
    if (const auto secret = find_secret(text); secret && document.secret.empty()) {
      document.secret = fmt::format("{} at line {}", secret->kind, secret->line);
    }
  }
  if (language_traits(document.language) == nullptr || text.size() > kMaxParsedBytes) {
    document.tree.reset();
    return;
  }
  if (document.tree && edit_to(*document.tree, text)) return;
  document.tree.reset();
  auto tree = SyntaxTree::parse(document.language, std::string(text), kParseLimit);
  if (tree) document.tree = *std::move(tree);
}

std::shared_ptr<DocumentState> Documents::get(const std::string& path) {
  const MutexLock lock(mutex_);
  const auto it = std::find_if(open_.begin(), open_.end(),
                               [&](const auto& entry) { return entry.first == path; });
  if (it != open_.end()) {
    std::rotate(it, it + 1, open_.end());
    return open_.back().second;
  }
  if (open_.size() == kKeptDocuments) open_.erase(open_.begin());
  open_.emplace_back(path, std::make_shared<DocumentState>());
  return open_.back().second;
}

}  // namespace engram
