// Names and signatures in open documents, from Clang's answer to what an editor shows.
#include "tests/lsp/live_session.h"

namespace engram::lsp {

TEST_CASE("live: names are ranked by match, Clang's priority, use, and nearness", "[lsp]") {
  LiveSession rig({{"completion", {{"completionItem", {{"snippetSupport", true}}}}}});
  rig.open("void near_one(); void val_near();\nint x = va;\n");
  const auto id = rig.request(
      "textDocument/completion",
      {{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"position", to_json(Position{1, 10})}});
  REQUIRE(rig.analysis->asked.size() == 2);
  const LiveAsk& ask = rig.analysis->asked[1].ask;
  CHECK(ask.question == LiveQuestion::kComplete);
  CHECK((ask.begin == 42 && ask.end == 44));
  LiveAnswer said = answer({});
  const auto add = [&](const char* name, std::uint32_t priority, std::int64_t uses) {
    LiveName one;
    one.name = name;
    one.priority = priority;
    said.reply.names.push_back(one);
    rig.assistant.uses.push_back(uses);
  };
  add("xvxa", 1, 99);
  add("VALUE", 50, 99);
  add("val_rare", 50, 1);
  add("val_near", 50, 1);
  add("val_often", 50, 7);
  add("val_local", 34, 0);
  said.reply.names[5].after = {{"(", false}, {"int $n", true}, {")", false}};
  said.reply.more_names = true;
  rig.say(1, said);
  const json::value list = *find(*rig.client.reply(id), "result");
  CHECK(find(list, "isIncomplete")->get_bool());
  std::vector<std::string> order;
  for (const json::value& item : *find_array(list, "items")) {
    order.emplace_back(*find_string(item, "label"));
  }
  CHECK(order == std::vector<std::string>{"val_local", "val_often", "val_near", "val_rare", "VALUE",
                                          "xvxa"});
  const json::value& first = find_array(list, "items")->at(0);
  CHECK(find_string(*find(first, "textEdit"), "newText") == "val_local(${1:int \\$n})");
  CHECK(find_string(first, "sortText") == "0000");
}

TEST_CASE("live: half an operator asks nothing; a path is completed by its last part", "[lsp]") {
  LiveSession rig;
  rig.open("a>b\n#include <sys/ty>\n");
  const auto complete = [&](Position at, const char* trigger) {
    return rig.request("textDocument/completion",
                       {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                        {"position", to_json(at)},
                        {"context",
                         {{"triggerKind", trigger == nullptr ? 1 : 2},
                          {"triggerCharacter", trigger == nullptr ? "" : trigger}}}});
  };
  const auto none = complete({0, 2}, ">");
  CHECK(find_array(*find(*rig.client.reply(none), "result"), "items")->empty());
  const auto path = complete({1, 16}, nullptr);
  REQUIRE(rig.analysis->asked.size() == 2);
  CHECK(rig.analysis->asked[1].ask.begin == 18);
  LiveAnswer said = answer({});
  said.reply.names.resize(1);
  said.reply.names[0].name = "types.h>";
  said.reply.names[0].sort = LiveNameSort::kFile;
  rig.say(1, said);
  const json::value list = *find(*rig.client.reply(path), "result");
  const json::value& edit = *find(find_array(list, "items")->at(0), "textEdit");
  CHECK(find_int(*find(*find(edit, "range"), "end"), "character") == 17);  // with the bracket
}

TEST_CASE("live: signatures with their parameters; nothing when there is no call", "[lsp]") {
  LiveSession rig(
      {{"signatureHelp",
        {{"signatureInformation", {{"parameterInformation", {{"labelOffsetSupport", true}}}}}}}});
  rig.open("int x = f(\n");
  const auto help = [&] {
    return rig.request(
        "textDocument/signatureHelp",
        {{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"position", to_json(Position{0, 10})}});
  };
  const auto id = help();
  LiveAnswer said = answer({});
  said.reply.signatures = {{"𝛼(int a)", "Says.", {{5, 10}}}};
  rig.say(1, said);
  const json::value result = *find(*rig.client.reply(id), "result");
  const json::value& one = find_array(result, "signatures")->at(0);
  CHECK(find_string(one, "documentation") == "Says.");
  const json::value& parameter = find_array(one, "parameters")->at(0);
  CHECK(*find(parameter, "label") == json::value(json::array{3, 8}));  // in UTF-16
  const auto none = help();
  rig.say(2, answer({}));
  CHECK(find(*rig.client.reply(none), "result")->is_null());
}

TEST_CASE("live: names that are not included yet come last, with the line that includes them",
          "[lsp]") {
  LiveSession rig;
  rig.open("int x = val");
  const auto id = rig.request(
      "textDocument/completion",
      {{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"position", to_json(Position{0, 11})}});
  REQUIRE(rig.analysis->asked.size() == 2);
  const LiveAsk& ask = rig.analysis->asked[1].ask;
  REQUIRE(ask.candidates);
  CHECK(ask.candidates().at(0).name == "val_more");
  LiveAnswer said = answer({});
  said.reply.names.resize(2);
  said.reply.names[0].name = "val_more";
  said.reply.names[0].header = "\"more.h\"";
  said.reply.names[0].edits = {{0, 0, "#include \"more.h\"\n"}};
  said.reply.names[1].name = "xvxaxl";
  said.reply.names[1].priority = 90;
  rig.say(1, said);
  const json::value list = *find(*rig.client.reply(id), "result");
  const json::array& items = *find_array(list, "items");
  CHECK(find_string(items.at(0), "label") == "xvxaxl");
  CHECK(find_string(items.at(1), "detail") == "#include \"more.h\"");
  const json::value& edit = find_array(items.at(1), "additionalTextEdits")->at(0);
  CHECK(find_string(edit, "newText") == "#include \"more.h\"\n");
}

}  // namespace engram::lsp
