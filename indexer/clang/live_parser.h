// indexer/clang/live_parser.h: one open file, parsed again and again as it is edited.
//
// What its inclusions come to (the preamble) is made once, kept in memory, and used until the text
// of the inclusions, the command or a header changes. In headers no function bodies are parsed.
// What the last whole diagnosis parsed is kept, too: hovers over the same text are answered from
// it.
//
// Threads: confined to one.  Errors: LiveReply::failure.
#pragma once

#include <clang/Frontend/PrecompiledPreamble.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "indexer/clang/imported_modules.h"
#include "indexer/clang/include_record.h"
#include "indexer/clang/live_parse.h"
#include "indexer/semantic/live_message.h"

namespace engram {

class LiveParser {
 public:
  // Asked between the declarations of the file: is the answer still wanted?
  using Unwanted = std::function<bool()>;

  explicit LiveParser(std::vector<std::string> roots) : roots_(std::move(roots)) {}

  LiveReply answer(const LiveRequest& request, const Unwanted& unwanted);

 private:
  struct Preamble {
    std::string command;
    clang::PrecompiledPreamble compiled;
    // What was said while it was made; later parses do not say it again.
    std::vector<UnitFile> files;
    std::vector<UnitDiagnostic> diagnostics;
    std::vector<std::string> missing_headers;
    IncludeRecord includes;
    bool has_errors() const;
  };
  // What was diagnosed last, whole: of this request's text.
  struct Diagnosed {
    LiveRequest request;
    Sha256 modules;
    std::unique_ptr<LiveParse> parse;
    std::map<std::uint32_t, LiveDetails> described;  // by offset, where that took a parse
  };
  struct Call;
  bool keep_preamble(Call& call);
  LiveReply diagnose(Call& call, const Unwanted& unwanted);
  LiveReply complete(Call& call, const Unwanted& unwanted);
  LiveReply describe(Call& call, const Unwanted& unwanted);
  LiveReply parse_and_describe(Call& call, const Unwanted& unwanted);
  void keep_diagnosed(Call& call, std::unique_ptr<LiveParse> parse);
  bool is_diagnosed(const Call& call) const;

  const std::vector<std::string> roots_;
  ImportedModules modules_;
  std::optional<Preamble> preamble_;
  std::optional<Diagnosed> diagnosed_;  // goes before what it was read with
};

}  // namespace engram
