#include "indexer/semantic/unit_message.h"

#include <functional>

#include "tests/semantic/sample_unit.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("unit_message: a reply comes back as it was sent", "[semantic]") {
  const UnitReply reply{{}, sample_unit()};
  const auto back = decode_reply(encode_reply(reply));
  REQUIRE(back);
  CHECK(*back == reply);
  const UnitReply failure{"no such file", {}};
  const auto failed = decode_reply(encode_reply(failure));
  REQUIRE(failed);
  CHECK(*failed == failure);
}

TEST_CASE("unit_message: a request comes back as it was sent", "[semantic]") {
  UnitRequest request;
  request.root = "/w";
  request.directory = "/w/build";
  request.arguments = {"clang++", "-DX=\"a b\"", "", "/w/a.cpp"};
  request.unsaved = {{"/w/a.cpp", std::string("int\0x;", 6)}};
  request.best_certainty = Certainty::kInferred;
  request.skip_bodies = true;
  request.system_headers = SystemHeaders::kAll;
  request.cpu_seconds = 7;
  request.each_header_once = true;
  request.newly_held = {{{1}}, {{2}}};
  request.prefix = {{"vector", "sys/stat.h"}, {"map"}};
  request.modules = {{"shapes:part", "/w", {"clang++", "/w/part.cppm"}}, {"s", "/", {"x"}}};
  const auto back = decode_request(encode_request(request));
  REQUIRE(back);
  CHECK(*back == request);
}

TEST_CASE("unit_message: a header's name that ends its line is refused", "[semantic]") {
  const std::string names[] = {"a", "", "a>\n#include <b", "a\nb", std::string("a\0b", 3)};
  for (const std::string& name : names) {
    UnitRequest request;
    request.prefix = {{"vector", name}};
    INFO(name);
    CHECK(static_cast<bool>(decode_request(encode_request(request))) == (name == "a"));
  }
}

TEST_CASE("unit_message: a reply cut short or grown is refused at every length", "[semantic]") {
  const std::string whole = encode_reply({{}, sample_unit()});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    const auto reply = decode_reply(std::string_view(whole).substr(0, size));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code == Errc::kCorrupt);
  }
  CHECK_FALSE(decode_reply(whole + '\0'));
}

TEST_CASE("unit_message: facts that break their own promises are refused", "[semantic]") {
  struct Case {
    const char* why;
    std::function<void(UnitFacts&)> spoil;
  };
  const Case cases[] = {
      {"an occurrence past the end of its file", [](auto& f) { f.occurrences[0].end = 101; }},
      {"an occurrence in no file", [](auto& f) { f.occurrences[2].file = 2; }},
      {"an occurrence of no symbol", [](auto& f) { f.occurrences[2].symbol = 2; }},
      {"a container that is no symbol", [](auto& f) { f.occurrences[2].container = 2; }},
      {"an unknown role", [](auto& f) { f.occurrences[2].roles = kAllRoles + 1; }},
      {"one place twice", [](auto& f) { f.occurrences[1] = f.occurrences[0]; }},
      {"a link from no symbol", [](auto& f) { f.links[1].from = 2; }},
      {"a link to no symbol", [](auto& f) { f.links[1].to = 9; }},
      {"one link twice", [](auto& f) { f.links[1] = f.links[0]; }},
      {"a link told in no file", [](auto& f) { f.links[1].file = 2; }},
      {"a link of an unknown kind", [](auto& f) { f.links[0].kind = RelationKind{6}; }},
      {"a view of no file", [](auto& f) { f.views[1].file = 2; }},
      {"views out of order", [](auto& f) { std::swap(f.views[0], f.views[1]); }},
      {"two views of one file", [](auto& f) { f.views[1].file = f.views[0].file; }},
      {"a view told in an unknown way", [](auto& f) { f.views[1].told = ViewTold{3}; }},
      {"symbols out of order", [](auto& f) { std::swap(f.symbols[0], f.symbols[1]); }},
      {"one key twice", [](auto& f) { f.symbols[1].key = f.symbols[0].key; }},
      {"an unknown kind of symbol", [](auto& f) { f.symbols[0].kind = SymbolKind{200}; }},
      {"an included file that is none", [](auto& f) { f.inclusions[0].target = 2; }},
      {"an inclusion past the end", [](auto& f) { f.inclusions[0].end = 200; }},
      {"an extent past the end", [](auto& f) { f.extents[0].end = 101; }},
      {"a body past the end", [](auto& f) { f.extents[0].body_end = 101; }},
      {"an inactive region past the end", [](auto& f) { f.inactive[0].end = 51; }},
      {"a fix past the end", [](auto& f) { f.diagnostics[0].fixes[0].end = 101; }},
      {"a diagnostic at a place in no file", [](auto& f) { f.diagnostics[1].end = 1; }},
      {"an unknown level", [](auto& f) { f.diagnostics[0].level = DiagnosticLevel{5}; }},
      {"an unknown certainty", [](auto& f) { f.certainty = Certainty{4}; }},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    UnitFacts facts = sample_unit();
    c.spoil(facts);
    CHECK_FALSE(decode_reply(encode_reply({{}, facts})));
  }
}

TEST_CASE("unit_message: the head's mark and length are checked", "[semantic]") {
  const auto size = body_bytes(message_head(70'000), 100'000);
  REQUIRE(size);
  CHECK(*size == 70'000);
  const auto large = body_bytes(message_head(70'000), 69'999);
  REQUIRE_FALSE(large);
  CHECK(large.error().message == "a message of 70000 bytes, more than the 69999 allowed");
  CHECK_FALSE(body_bytes("EGU0\1\0\0\0", 100));
  CHECK_FALSE(body_bytes("EGU1", 100));
}

}  // namespace engram
