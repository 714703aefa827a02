// From the catalogue to what is recalled: sync, redaction, caps, half-typed words.

#include <algorithm>
#include <fstream>

#include "assist/engrams/memory_tokens.h"
#include "assist/engrams/recall.h"
#include "assist/engrams/sync.h"
#include "memory/catalogue.h"
#include "memory/engrams/store.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {

namespace {

const Tokenizer& tokenizer() {
  static const auto made = [] {
    TinyVocabulary vocabulary;
    vocabulary.merges = {{"r", "e"}, {"t", "u"},  {"re", "tu"}, {"r", "n"}, {"retu", "rn"},
                         {"(", ")"}, {"()", ";"}, {"a", "r"},   {"e", "a"}};
    return tiny_tokenizer(vocabulary);
  }();
  return *made;
}

void put(CatalogueWriter& writer, const std::string& path, const std::string& text,
         std::uint32_t flags = 0) {
  FileEntry entry;
  entry.path = path;
  entry.size = text.size();
  entry.mtime_ns = 1;
  entry.language = "sample";
  entry.flags = flags;
  FileFacts facts;
  facts.language = "sample";
  REQUIRE(writer.put_file(entry, sha256(text), &facts, text));
}

struct Workspace {
  TemporaryDirectory directory;

  void write(const std::vector<std::pair<std::string, std::string>>& files,
             const std::vector<std::string>& gone = {}, std::uint32_t flags = 0) const {
    const auto writer = CatalogueWriter::open(directory.path());
    REQUIRE(writer);
    for (const auto& [path, text] : files) put(**writer, path, text, flags);
    for (const std::string& path : gone) REQUIRE((*writer)->remove_file(path));
    REQUIRE((*writer)->commit());
  }
  EngramReport sync() const {
    auto report = sync_engrams(directory.path(), tokenizer(), {});
    REQUIRE(report);
    return *std::move(report);
  }
  std::vector<std::string> recalled(std::string_view text, bool vendored = false,
                                    std::vector<EngramBuffer> buffers = {}) const {
    EngramReader reader(directory.path(), engram_vocabulary(tokenizer()));
    const auto snapshot = reader.snapshot();
    REQUIRE(snapshot);
    const EngramView view(*snapshot, reader.vocabulary(), buffers, {"", vendored});
    std::vector<std::string> out;
    for (const Continuation& c : recall(view, tokenizer(), text).continuations) {
      out.push_back(c.text);
    }
    return out;
  }
};

using Texts = std::vector<std::string>;

// A shorter context may go on somehow, but not like this.
bool any_contains(const Texts& texts, std::string_view part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& t) { return t.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("sync: engrams follow the catalogue, contents are tokenized once", "[assist]") {
  const Workspace w;
  w.write({{"a.x", "int area = width * height;\n"}, {"b.x", "int area = width * height;\n"}});
  const EngramReport first = w.sync();
  CHECK(first.files_changed == 2);
  CHECK(first.counts.contents == 1);
  CHECK(w.recalled("int area = ") == Texts{"width * height;"});
  CHECK(w.sync().files_changed == 0);

  w.write({{"a.x", "int area = side * side;\n"}}, {"b.x"});
  const EngramReport second = w.sync();
  CHECK(second.files_changed == 2);
  CHECK(w.recalled("int area = ") == Texts{"side * side;"});

  w.write({{"a.x", "int area = width * height;\n"}});  // reverted: nothing to tokenize
  CHECK(w.sync().bytes_tokenized == 0);
  CHECK(w.recalled("int area = ") == Texts{"width * height;"});
}

TEST_CASE("sync: an imported store brings its engrams; only what changed is tokenized",
          "[assist]") {
  const Workspace w, other;
  w.write({{"a.x", "int area = width * height;\n"}, {"b.x", "beta two\n"}});
  w.sync();
  const TemporaryDirectory d;
  REQUIRE(export_store(w.directory.path(), d.path() / "cache.engram"));
  REQUIRE(import_store(d.path() / "cache.engram", other.directory.path()));
  CHECK(other.recalled("int area = ") == Texts{"width * height;"});
  CHECK(other.sync().bytes_tokenized == 0);
  other.write({{"b.x", "beta three\n"}});
  CHECK(other.sync().bytes_tokenized == 11);
  CHECK(other.recalled("beta ") == Texts{"three"});
}

TEST_CASE("update: one saved file, one removed directory", "[assist]") {
  const Workspace w;
  w.write({{"a.x", "alpha one\n"}, {"d/b.x", "beta two\n"}, {"d/c.x", "gamma three\n"}});
  w.sync();
  w.write({{"a.x", "alpha four\n"}}, {"d/b.x", "d/c.x"});
  REQUIRE(update_engrams(w.directory.path(), tokenizer(), {"a.x", "d"}, {}));
  CHECK(w.recalled("alpha ") == Texts{"four"});
  CHECK_FALSE(any_contains(w.recalled("gamma thr"), "ee"));
}

TEST_CASE("update: the first one in another model's tokens remembers every file", "[assist]") {
  const Workspace w;
  w.write({{"a.x", "alpha one\n"}, {"b.x", "beta two\n"}});
  CHECK(w.sync().first);
  CHECK_FALSE(w.sync().first);
  TinyVocabulary vocabulary;
  vocabulary.merges = {{"t", "w"}};
  const auto other = tiny_tokenizer(vocabulary);
  KeptEngrams kept;
  for (const bool first : {true, false}) {
    const auto report = update_engrams(w.directory.path(), *other, {"a.x"}, {.kept = &kept});
    REQUIRE(report);
    CHECK(report->first == first);
    CHECK(report->files_changed == (first ? 2 : 0));
  }
  EngramReader reader(w.directory.path(), engram_vocabulary(*other));
  const auto snapshot = reader.snapshot();
  REQUIRE(snapshot);
  CHECK((*snapshot)->file("b.x"));
  CHECK(engram_memories(w.directory.path()).by_tokenizer.size() == 2);
}

TEST_CASE("recall: tokens that the text's end cuts through, half-typed words, line ends",
          "[assist]") {
  const Workspace w;
  w.write({{"a.x", "void close() {\n  flush();\n  return;\n}\n"}});
  w.sync();
  struct Case {
    const char* text;
    const char* next;
  };
  for (const Case& c : {Case{"  flush", "();"}, Case{"  flush(", ");"}, Case{"  ret", "urn;"},
                        Case{"  flush();", "\n  return;"}, Case{"void cl", "ose() {"}}) {
    INFO(c.text);
    CHECK(w.recalled(c.text) == Texts{c.next});
  }
}

TEST_CASE("recall: a buffer hides its file, text below the cursor is known, replaced bytes are not",
          "[assist]") {
  const Workspace w;
  w.write({{"a.x", "total = saved_value;\n"}});
  w.sync();
  const std::string text = "x = 1;\ntotal = REPLACED;\ntotal = below_value;\n";
  const std::size_t begin = text.find("total"), end = text.find('\n', begin) + 1;
  CHECK(w.recalled("total = ", false, {buffer_for_memory(tokenizer(), "a.x", text, begin, end)}) ==
        Texts{"below_value;"});
}

TEST_CASE("sync: random literals are cut, minified text is capped, vendored code is apart",
          "[assist]") {
  const Workspace w;
  const std::string key = "q7Zt3WmX5vKp9RbN2yLc8HdJ4sTg";
  std::string minified;
  while (minified.size() < 200000) minified += "var a" + std::to_string(minified.size()) + "=1;";
  w.write({{"key.x", "api.connect(\"" + key + "\");\n"}, {"app.min.x", minified}});
  w.write({{"third_party/v.x", "vendored_call(everything);\n"}}, {},
          static_cast<std::uint32_t>(FileFlag::kVendored));
  const EngramReport report = w.sync();
  CHECK(report.counts.cut_literals == 1);
  CHECK(report.counts.capped == std::vector<std::string>{"app.min.x"});
  CHECK(report.counts.tokens < 80000);
  CHECK_FALSE(any_contains(w.recalled("api.connect(\""), key.substr(0, 3)));
  CHECK_FALSE(any_contains(w.recalled("connect(\"" + key.substr(0, 5)), key.substr(5, 3)));
  CHECK_FALSE(any_contains(w.recalled("vendored_c"), "everything"));
  CHECK(w.recalled("vendored_c", true) == Texts{"all(everything);"});
  const EngramMemories all = engram_memories(w.directory.path());
  REQUIRE(all.by_tokenizer.size() == 1);
  CHECK(all.by_tokenizer[0].first == tokenizer().fingerprint());
  CHECK(all.together.tokens == report.counts.tokens);
}

TEST_CASE("sync: what a damaged segment held is remembered anew and said", "[assist]") {
  const Workspace w;
  w.write({{"a.x", "alpha beta gamma\n"}});
  w.sync();
  const auto segment =
      engram_directory(w.directory.path(), tokenizer().fingerprint()) / "000001.seg";
  REQUIRE(std::filesystem::exists(segment));
  std::filesystem::resize_file(segment, 100);
  const EngramReport report = w.sync();
  CHECK(report.counts.problems.size() == 1);
  CHECK(w.recalled("alpha b") == Texts{"eta gamma"});
}

TEST_CASE("update: what a merge sets aside is remembered anew at once", "[assist]") {
  const Workspace w;
  w.write({{"a.x", "alpha one two three four five\n"}});
  w.sync();
  w.write({{"b.x", "beta two\n"}});
  w.sync();  // too small beside the other to be merged with it
  const auto directory = engram_directory(w.directory.path(), tokenizer().fingerprint());
  {
    std::fstream file(directory / "000001.seg", std::ios::in | std::ios::out | std::ios::binary);
    SegmentHeader header;
    file.read(reinterpret_cast<char*>(&header), sizeof(header));
    const auto symbols = header.sections[static_cast<std::size_t>(SegmentSection::kSymbols)];
    file.seekp(static_cast<std::streamoff>(symbols.offset) + 5);
    file.put('\x7f');
  }
  w.write({{"c.x", "gamma six\n"}});
  KeptEngrams kept;
  const auto report = update_engrams(w.directory.path(), tokenizer(), {"c.x"}, {.kept = &kept});
  REQUIRE(report);
  CHECK(report->counts.problems.size() == 1);
  CHECK(report->files_changed == 2);
  CHECK(w.recalled("alpha ") == Texts{"one two three four five"});
  CHECK(w.recalled("beta ") == Texts{"two"});
  CHECK(w.recalled("gamma ") == Texts{"six"});
  CHECK(kept.state.snapshot->file("a.x"));
}

}  // namespace engram
