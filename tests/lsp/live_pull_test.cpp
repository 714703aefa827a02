// What an editor that pulls diagnostics is answered, and when.
#include "tests/lsp/live_session.h"

namespace engram::lsp {

TEST_CASE(
    "live: who pulls gets the edited function as the answer, if it can be asked to pull again",
    "[lsp]") {
  for (const bool refreshes : {true, false}) {
    LiveSession rig({{"diagnostic", json::object{}}},
                    {{"diagnostics", {{"refreshSupport", refreshes}}}});
    rig.open("int a() { bad; }\nint b() { bad; }\n");
    const auto items = [&](std::int64_t id) {
      return find_array(*find(*rig.client.reply(id), "result"), "items")->size();
    };
    const auto first = rig.pull();
    LiveAnswer slow = answer({error_at(10, 13, "in a"), error_at(27, 30, "in b")});
    slow.milliseconds = 900;
    rig.say(0, slow);
    CHECK(items(first) == 2);
    rig.insert({1, 10}, "xy");
    const auto edited = rig.pull();
    REQUIRE(rig.analysis->asked.size() == 2);
    CHECK((rig.analysis->asked[1].ask.end > 0) == refreshes);  // a part
    if (!refreshes) continue;
    LiveAnswer part = answer({});
    part.reply.begin = 17;
    part.reply.end = 35;
    const auto asked_to_pull = [&] {
      return rig.client.calls("workspace/diagnostic/refresh").size();
    };
    rig.say(1, part);
    CHECK(items(edited) == 1);
    CHECK(asked_to_pull() == 0);
    REQUIRE(rig.analysis->asked.size() == 3);
    rig.say(2, answer({}));
    CHECK(asked_to_pull() == 1);
    CHECK(items(rig.pull()) == 0);
  }
}

TEST_CASE("live: a client that pulls is answered when they are fresh, and is not pushed to",
          "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  rig.open("int x;\n");
  const auto first = rig.pull();
  CHECK(rig.client.reply(first) == nullptr);
  rig.say(0, answer({error_at(0, 3, "bad")}));
  REQUIRE(rig.client.reply(first) != nullptr);
  const json::value report = *find(*rig.client.reply(first), "result");
  CHECK(find_string(report, "kind") == "full");
  CHECK(find_array(report, "items")->size() == 1);
  CHECK(rig.published().empty());
  const auto again = rig.pull("file:///w/a.cpp", {{"previousResultId", *find(report, "resultId")}});
  CHECK(find_string(*find(*rig.client.reply(again), "result"), "kind") == "unchanged");
  rig.insert({0, 0}, " ");
  const auto changed = rig.pull();  // does not wait for the debounce
  REQUIRE(rig.analysis->asked.size() == 2);
  rig.say(1, answer({}));
  CHECK(find_array(*find(*rig.client.reply(changed), "result"), "items")->empty());
}

TEST_CASE("live: a pull is answered and asks again whatever became of the last diagnosis",
          "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  rig.open("int x;\n");
  const auto failing = rig.pull();
  rig.say(0, Error{Errc::kInvalidArgument, "no command"});
  REQUIRE(rig.client.reply(failing) != nullptr);
  CHECK(find_array(*find(*rig.client.reply(failing), "result"), "items")->empty());
  const auto evicted = rig.pull();
  REQUIRE(rig.analysis->asked.size() == 2);
  rig.say(1, Error{Errc::kCancelled, "another question took its place"});
  CHECK(rig.client.error_code(evicted) == -32802);  // ServerCancelled: pull again
  const auto served = rig.pull();
  REQUIRE(rig.analysis->asked.size() == 3);
  rig.say(2, answer({error_at(0, 3, "bad")}));
  CHECK(find_array(*find(*rig.client.reply(served), "result"), "items")->size() == 1);
}

TEST_CASE("live: a pull that was cancelled does not hurry the next edit", "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  rig.open("int x;\n");
  rig.notify("$/cancelRequest", {{"id", rig.pull()}});
  rig.insert({0, 0}, " ");
  CHECK(rig.analysis->asked.size() == 1);
  rig.timers.advance(std::chrono::seconds(1));
  CHECK(rig.analysis->asked.size() == 2);
}

}  // namespace engram::lsp
