// Fuzzy symbol search over a store that changes under its reader, against scoring every name.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "memory/catalogue.h"
#include "memory/name_match.h"
#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

class SearchedStore {
 public:
  SearchedStore() : writer_(*CatalogueWriter::open(path())) {}

  std::filesystem::path path() const { return directory_.path() / "store"; }
  CatalogueWriter& writer() { return *writer_; }
  void close_writer() { writer_.reset(); }

  // Functions of which every name is one to three of a few words: many are alike.
  void put(unsigned file, std::mt19937_64& random) {
    static constexpr std::array<const char*, 8> kWords = {"get", "Http",   "port", "_node",
                                                          "set", "parser", "X",    "2"};
    std::string text;
    for (int i = 0; i < 40; ++i) {
      std::string name = "n";
      for (auto words = random() % 3 + 1; words > 0; --words) name += kWords[random() % 8];
      text += "def " + name + "()\n  call(" + name + ")\n";
    }
    texts_["f" + std::to_string(file)] = text;
    REQUIRE(put_sample(*writer_, "f" + std::to_string(file), text));
  }
  void remove(unsigned file) {
    texts_.erase("f" + std::to_string(file));
    REQUIRE(writer_->remove_file("f" + std::to_string(file)));
  }

  // The names that fit, best first, equally good ones by name.
  std::vector<std::string> expected(const std::string& pattern) const {
    const NameMatcher matcher(pattern);
    std::set<std::pair<int, std::string>> found;
    for (const auto& [path, text] : texts_) {
      for (const Symbol& s : sample_facts(text).symbols) {
        if (const int score = matcher.score(s.name)) found.emplace(-score, s.name);
      }
    }
    std::vector<std::string> names;
    for (const auto& [score, name] : found) names.push_back(name);
    return names;
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<CatalogueWriter> writer_;
  std::map<std::string, std::string> texts_;
};

std::vector<std::string> found_names(CatalogueReader& reader, const std::string& pattern,
                                     std::size_t limit) {
  const auto hits = reader.symbols({.name = pattern, .fuzzy = true, .limit = limit});
  REQUIRE(hits);
  std::vector<std::string> names;
  for (const SymbolHit& hit : *hits) {
    if (names.empty() || names.back() != hit.symbol.name) names.push_back(hit.symbol.name);
  }
  return names;
}

void check_same(CatalogueReader& reader, const SearchedStore& store, const std::string& pattern) {
  INFO(pattern);
  const std::vector<std::string> all = store.expected(pattern);
  CHECK(found_names(reader, pattern, 1'000'000) == all);
  for (const std::size_t limit : {1u, 7u, 100u}) {
    const std::vector<std::string> first = found_names(reader, pattern, limit);
    REQUIRE(first.size() <= all.size());
    CHECK(std::equal(first.begin(), first.end(), all.begin()));
    CHECK(first.empty() == all.empty());
  }
}

}  // namespace

TEST_CASE("symbols: the best of a fuzzy search are the best of all names, whatever was saved",
          "[memory]") {
  SearchedStore store;
  std::mt19937_64 random(5);
  for (unsigned file = 0; file < 6; ++file) store.put(file, random);
  REQUIRE(store.writer().commit());
  const auto reader = CatalogueReader::open(store.path());
  REQUIRE(reader);
  for (int save = 0; save < 12; ++save) {
    for (const char* pattern : {"n", "nget", "http", "gp", "NPORT", "prt", "xx", "2", "set_node",
                                "nhttpport", "zz", "nX2", "e"}) {
      check_same(**reader, store, pattern);
    }
    if (save % 4 == 3) {
      store.remove(static_cast<unsigned>(random() % 6));
    } else {
      store.put(static_cast<unsigned>(random() % 6), random);
    }
    REQUIRE(store.writer().commit());
    if (save == 8) REQUIRE(store.writer().optimize());
  }
}

TEST_CASE("symbols: a reader finds the names of a store that was imported under it", "[memory]") {
  SearchedStore here, other;
  std::mt19937_64 random(6);
  here.put(0, random);
  other.put(1, random);
  REQUIRE(here.writer().commit());
  REQUIRE(other.writer().commit());
  const auto reader = CatalogueReader::open(here.path());
  REQUIRE(reader);
  check_same(**reader, here, "get");
  here.close_writer();
  const TemporaryDirectory directory;
  REQUIRE(export_store(other.path(), directory.path() / "archive"));
  REQUIRE(import_store(directory.path() / "archive", here.path()));
  check_same(**reader, other, "get");
  CHECK((*reader)->is_current());
  REQUIRE(discard_store(here.path()));
  CHECK_FALSE((*reader)->is_current());
  REQUIRE(CatalogueWriter::open(here.path()));  // another file
  CHECK_FALSE((*reader)->is_current());
}

}  // namespace engram
