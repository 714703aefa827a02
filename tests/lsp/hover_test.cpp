// What a hover over an open document says, and how long it waits for Clang.
#include "tests/lsp/live_session.h"

namespace engram::lsp {

TEST_CASE("live: a hover says what Clang measures, and does not wait for it for long", "[lsp]") {
  LiveSession rig;
  rig.open("struct S { int field; };\n");
  const auto hover = [&] {
    return rig.request("textDocument/hover", {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                                              {"position", to_json(Position{0, 15})}});
  };
  const auto text = [&](const auto& id) {
    rig.run_all();
    REQUIRE(rig.client.reply(id) != nullptr);
    const json::value result = *find(*rig.client.reply(id), "result");
    return std::string(*find_string(*find(result, "contents"), "value"));
  };
  const auto early = hover();  // nothing was diagnosed yet: at once
  CHECK(text(early).find("size") == std::string::npos);
  rig.say(0, answer({}));
  const auto id = hover();
  REQUIRE(rig.analysis->asked.size() == 2);
  CHECK(rig.analysis->asked[1].ask.question == LiveQuestion::kDescribe);
  CHECK(rig.analysis->asked[1].ask.begin == 15);
  CHECK(rig.client.reply(id) == nullptr);
  LiveAnswer said = answer({}, CommandOrigin::kBorrowed);
  said.reply.details = {15, 20, "int field", "", 11, std::nullopt, 35, "", ""};
  rig.say(1, said);
  CHECK(text(id).find("offset 4 bytes 3 bits, size 11 bits (inferred)") != std::string::npos);
  CHECK(text(id).find("(syntactic)") != std::string::npos);  // of the place
  const auto slow = hover();
  rig.timers.advance(LiveService::kDetailsWait);
  rig.run_all();
  const std::string without = text(slow);
  CHECK(without.find("field") != std::string::npos);
  CHECK(without.find("size") == std::string::npos);
  const std::size_t told = rig.client.received().size();
  rig.say(2, said);  // too late
  CHECK(text(slow) == without);
  CHECK(rig.client.received().size() == told);
}

}  // namespace engram::lsp
