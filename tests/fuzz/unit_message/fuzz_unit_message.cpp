// What a worker that was taken over may answer, and what anybody might send it. A crash, a
// sanitizer report, or facts that break the promises of unit_facts.h are findings; and what was
// accepted must say the same when it is sent again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "indexer/semantic/unit_message.h"
#include "tests/semantic/sample_unit.h"

namespace engram {

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Place>
void require_place(const UnitFacts& facts, const Place& place) {
  require(place.file < facts.files.size());
  require(place.begin <= place.end && place.end <= facts.files[place.file].size);
}

void require_promises(const UnitFacts& facts) {
  for (const Occurrence& o : facts.occurrences) {
    require_place(facts, o);
    require(o.symbol < facts.symbols.size());
    require(o.container == kNone || o.container < facts.symbols.size());
  }
  for (const SymbolLink& link : facts.links) {
    require(link.from < facts.symbols.size() && link.to < facts.symbols.size());
  }
  for (const Inclusion& i : facts.inclusions) {
    require_place(facts, i);
    require(i.target == kNone || i.target < facts.files.size());
  }
  for (const DefinitionExtent& e : facts.extents) {
    require_place(facts, e);
    require(e.symbol < facts.symbols.size());
    require(e.body_begin <= e.body_end && e.body_end <= facts.files[e.file].size);
  }
  for (const InactiveRegion& region : facts.inactive) require_place(facts, region);
  for (const UnitDiagnostic& d : facts.diagnostics) {
    if (d.file != kNone) require_place(facts, d);
    for (const FixIt& fix : d.fixes) require_place(facts, fix);
  }
}

void fuzz_reply(std::string_view body) {
  const auto reply = decode_reply(body);
  if (!reply) return;
  require_promises(reply->facts);
  const auto again = decode_reply(encode_reply(*reply));
  require(again && *again == *reply);
}

void fuzz_request(std::string_view body) {
  const auto request = decode_request(body);
  if (!request) return;
  const auto again = decode_request(encode_request(*request));
  require(again && *again == *request);
}

// Pairs (offset, byte) patch a sound reply, so that what is read stays plausible.
void fuzz_patched(std::string_view data) {
  static const std::string sound = encode_reply({{}, sample_unit()});
  std::string body = sound;
  for (; data.size() >= 2; data.remove_prefix(2)) {
    body[static_cast<std::uint8_t>(data[0]) * body.size() / 256] = data[1];
  }
  fuzz_reply(body);
}

}  // namespace

}  // namespace engram

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      engram::fuzz_request(input);
      break;
    case 1:
      static_cast<void>(engram::body_bytes(input, 1u << 20));
      engram::fuzz_reply(input);
      break;
    default:
      engram::fuzz_patched(input);
      break;
  }
  return 0;
}
