// lsp/documents.h: the open documents, as the editor has them now.
//
// A Document is an immutable snapshot: an edit makes a new one, and whoever works on the old one
// keeps it. Positions outside a document are clamped into it, as LSP wants; the encoding is that
// negotiated by initialize.
//
// Threads: Documents is confined to the io thread; a Document may be read anywhere.
// Errors: kNotFound for a document that is not open; kInvalidArgument for an edit whose range ends
// before it begins (the document then stays as it was).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/text.h"
#include "lsp/protocol.h"

namespace engram::lsp {

struct Document {
  std::string uri;
  std::optional<std::filesystem::path> path;  // absent: not a file ("untitled:")
  std::string language_id;                    // as the editor calls it
  std::int64_t version = 0;
  std::shared_ptr<const std::string> text;
  std::shared_ptr<const LineIndex> lines;
  PositionEncoding encoding = PositionEncoding::kUtf16;

  std::size_t offset(const Position& position) const;
  Position position(std::size_t offset) const;
};

using DocumentSnapshot = std::shared_ptr<const Document>;

class Documents {
 public:
  void set_encoding(PositionEncoding encoding) { encoding_ = encoding; }

  DocumentSnapshot open(const DidOpenParams& params);  // an open one is replaced
  struct Change {
    DocumentSnapshot document;
    std::size_t cursor = 0;  // end of the last inserted text: where the user likely is
  };
  Result<Change> change(const DidChangeParams& params);
  void close(const std::string& uri);
  DocumentSnapshot find(const std::string& uri) const;  // null when not open
  std::vector<std::string> uris() const;
  std::size_t size() const { return open_.size(); }

 private:
  PositionEncoding encoding_ = PositionEncoding::kUtf16;
  std::map<std::string, DocumentSnapshot> open_;
};

}  // namespace engram::lsp
