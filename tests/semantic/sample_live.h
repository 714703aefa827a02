// tests/semantic/sample_live.h: a live reply in which every field says something.
#pragma once

#include "indexer/semantic/live_message.h"
#include "tests/semantic/sample_unit.h"

namespace engram {

constexpr std::size_t kSampleFileBytes = 100;  // of sample_unit()'s first file

inline LiveReply sample_live_reply() {
  LiveReply reply;
  reply.new_preamble = true;
  reply.facts = sample_unit();
  reply.missing_headers = {"gone.h"};
  reply.begin = 3;
  reply.end = 100;
  LiveName name;
  name.sort = LiveNameSort::kMacro;
  name.kind = SymbolKind::kMethod;
  name.deprecated = true;
  name.priority = 34;
  name.name = "push_back";
  name.result = "void";
  name.scope = "std::vector<int>";
  name.qualifier = "std::";
  name.doc = "Adds.";
  name.after = {{"(", false}, {"const int &value", true}, {")", false}};
  name.remark = " const";
  name.edits = {{5, 6, "->"}};
  name.header = "<vector>";
  reply.names = {name, LiveName{}};
  reply.more_names = true;
  reply.signatures = {{"f(int a, int b) -> int", "Says f.", {{2, 7}, {9, 14}}}};
  reply.active_parameter = 1;
  reply.details = {3, 7, "int size", "Says it.", 0, 32, std::nullopt, "42", "1 + 2"};
  return reply;
}

}  // namespace engram
