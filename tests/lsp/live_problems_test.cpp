// How Clang's diagnostics reach an editor: notes, fixes, remarks and hints.
#include "tests/lsp/live_session.h"

namespace engram::lsp {

TEST_CASE("live: notes are related information where the client has it, text else", "[lsp]") {
  UnitDiagnostic note = error_at(4, 5, "declared here");
  note.level = DiagnosticLevel::kNote;
  UnitDiagnostic elsewhere = note;
  elsewhere.file = 1;  // a file that is not what Clang read
  elsewhere.message = "and there";
  {
    LiveSession rig;
    rig.open("int x; int x;\n");
    rig.say(0, answer({error_at(11, 12, "again"), note, elsewhere}));
    CHECK(rig.messages() ==
          std::vector<std::string>{"again\nnote: declared here\nnote: and there"});
  }
  LiveSession rig({{"publishDiagnostics", {{"relatedInformation", true}}}});
  rig.open("int x; int x;\n");
  rig.say(0, answer({error_at(11, 12, "again"), note, elsewhere}));
  const json::array& related = *find_array(rig.first_diagnostic(), "relatedInformation");
  REQUIRE(related.size() == 2);
  const auto at = [&](std::size_t i) {
    const json::value& range = *find(*find(related[i], "location"), "range");
    return find_int(*find(range, "start"), "character");
  };
  CHECK(at(0) == 4);
  CHECK(at(1) == 11);  // stands at its problem
}

TEST_CASE("live: fixes are code actions, at their places after an edit, too", "[lsp]") {
  LiveSession rig;
  rig.open("int f() { return 1 }\n");
  UnitDiagnostic missing = error_at(18, 19, "expected ';'");
  missing.fixes = {{0, 18, 18, ";"}};
  UnitDiagnostic elsewhere = error_at(0, 3, "fixed in a header");
  elsewhere.fixes = {{1, 0, 1, "x"}};
  rig.say(0, answer({elsewhere, missing}));
  const auto actions = [&](std::size_t character, json::object context) {
    const Position at{0, character};
    return rig.actions(to_json(Range{at, at}), std::move(context));
  };
  CHECK(actions(1, {}).empty());
  const json::array offered = actions(18, {});
  REQUIRE(offered.size() == 1);
  CHECK(find_string(offered[0], "title") == "insert ';'");
  CHECK(find_string(offered[0], "kind") == "quickfix");
  CHECK(actions(18, {{"only", json::array{"refactor"}}}).empty());
  rig.insert({0, 0}, "  ");
  const json::array moved = actions(20, {});
  REQUIRE(moved.size() == 1);
  const json::value& changes = *find(*find(moved[0], "edit"), "changes");
  const json::array& edits = *find_array(changes, "file:///w/a.cpp");
  CHECK(find_int(*find(*find(edits[0], "range"), "start"), "character") == 20);
}

TEST_CASE("live: missing headers of a guessed command are one remark, not a flood", "[lsp]") {
  LiveSession rig;
  rig.open("#include \"gone.h\"\nGone g;\n");
  const auto said = [&](CommandOrigin origin, bool missing) {
    LiveAnswer it = answer(
        {error_at(9, 17, "'gone.h' file not found"), error_at(18, 22, "unknown type name 'Gone'")},
        origin);
    if (missing) it.reply.missing_headers = {"gone.h", "other.h"};
    return it;
  };
  rig.say(0, said(CommandOrigin::kBorrowed, true));
  REQUIRE(rig.messages().size() == 1);
  CHECK(rig.messages()[0].starts_with("'gone.h' was not found and 1 more; this file has no entry"));
  CHECK(find_int(rig.first_diagnostic(), "severity") == 3);
  CHECK(find_string(rig.first_diagnostic(), "source") == "engram (guessed command)");
  rig.insert({1, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(1, said(CommandOrigin::kBorrowed, false));
  CHECK(rig.messages().size() == 2);  // labelled all the same
  CHECK(find_string(rig.first_diagnostic(), "source") == "engram (guessed command)");
  rig.insert({1, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(2, said(CommandOrigin::kExact, true));
  CHECK(rig.messages().size() == 2);
  CHECK(find_string(rig.first_diagnostic(), "source") == "engram");
}

TEST_CASE("live: hints at inclusions are hints, and none are of a guessed command", "[lsp]") {
  LiveSession rig({{"codeAction", {{"codeActionLiteralSupport", json::object{}}}}});
  rig.open("#include \"a.h\"\nint x;\n");
  UnitDiagnostic unused = error_at(0, 14, "nothing of \"a.h\" is used here");
  unused.level = DiagnosticLevel::kRemark;
  unused.option = "unused-include";
  unused.fixes = {{0, 0, 15, ""}};
  rig.say(0, answer({unused}));
  const json::value hint = rig.first_diagnostic();
  CHECK(find_int(hint, "severity") == 4);
  CHECK(find_string(hint, "code") == "unused-include");
  CHECK(*find(hint, "tags") == json::value(json::array{1}));  // shown as unnecessary
  const json::array actions = rig.actions(*find(hint, "range"), {{"diagnostics", json::array()}});
  CHECK(find_string(actions.at(0), "title") == "remove '#include \"a.h\"'");
  rig.insert({1, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(1, answer({unused, error_at(20, 21, "wrong")}, CommandOrigin::kBorrowed));
  CHECK(rig.messages() == std::vector<std::string>{"wrong"});
}

}  // namespace engram::lsp
