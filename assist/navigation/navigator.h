// assist/navigation/navigator.h: where things are defined, used and described, from any position.
//
// Answers come from the best source there is, and every place says which: `semantic` and `inferred`
// from CompilerFacts, `syntactic` from nested scopes inside a file and through imports across
// files, `textual` from names alone. Open buffers stand for their files (source_texts.h). Offsets
// in an answer count in the text that it brings along. docs/design/012-navigation.md says how
// candidates are ranked.
//
// Threads: confined to one thread at a time.  Errors: kInvalidArgument an offset outside the text;
// kNotFound a file that is neither open nor on disk; kCancelled; those of the catalogue. A position
// with nothing to say is an empty answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "assist/navigation/code_tokens.h"
#include "assist/navigation/compiler_facts.h"
#include "assist/navigation/source_texts.h"
#include "core/certainty.h"
#include "core/result.h"
#include "memory/facts.h"

namespace engram {

struct CodePlace {
  std::string path;
  std::size_t offset = 0;
};

struct FoundPlace {
  SourceSnapshot source;             // never null; its path is the place's
  std::uint32_t begin = 0, end = 0;  // the name; empty at 0 for a whole file
  std::string role;                  // "definition", "declaration", or a ReferenceKind's name
  Certainty certainty = Certainty::kTextual;
  std::optional<Symbol> symbol;       // of a definition or declaration
  std::optional<SymbolKey> key = {};  // of that symbol, where the compiler told it
};

struct RelatedSymbol {
  FoundPlace place;                    // its definition, else its declaration
  std::vector<FoundPlace> calls = {};  // of callers and callees: where the calls are written
};

struct InlayHint {
  std::uint32_t offset = 0;
  std::string label;  // "count:" before an argument, ": Tile" behind a variable
  bool is_type = false;
  Certainty certainty = Certainty::kSyntactic;
};

struct HoverText {
  FoundPlace place;                  // what the name stands for
  std::uint32_t begin = 0, end = 0;  // the name that was asked about
  std::string qualified_name;
  std::size_t others = 0;  // candidates beside it
};

struct FoundSymbol {
  SymbolHit hit;
  SourceSnapshot source;
};

class Navigator {
 public:
  // `store`: empty without a memory. `compiler`: may be null, and come later.
  Navigator(std::filesystem::path root, std::filesystem::path store,
            std::unique_ptr<CompilerFacts> compiler = nullptr);
  ~Navigator();

  void set_open(std::vector<OpenText> open);
  void store_changed();
  SourceTexts& texts();

  Result<std::vector<FoundPlace>> definition(const CodePlace& at, std::stop_token stop = {});
  // Where it is declared without a body, else its definition.
  Result<std::vector<FoundPlace>> declaration(const CodePlace& at, std::stop_token stop = {});
  struct ReferenceOptions {
    bool include_declaration = true;
    std::size_t limit = 20'000;
  };
  Result<std::vector<FoundPlace>> references(const CodePlace& at, const ReferenceOptions& options,
                                             std::stop_token stop = {});
  // The uses of the name inside its own file: the compiler's while it has read this very text, else
  // those of the scopes.
  Result<std::vector<FoundPlace>> highlights(const CodePlace& at, std::stop_token stop = {});
  // What stands in that relation to the symbol at a place: each once.
  Result<std::vector<RelatedSymbol>> related(const CodePlace& at, SymbolRelation relation,
                                             std::stop_token stop = {});
  // The same of a symbol that the compiler told (FoundPlace::key), wherever it is by now. Its name
  // finds it faster.
  Result<std::vector<RelatedSymbol>> related_to(const SymbolKey& symbol, std::string_view name,
                                                SymbolRelation relation, std::stop_token stop = {});
  // What each name of a file is, ascending and disjoint: the compiler's word, and the syntax tier's
  // for what that left out.
  Result<std::vector<CodeToken>> tokens(const std::string& path, std::stop_token stop = {});
  // Names of parameters before arguments that do not tell them, types behind variables whose type
  // is deduced; those in [begin, end).
  Result<std::vector<InlayHint>> hints(const std::string& path, std::size_t begin, std::size_t end,
                                       std::stop_token stop = {});
  Result<std::optional<HoverText>> hover(const CodePlace& at, std::stop_token stop = {});
  // "area", "shp", or with a container: "Circle::area". Empty: nothing.
  Result<std::vector<FoundSymbol>> workspace_symbols(const std::string& query, std::size_t limit,
                                                     std::stop_token stop = {});

 private:
  struct Asked;
  Result<Asked> ask(const CodePlace& at, std::stop_token stop);
  // The same without the names of the file, for what the compiler may know without them.
  Result<Asked> ask_without_names(const CodePlace& at);
  Result<void> add_names(Asked& asked, std::stop_token stop);
  static bool is_import_of_another(const Asked& asked);
  Result<std::vector<FoundPlace>> defined_here(const Asked& asked);
  Result<std::vector<FoundPlace>> defined_elsewhere(const Asked& asked, std::stop_token stop);
  // Of a word that is no name to the syntax tier.
  Result<std::vector<FoundPlace>> spelled(const Asked& asked, bool with_uses, std::size_t limit,
                                          std::stop_token stop);
  Result<std::vector<FoundPlace>> compiled_highlights(const Asked& asked);
  void add_references(const Asked& asked, const ReferenceOptions& options,
                      std::vector<ReferenceHit> hits, std::vector<FoundPlace>& out);
  Result<void> add_elsewhere(const Asked& asked, const ReferenceOptions& options, bool unread,
                             std::vector<FoundPlace>& out);
  Result<void> add_unread_references(Asked& asked, const ReferenceOptions& options,
                                     std::vector<FoundPlace>& places, std::stop_token stop);
  Result<void> find_unread_definition(Asked& asked, std::vector<FoundPlace>& places,
                                      std::stop_token stop);

  SourceTexts texts_;
  std::unique_ptr<CompilerFacts> compiler_;
};

}  // namespace engram
