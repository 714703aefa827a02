// What a worker that was taken over may answer, and what anybody might send it. A crash, a
// sanitizer report, or facts that break the promises of unit_facts.h are findings; and what was
// accepted must say the same when it is sent again.
#include "indexer/semantic/unit_message.h"
#include "tests/fuzz/message_target.h"
#include "tests/semantic/sample_unit.h"

namespace engram {

namespace {

template <class Place>
void require_place(const UnitFacts& facts, const Place& place) {
  require(place.file < facts.files.size());
  require(place.begin <= place.end && place.end <= facts.files[place.file].size);
}

void require_promises(const UnitFacts& facts) {
  for (const Occurrence& o : facts.occurrences) {
    require_place(facts, o);
    require(o.symbol < facts.symbols.size());
    require(o.container == kNoNumber || o.container < facts.symbols.size());
  }
  for (const SymbolLink& link : facts.links) {
    require(link.from < facts.symbols.size() && link.to < facts.symbols.size());
  }
  for (const Inclusion& i : facts.inclusions) {
    require_place(facts, i);
    require(i.target == kNoNumber || i.target < facts.files.size());
  }
  for (const DefinitionExtent& e : facts.extents) {
    require_place(facts, e);
    require(e.symbol < facts.symbols.size());
    require(e.body_begin <= e.body_end && e.body_end <= facts.files[e.file].size);
  }
  for (const InactiveRegion& region : facts.inactive) require_place(facts, region);
  for (const UnitDiagnostic& d : facts.diagnostics) {
    if (d.file != kNoNumber) require_place(facts, d);
    for (const FixIt& fix : d.fixes) require_place(facts, fix);
  }
}

void fuzz_reply(std::string_view body) {
  static_cast<void>(body_bytes(body, 1u << 20));
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

}  // namespace

}  // namespace engram

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string sound = engram::encode_reply({{}, engram::sample_unit()});
  return engram::fuzz_messages(data, size, sound, engram::fuzz_request, engram::fuzz_reply);
}
