// indexer/semantic/live_message.h: what is said between Engram and an engram-clang-worker that
// holds one open file (`--live`).
//
// Framed as in unit_message.h. The worker keeps what the inclusions at the head of its file come to
// (the preamble) from one request to the next. While it works, a message without a body asks it to
// give the request up; at any other time that message means nothing. Neither side trusts the other.
//
// Threads: pure functions.  Errors: kCorrupt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/semantic/unit_message.h"

namespace engram {

enum class LiveQuestion : std::uint8_t { kDiagnose, kComplete, kSignatures, kDescribe };

// A name that some header declares, for an open file that may not include it.
struct LiveCandidate {
  std::string name;   // "Box"
  std::string scope;  // the namespace: "engram::lsp"
  SymbolKind kind = SymbolKind::kUnknown;
  std::string path;  // of the header, absolute
  friend bool operator==(const LiveCandidate&, const LiveCandidate&) = default;
};

// Options of the remarks on inclusions that a file does not use, or lacks.
inline constexpr std::string_view kUnusedInclude = "unused-include",
                                  kMissingInclude = "missing-include";

struct LiveRequest {
  LiveQuestion question = LiveQuestion::kDiagnose;
  std::string directory;               // absolute
  std::vector<std::string> arguments;  // CompileCommand::arguments; the file comes last
  std::vector<UnsavedFile> unsaved;    // every open file that is not as saved
  // kDiagnose: when begin < end, only the function that holds these bytes of the file.
  // kComplete: [begin, end) is the identifier typed so far. kSignatures and kDescribe: `begin` is
  // the cursor.
  std::uint32_t begin = 0, end = 0;
  std::uint32_t most = 200;               // completions
  std::vector<LiveCandidate> candidates;  // of kComplete, best first
  std::vector<ModuleSource> modules;      // that the file, as it is now, imports
  std::uint32_t cpu_seconds = 30;         // the worker ends itself beyond
  friend bool operator==(const LiveRequest&, const LiveRequest&) = default;
};

struct LiveEdit {  // of the file the request is about
  std::uint32_t begin = 0, end = 0;
  std::string text;
  friend bool operator==(const LiveEdit&, const LiveEdit&) = default;
};

struct LivePiece {
  std::string text;
  bool to_fill_in = false;  // "const T &value"
  friend bool operator==(const LivePiece&, const LivePiece&) = default;
};

enum class LiveNameSort : std::uint8_t { kDeclaration, kKeyword, kMacro, kPattern, kFile };

struct LiveName {
  LiveNameSort sort = LiveNameSort::kDeclaration;
  SymbolKind kind = SymbolKind::kUnknown;  // of a declaration
  bool deprecated = false;
  std::uint32_t priority = 0;    // Clang's: less is better
  std::string name;              // "push_back"
  std::string result;            // its type: "void"
  std::string scope;             // "std::vector<int>"
  std::string qualifier;         // must be written before the name: "std::"
  std::string doc;               // the first paragraph
  std::vector<LivePiece> after;  // what is written after the name: "(", "const T &value", ")"
  std::string remark;            // and is not: " const"
  std::vector<LiveEdit> edits;   // elsewhere, which make it fit: "." to "->"
  std::string header;            // "<vector>": `edits` include it, which the file does not yet
  friend bool operator==(const LiveName&, const LiveName&) = default;
};

struct LiveSignature {
  std::string label;  // "int f(int a, int b)"
  std::string doc;
  struct Parameter {
    std::uint32_t begin = 0, end = 0;  // in `label`
    friend bool operator==(const Parameter&, const Parameter&) = default;
  };
  std::vector<Parameter> parameters;
  friend bool operator==(const LiveSignature&, const LiveSignature&) = default;
};

// What stands at a place, as this target and these flags make it. What depends on a template's
// parameters, is incomplete or faulty has no sizes and no value.
struct LiveDetails {
  std::uint32_t begin = 0, end = 0;  // of the name; empty: nothing is known
  std::string head, doc;             // as in UnitSymbol
  // In bits. Of types and fields; of a bit field, its width.
  std::optional<std::uint64_t> size, alignment;
  std::optional<std::uint64_t> offset;  // of a field in its class
  std::string value;                    // of a constant or enumerator: "42"
  std::string expansion;  // of a macro's use: what it comes to, perhaps cut with "..."
  friend bool operator==(const LiveDetails&, const LiveDetails&) = default;
};

struct LiveReply {
  std::string failure;        // empty: the rest holds
  bool given_up = false;      // on request; the rest is empty
  bool new_preamble = false;  // it had to be made
  // kDiagnose: `files` (the open one first) and `diagnostics` alone. A fault in a header stands at
  // its inclusion, with a note at its own place.
  UnitFacts facts;
  std::vector<std::string> missing_headers;  // as they are written
  std::uint32_t begin = 0, end = 0;          // what was diagnosed: the function, or all of the file
  std::vector<LiveName> names;               // best first
  bool more_names = false;                   // than `most`
  std::vector<LiveSignature> signatures;
  std::uint32_t active_signature = 0, active_parameter = 0;
  LiveDetails details;
  friend bool operator==(const LiveReply&, const LiveReply&) = default;
};

std::string encode_live_request(const LiveRequest& request);
Result<LiveRequest> decode_live_request(std::string_view body);
std::string encode_live_reply(const LiveReply& reply);
// `file_bytes`: of the open file's text; no place of it in the reply lies beyond.
Result<LiveReply> decode_live_reply(std::string_view body, std::size_t file_bytes);

}  // namespace engram
