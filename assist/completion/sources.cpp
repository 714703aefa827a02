#include "assist/completion/sources.h"

#include <algorithm>

#include "assist/completion/line_view.h"
#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr std::size_t kMaxSources = 8;
constexpr std::size_t kMinNameBytes = 3;

// Offset of `word` as a whole identifier, the last one before `end`.
std::size_t rfind_word(std::string_view text, std::string_view word, std::size_t end) {
  std::size_t at = text.substr(0, end).rfind(word);
  while (at != std::string_view::npos) {
    const bool left = at == 0 || !is_identifier_byte(text[at - 1]);
    const std::size_t after = at + word.size();
    if (left && (after >= end || !is_identifier_byte(text[after]))) return at;
    at = at == 0 ? std::string_view::npos : text.rfind(word, at - 1);
  }
  return std::string_view::npos;
}

std::uint32_t line_of(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::uint32_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

class SourceFinder {
 public:
  void add(const std::string& path, std::uint32_t line, Certainty certainty) {
    const auto same = [&](const FactSource& s) { return s.path == path && s.line == line; };
    auto& places = found_.places;
    if (places.size() == kMaxSources || std::any_of(places.begin(), places.end(), same)) return;
    found_.certainty = places.empty() ? certainty : std::min(found_.certainty, certainty);
    places.push_back({path, line});
  }
  bool find_definition(std::string_view name, const PromptSnippet& snippet) {
    if (snippet.kind != PromptSnippet::Kind::kDefinitions) return false;
    for (std::size_t i = 0; i < snippet.names.size(); ++i) {
      if (snippet.names[i] != name) continue;
      add(snippet.path, snippet.lines[i], snippet.certainty);
      return true;
    }
    return false;
  }
  bool find_in_chunk(std::string_view name, const PromptSnippet& snippet) {
    if (snippet.kind != PromptSnippet::Kind::kChunk) return false;
    const std::size_t at = rfind_word(snippet.text, name, snippet.text.size());
    if (at == std::string_view::npos) return false;
    add(snippet.path, snippet.line + line_of(snippet.text, at) - 1, Certainty::kTextual);
    return true;
  }
  Sources take() { return std::move(found_); }

 private:
  Sources found_;
};

}  // namespace

std::uint32_t line_of_name(std::string_view text, std::string_view name, std::size_t offset) {
  std::size_t at = rfind_word(text, name, offset);
  if (at == std::string_view::npos) at = rfind_word(text, name, text.size());
  return at == std::string_view::npos ? 0 : line_of(text, at);
}

Sources find_sources(std::string_view suggestion, const std::vector<PromptSnippet>& snippets,
                     std::string_view path, std::string_view text, std::size_t offset) {
  SourceFinder finder;
  std::vector<std::string_view> open;  // names not found yet
  for (const auto name : identifiers_in(suggestion, kMinNameBytes)) {
    const bool defined = std::any_of(snippets.rbegin(), snippets.rend(), [&](const auto& snippet) {
      return finder.find_definition(name, snippet);
    });
    if (!defined) open.push_back(name);
  }
  for (const auto name : open) {
    const bool seen = std::any_of(snippets.rbegin(), snippets.rend(), [&](const auto& snippet) {
      return finder.find_in_chunk(name, snippet);
    });
    if (seen) continue;
    const std::size_t at = rfind_word(text, name, offset);
    if (at != std::string_view::npos) {
      finder.add(std::string(path), line_of(text, at), Certainty::kTextual);
    }
  }
  return finder.take();
}

}  // namespace engram
