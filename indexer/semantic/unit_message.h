// indexer/semantic/unit_message.h: what is said between Engram and engram-clang-worker.
//
// One request, one reply, over one end each of a socketpair: eight bytes (a mark and the length)
// and a body in the varints of memory/byte_codec.h. Neither side trusts the other: a worker has
// read a hostile repository and may have been taken over by it. A body is decoded whole or refused;
// what a decoder returns holds to unit_facts.h, and takes at most some ten times the body's bytes.
//
// Threads: pure functions.  Errors: kCorrupt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/commands/compile_command.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

struct UnsavedFile {
  std::string path;  // absolute
  std::string contents;
  friend bool operator==(const UnsavedFile&, const UnsavedFile&) = default;
};

// How much of the files found through system include paths is told. Unless it is all, function
// bodies there are not parsed.
enum class SystemHeaders : std::uint8_t { kNothing, kDeclarations, kAll };

struct UnitRequest {
  std::string root;       // the workspace: keys of file-private symbols are relative to it
  std::string directory;  // absolute; where Clang is to believe it runs
  std::vector<std::string> arguments;  // CompileCommand::arguments
  std::vector<UnsavedFile> unsaved;
  Certainty best_certainty = Certainty::kSemantic;  // what these arguments allow to claim
  bool skip_bodies = false;
  SystemHeaders system_headers = SystemHeaders::kDeclarations;
  std::uint32_t cpu_seconds = 60;  // the worker ends itself beyond
  // Tell no view of a header that is held; those become held that no request to this worker named.
  bool each_header_once = false;
  std::vector<ViewKey> newly_held;
  // Names of system headers (<vector> without brackets) that this unit includes somewhere and other
  // units, too: read once for all of them, part after part (indexer/clang/prefix_check.h).
  std::vector<std::vector<std::string>> prefix;
  std::vector<ModuleSource> modules;  // CompileCommand::modules
  friend bool operator==(const UnitRequest&, const UnitRequest&) = default;
};

struct UnitReply {
  std::string failure;  // empty: `facts` hold. Broken code is no failure.
  UnitFacts facts;
  friend bool operator==(const UnitReply&, const UnitReply&) = default;
};

std::string encode_request(const UnitRequest& request);
Result<UnitRequest> decode_request(std::string_view body);
std::string encode_reply(const UnitReply& reply);
Result<UnitReply> decode_reply(std::string_view body);

constexpr std::size_t kMessageHeadBytes = 8;
std::string message_head(std::uint32_t body_bytes);
// kCorrupt when the mark is wrong or the body would be larger than `limit`.
Result<std::uint32_t> body_bytes(std::string_view head, std::uint32_t limit);

}  // namespace engram
