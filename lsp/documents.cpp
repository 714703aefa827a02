#include "lsp/documents.h"

#include <fmt/format.h>

#include "core/path.h"
#include "lsp/text_positions.h"

namespace engram::lsp {

std::size_t Document::offset(const Position& position) const {
  return offset_at(*text, *lines, encoding, position);
}

Position Document::position(std::size_t byte_offset) const {
  return position_at(*text, *lines, encoding, byte_offset);
}

namespace {

void set_text(Document& document, std::string text) {
  document.lines = std::make_shared<const LineIndex>(text);
  document.text = std::make_shared<const std::string>(std::move(text));
}

// Applies one edit; the end of what it inserted.
Result<std::size_t> apply(Document& document, const ContentChange& change) {
  if (!change.range) {
    set_text(document, change.text);
    return change.text.size();
  }
  const std::size_t begin = document.offset(change.range->start);
  const std::size_t end = document.offset(change.range->end);
  if (end < begin) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot edit '{}': the range ends before it begins", document.uri)};
  }
  std::string text;
  text.reserve(document.text->size() - (end - begin) + change.text.size());
  text.append(*document.text, 0, begin).append(change.text).append(*document.text, end);
  set_text(document, std::move(text));
  return begin + change.text.size();
}

}  // namespace

DocumentSnapshot Documents::open(const DidOpenParams& params) {
  auto document = std::make_shared<Document>();
  document->uri = params.uri;
  if (auto path = path_from_uri(params.uri)) document->path = *std::move(path);
  document->language_id = params.language_id;
  document->version = params.version;
  document->encoding = encoding_;
  set_text(*document, params.text);
  return open_[params.uri] = std::move(document);
}

Result<Documents::Change> Documents::change(const DidChangeParams& params) {
  const auto found = open_.find(params.uri);
  if (found == open_.end()) {
    return Error{Errc::kNotFound, fmt::format("cannot edit '{}': it is not open", params.uri)};
  }
  auto document = std::make_shared<Document>(*found->second);
  document->version = params.version;
  std::size_t cursor = 0;
  for (const ContentChange& change : params.changes) {
    ENGRAM_TRY(end, apply(*document, change));
    cursor = end;
  }
  found->second = document;
  return Change{std::move(document), cursor};
}

void Documents::close(const std::string& uri) { open_.erase(uri); }

std::vector<std::string> Documents::uris() const {
  std::vector<std::string> all;
  for (const auto& [uri, document] : open_) all.push_back(uri);
  return all;
}

DocumentSnapshot Documents::find(const std::string& uri) const {
  const auto found = open_.find(uri);
  return found != open_.end() ? found->second : nullptr;
}

}  // namespace engram::lsp
