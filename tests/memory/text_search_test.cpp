#include "memory/text_search.h"

#include <algorithm>
#include <map>
#include <random>

#include "memory/catalogue.h"
#include "memory/glob.h"
#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

class TextStore {
 public:
  TextStore& put(const std::string& path, std::string text) {
    texts_[path] = std::move(text);
    return *this;
  }
  TextStore& skip(const std::string& path, const std::string& reason) {
    skipped_.push_back({path, reason, ""});
    return *this;
  }
  TextSearchAnswer search(const TextQuery& query) {
    if (!written_) write();
    auto answer = search_text(directory_.path(), query);
    REQUIRE(answer);
    return *std::move(answer);
  }
  // "path:line:column" of each match.
  std::vector<std::string> places(const TextQuery& query) {
    std::vector<std::string> places;
    for (const TextMatch& m : search(query).matches) {
      places.push_back(m.path + ":" + std::to_string(m.line) + ":" + std::to_string(m.column));
    }
    return places;
  }
  const std::map<std::string, std::string>& texts() const { return texts_; }

 private:
  void write() {
    const auto writer = CatalogueWriter::open(directory_.path());
    REQUIRE(writer);
    for (const auto& [path, text] : texts_) REQUIRE(put_sample(**writer, path, text));
    REQUIRE((*writer)->set_skipped(skipped_));
    REQUIRE((*writer)->commit());
    written_ = true;
  }

  TemporaryDirectory directory_;
  std::map<std::string, std::string> texts_;
  std::vector<SkippedFile> skipped_;
  bool written_ = false;
};

TextQuery query_for(std::string pattern) {
  TextQuery query;
  query.pattern = std::move(pattern);
  return query;
}

}  // namespace

TEST_CASE("search: one match a line, at its first column", "[memory]") {
  TextStore store;
  store.put("b.x", "zero\nfoo bar foo\nfoobar\n").put("a.x", "x foo");
  using Places = std::vector<std::string>;
  CHECK(store.places(query_for("foo")) == Places{"a.x:1:3", "b.x:2:1", "b.x:3:1"});
  TextQuery word = query_for("foo");
  word.word = true;
  CHECK(store.places(word) == Places{"a.x:1:3", "b.x:2:1"});
  TextQuery folded = query_for("FOOBAR");
  folded.ignore_case = true;
  CHECK(store.places(folded) == Places{"b.x:3:1"});
  CHECK(store.places(query_for("fooz")).empty());
  CHECK(store.search(query_for("bar")).matches.at(0).text == "foo bar foo");
}

TEST_CASE("search: regular expressions match within lines, anchored at them", "[memory]") {
  TextStore store;
  store.put("a.x", "alpha = 1;\n  beta = 22;\ngamma\n");
  using Places = std::vector<std::string>;
  struct Case {
    const char *why, *pattern;
    Places places;
  };
  const auto c = GENERATE(
      values<Case>({{"digits", "[0-9]+", {"a.x:1:9", "a.x:2:10"}},
                    {"line start", "^  b", {"a.x:2:1"}},
                    {"line end", "a$", {"a.x:3:5"}},
                    {"alternatives with atoms", "(gamma|omega)", {"a.x:3:1"}},
                    {"dot stops at newlines", "alpha.*gamma", {}},
                    {"across lines when asked", "1;\\s+beta", {"a.x:1:9"}},
                    {"empty matches every line once", "z*", {"a.x:1:1", "a.x:2:1", "a.x:3:1"}}}));
  INFO(c.why);
  TextQuery query = query_for(c.pattern);
  query.regex = true;
  CHECK(store.places(query) == c.places);
}

TEST_CASE("search: letters that fold from outside ASCII are not filtered away", "[memory]") {
  TextStore store;
  store.put("kelvin.x", "300 \u212aelvin units\n").put("plain.x", "kelvin\n");
  TextQuery query = query_for("kelvin");
  query.regex = query.ignore_case = true;
  CHECK(store.places(query).size() == 2);
  TextQuery greek = query_for("ΣΊΣΥΦΟΣ");
  store.search(query);
  greek.ignore_case = true;
  CHECK(store.places(greek).empty());
}

TEST_CASE("search: a pattern RE2 refuses is one line of explanation", "[memory]") {
  TextStore store;
  store.put("a.x", "a");
  store.search(query_for("a"));
  const TemporaryDirectory empty;
  for (const char* pattern : {"(", "[z-a]", ""}) {
    TextQuery query = query_for(pattern);
    query.regex = true;
    const auto answer = search_text(empty.path(), query);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::kInvalidArgument);
    CHECK(answer.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("search: globs choose, skipped files are named, the limit is told", "[memory]") {
  TextStore store;
  for (int i = 0; i < 40; ++i) store.put("src/f" + std::to_string(i) + ".cpp", "needle\nneedle\n");
  store.put("docs/a.md", "needle").skip("src/big.cpp", "too_large").skip("x.bin", "binary");
  TextQuery query = query_for("needle");
  CHECK(store.search(query).matches.size() == 81);
  CHECK_FALSE(store.search(query).truncated);
  CHECK(store.search(query).skipped.size() == 2);
  query.globs = {"*.cpp"};
  query.limit = 7;
  query.threads = 2;
  const TextSearchAnswer answer = store.search(query);
  CHECK(answer.truncated);
  REQUIRE(answer.matches.size() == 7);
  CHECK(answer.matches[0].path == "src/f0.cpp");
  CHECK(answer.matches[6].path == "src/f11.cpp");
  REQUIRE(answer.skipped.size() == 1);
  CHECK(answer.skipped[0].path == "src/big.cpp");
  CHECK(answer.files_searched == 40);
}

TEST_CASE("search: of a long line the part around the match is shown", "[memory]") {
  TextStore store;
  store.put("min.js", std::string(5000, 'a') + "needle" + std::string(5000, 'b'));
  const auto matches = store.search(query_for("needle")).matches;
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].column == 5001);
  CHECK(matches[0].text.size() <= 500);
  CHECK(matches[0].text.find("needle") != std::string::npos);
}

TEST_CASE("search: finds what a plain scan finds, on any substring", "[memory]") {
  TextStore store;
  for (unsigned i = 0; i < 60; ++i) store.put("f" + std::to_string(i), sample_code(i, 3000));
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    auto at = store.texts().begin();
    std::advance(at, random() % store.texts().size());
    const std::size_t begin = random() % (at->second.size() - 40);
    std::string pattern = at->second.substr(begin, 1 + random() % 12);
    std::replace(pattern.begin(), pattern.end(), '\n', ' ');
    std::size_t lines = 0;
    for (const auto& [path, text] : store.texts()) {
      std::size_t line_begin = 0;
      while (line_begin < text.size()) {
        const std::size_t line_end = std::min(text.find('\n', line_begin), text.size());
        const std::size_t hit = text.find(pattern, line_begin);
        lines += hit != std::string::npos && hit < line_end;
        line_begin = line_end + 1;
      }
    }
    TextQuery query = query_for(pattern);
    query.limit = 1'000'000;
    INFO("'" << pattern << "'");
    CHECK(store.search(query).matches.size() == lines);
    query.regex = true;
    query.pattern = "\\Q" + pattern + "\\E";
    CHECK(store.search(query).matches.size() == lines);
  }
}

TEST_CASE("globs: components, folders, classes, negation", "[memory]") {
  struct Case {
    const char *glob, *path;
    bool matches;
  };
  const auto c = GENERATE(values<Case>({{"*.cpp", "a/b/c.cpp", true},
                                        {"*.cpp", "a/c.cpp.txt", false},
                                        {"src/*.h", "src/a.h", true},
                                        {"src/*.h", "src/x/a.h", false},
                                        {"src/**", "src/x/y/a.h", true},
                                        {"src/**/a.h", "src/a.h", true},
                                        {"src/**/a.h", "src/x/y/a.h", true},
                                        {"**/test/*.x", "a/test/b.x", true},
                                        {"src/", "src/x/a.h", true},
                                        {"src/x", "src/x/a.h", true},
                                        {"/src/x", "other/src/x", false},
                                        {"f[0-9].c", "f7.c", true},
                                        {"f[!0-9].c", "f7.c", false},
                                        {"f?.c", "f77.c", false},
                                        {"a\\*b", "a*b", true},
                                        {"[", "[", true}}));
  INFO(c.glob << " " << c.path);
  CHECK(glob_match(c.glob, c.path) == c.matches);
  CHECK(globs_accept({"*.cpp", "!tests/**"}, "src/a.cpp"));
  CHECK_FALSE(globs_accept({"*.cpp", "!tests/**"}, "tests/a.cpp"));
  CHECK(globs_accept({"!tests/**"}, "src/a.cpp"));
}

}  // namespace engram
