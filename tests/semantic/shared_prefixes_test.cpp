#include "indexer/semantic/shared_prefixes.h"

#include <algorithm>
#include <map>
#include <random>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

using Parts = std::vector<std::vector<std::string>>;

std::vector<std::string> all_of(const Parts& parts) {
  std::vector<std::string> names;
  for (const auto& part : parts) names.insert(names.end(), part.begin(), part.end());
  return names;
}

HeaderSizes sizes_in(const std::string& folder) { return HeaderSizes(CompileCommand{}, {folder}); }

SharedPrefixes plan(const std::vector<HeadersOfUnit>& units, const std::string& folder = "/none") {
  return SharedPrefixes(units, [&](std::size_t) { return sizes_in(folder); });
}

std::vector<std::size_t> in_order(const SharedPrefixes& plan, std::size_t units) {
  std::vector<std::size_t> order(units);
  for (std::size_t i = 0; i < units; ++i) order[plan.position(i)] = i;
  return order;
}

}  // namespace

TEST_CASE("shared_prefixes: what all include comes first, what one includes nowhere",
          "[semantic]") {
  const SharedPrefixes p = plan({{"c", {"map", "string", "vector"}},
                                 {"c", {"regex", "string", "vector"}},
                                 {"c", {"map", "string"}},
                                 {"other", {"map", "string", "vector"}}});
  CHECK(p.prefix(0).front() == std::vector<std::string>{"string"});
  CHECK(std::ranges::count(all_of(p.prefix(1)), "regex") == 0);
  CHECK(p.prefix(3).empty());
}

TEST_CASE("shared_prefixes: every part is read once when units come in order", "[semantic]") {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<HeadersOfUnit> units(2 + random() % 30);
    for (HeadersOfUnit& unit : units) {
      unit.command = random() % 4 == 0 ? "c" : "c++";
      for (char name = 'a'; name < 'n'; ++name) {
        if (random() % 3 != 0) unit.headers.emplace_back(1, name);
      }
    }
    const SharedPrefixes p = plan(units);
    std::map<std::string, int> read;  // paths, by how often they were read
    Parts now;
    std::string command;
    for (const std::size_t unit : in_order(p, units.size())) {
      const Parts parts = p.prefix(unit);
      for (const std::string& name : all_of(parts)) {
        CHECK(std::ranges::count(units[unit].headers, name) == 1);
      }
      if (command != units[unit].command) now.clear();
      command = units[unit].command;
      while (now.size() > parts.size() || !std::equal(now.begin(), now.end(), parts.begin())) {
        now.pop_back();
      }
      while (now.size() < parts.size()) {
        now.push_back(parts[now.size()]);
        std::string path = command;
        for (const std::string& name : all_of(now)) path += " " + name;
        CHECK(++read[path] == 1);
      }
    }
  }
}

TEST_CASE("shared_prefixes: one large header outweighs several small ones", "[semantic]") {
  TemporaryDirectory folder;
  folder.write("large.h", "#include <inner.h>\n" + std::string(1000, ' '));
  folder.write("inner.h", std::string(5000, ' '));
  for (const char* name : {"s.h", "t.h", "u.h"}) folder.write(name, "int small;\n");
  const std::vector<HeadersOfUnit> units{{"c", {"large.h", "s.h"}},
                                         {"c", {"large.h", "t.h", "u.h"}},
                                         {"c", {"s.h", "t.h", "u.h"}},
                                         {"c", {"s.h", "t.h", "u.h"}}};
  const SharedPrefixes p = plan(units, folder.path().string());
  for (const std::size_t unit : {0u, 1u}) CHECK(all_of(p.prefix(unit)).front() == "large.h");
  HeaderSizes sizes = sizes_in(folder.path().string());
  HeaderSizes::Read read;
  CHECK(sizes.add("inner.h", read) == 5000);
  CHECK(sizes.add("large.h", read) == 1019);
  CHECK(sizes.add("large.h", read) == 0);
  CHECK(sizes.add("absent.h", read) == 0);
}

}  // namespace engram
