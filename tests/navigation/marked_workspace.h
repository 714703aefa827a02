// tests/navigation/marked_workspace.h: several files in one text, with marks.
//
//   == a/b.py        a file begins
//   ^                where the question is asked (before the name)
//   [[name]]         an expected place
//   == a/b.py (open) the same, as an open buffer that was never saved
//   == a/b.py (late) written only after the index was made
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "assist/navigation/navigator.h"
#include "indexer/pipeline.h"
#include "indexer/syntax/language.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

class MarkedWorkspace {
 public:
  explicit MarkedWorkspace(std::string_view marked, bool indexed = true) {
    std::string late;
    std::string* into = nullptr;
    std::vector<std::pair<std::string, std::string>> files;
    while (!marked.empty()) {
      const std::size_t end = std::min(marked.find('\n'), marked.size() - 1);
      const std::string_view line = marked.substr(0, end + 1);
      marked.remove_prefix(end + 1);
      if (line.starts_with("== ")) {
        files.emplace_back(std::string(line.substr(3, line.find_last_not_of("\n ") - 2)), "");
        into = &files.back().second;
      } else if (into != nullptr) {
        *into += line;
      }
    }
    for (auto& [name, text] : files) {
      const bool is_open = name.ends_with(" (open)");
      const bool is_late = name.ends_with(" (late)");
      if (is_open || is_late) name.resize(name.size() - 7);
      const std::string plain = read_marks(name, text);
      if (is_open) {
        open.push_back({name, std::string(language_of(name, plain)),
                        std::make_shared<const std::string>(plain)});
      } else if (is_late) {
        late_.emplace_back(name, plain);
      } else {
        directory.write("w/" + name, plain);
      }
    }
    if (indexed) {
      REQUIRE(index_workspace(root(), store(), {}));
    }
    for (const auto& [name, text] : late_) directory.write("w/" + name, text);
    navigator = std::make_unique<Navigator>(root(), indexed ? store() : std::filesystem::path());
    navigator->set_open(open);
  }

  std::filesystem::path root() const { return directory.path() / "w"; }
  std::filesystem::path store() const { return directory.path() / "store"; }

  // "path:begin" of each, sorted.
  static std::vector<std::string> spots(const std::vector<FoundPlace>& places) {
    std::vector<std::string> out;
    for (const FoundPlace& p : places) {
      out.push_back(p.source->path + ":" + std::to_string(p.begin));
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  TemporaryDirectory directory;
  std::vector<OpenText> open;
  CodePlace asked;
  std::vector<std::string> expected;  // "path:begin", sorted
  std::unique_ptr<Navigator> navigator;

 private:
  std::string read_marks(const std::string& name, std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '^') {
        asked = {name, plain.size()};
      } else if (text.substr(i, 2) == "[[") {
        expected.push_back(name + ":" + std::to_string(plain.size()));
        ++i;
      } else if (text.substr(i, 2) == "]]") {
        ++i;
      } else {
        plain += text[i];
      }
    }
    std::sort(expected.begin(), expected.end());
    return plain;
  }
  std::vector<std::pair<std::string, std::string>> late_;
};

}  // namespace engram
