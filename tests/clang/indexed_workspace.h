// tests/clang/indexed_workspace.h: a small workspace read by a real worker, and a Navigator over
// it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assist/navigation/navigator.h"
#include "assist/navigation/stored_compiler_facts.h"
#include "indexer/pipeline.h"
#include "tests/clang/index_rig.h"
#include "tests/clang/worker_rig.h"

namespace engram {

class IndexedWorkspace {
 public:
  // Name and text; each *.cpp is a unit.
  explicit IndexedWorkspace(const std::vector<std::pair<std::string, std::string>>& files) {
    std::string database;
    std::size_t units = 0;
    for (const auto& [name, text] : files) {
      folder.write("w/" + name, text);
      if (!name.ends_with(".cpp")) continue;
      database += fmt::format(
          "{}{{\"directory\":\"{}\",\"file\":\"{}\",\"command\":\"g++ -std=c++17 -c {}\"}}",
          units++ == 0 ? "[" : ",", root().string(), name, name);
    }
    folder.write("w/compile_commands.json", database + "]");
    REQUIRE(index_workspace(root(), store(), {}));
    REQUIRE(index_units_of(root(), index_options(root(), store())).parsed == units);
    navigator = std::make_unique<Navigator>(root(), store(), stored_compiler_facts(store()));
  }

  std::filesystem::path root() const { return std::filesystem::canonical(folder.path()) / "w"; }
  std::filesystem::path store() const { return folder.path() / "store"; }

  // "file:line role certainty" of each, sorted.
  static std::vector<std::string> lines(const Result<std::vector<FoundPlace>>& places) {
    REQUIRE(places);
    std::vector<std::string> out;
    for (const FoundPlace& p : *places) {
      out.push_back(fmt::format("{}:{} {} {}", p.source->path, p.source->lines.line_of(p.begin) + 1,
                                p.role, to_string(p.certainty)));
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  TemporaryDirectory folder;
  std::unique_ptr<Navigator> navigator;
};

// Where `what` stands in a file, at `from` or behind it.
inline CodePlace in(const char* path, std::string_view text, std::string_view what,
                    std::size_t from = 0) {
  const std::size_t at = text.find(what, from);
  REQUIRE(at != std::string_view::npos);
  return {path, at};
}

}  // namespace engram
