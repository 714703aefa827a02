// lsp/navigation_view.h: what a navigation answer is made from: the open documents at one moment,
// and how places are said to this client.
//
// Threads: immutable; made on the io thread, read on the navigation worker.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "assist/navigation/navigator.h"
#include "core/json.h"
#include "lsp/documents.h"
#include "lsp/protocol.h"

namespace engram::lsp {

struct NavigationView {
  DocumentSnapshot document;  // asked about; null: the workspace
  std::string path;           // its name for the Navigator
  std::filesystem::path root;
  PositionEncoding encoding = PositionEncoding::kUtf16;
  bool markdown = false;        // in hovers
  bool nested_symbols = false;  // in outlines
  std::vector<OpenText> open;
  std::map<std::string, std::string> uris;  // of the open documents, by their path

  std::string uri_of(const std::string& path_of_file) const;
  json::value position(const SourceText& source, std::size_t offset) const;
  json::value range(const SourceText& source, std::size_t begin, std::size_t end) const;
  // Location, with our member "certainty".
  json::object location(const FoundPlace& place) const;
  json::array locations(const std::vector<FoundPlace>& places) const;
};

// The name a document has for the Navigator: relative to `root`, else its path, else its URI.
std::string navigation_path(const std::filesystem::path& root, const Document& document);
OpenText open_text(const std::string& path, const Document& document);

// kInvalidArgument when the line lies outside the document; a column is taken into its line.
Result<std::size_t> offset_in(const Document& document, const Position& position);

int lsp_symbol_kind(SymbolKind kind);

}  // namespace engram::lsp
