#include "memory/catalogue.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

constexpr const char* kHttp =
    "def parse_http_header(line)\n"
    "  token = read_token(line)\n"
    "  cache_page(token)\n"
    "def readToken(stream)\n"
    "  return stream\n"
    "  # splits the incoming bytes at spaces\n";
constexpr const char* kBox =
    "def Box__open(lid)\n"
    "  parse_http_header(lid)\n"
    "def Box__shut(lid)\n"
    "  slam(lid)\n";

class Store {
 public:
  Store() : writer_(*CatalogueWriter::open(path())) {}

  std::filesystem::path path() const { return directory_.path() / "store"; }
  CatalogueWriter& writer() { return *writer_; }
  void close_writer() { writer_.reset(); }
  void put(const std::string& file, std::string_view text, std::uint32_t flags = 0) {
    const auto put = put_sample(*writer_, file, text, flags);
    REQUIRE(put);
  }
  std::unique_ptr<CatalogueReader> committed() {
    REQUIRE(writer_->commit());
    auto reader = CatalogueReader::open(path());
    REQUIRE(reader);
    return std::move(*reader);
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<CatalogueWriter> writer_;
};

std::vector<std::string> paths_of(const std::vector<SymbolHit>& hits) {
  std::vector<std::string> paths;
  for (const SymbolHit& h : hits) paths.push_back(h.path);
  return paths;
}

}  // namespace

TEST_CASE("catalogue: what was put is what is read", "[memory]") {
  Store store;
  store.put("src/http.x", kHttp);
  const auto reader = store.committed();

  const FileFacts given = sample_facts(kHttp), read = *reader->facts("src/http.x");
  REQUIRE(read.symbols.size() == given.symbols.size());
  for (std::size_t i = 0; i < given.symbols.size(); ++i) {
    CHECK(read.symbols[i].name == given.symbols[i].name);
    CHECK(read.symbols[i].begin == given.symbols[i].begin);
    CHECK(read.symbols[i].end == given.symbols[i].end);
    CHECK(read.symbols[i].line == given.symbols[i].line);
    CHECK(read.symbols[i].signature == given.symbols[i].signature);
  }
  REQUIRE(read.references.size() == given.references.size());
  for (std::size_t i = 0; i < given.references.size(); ++i) {
    CHECK(read.references[i].name == given.references[i].name);
    CHECK(read.references[i].begin == given.references[i].begin);
    CHECK(read.references[i].line == given.references[i].line);
    CHECK(read.references[i].column == given.references[i].column);
  }
  CHECK(read.chunks.size() == given.chunks.size());
  CHECK(*reader->text("src/http.x") == kHttp);
  CHECK((*reader->file("src/http.x"))->content == sha256(kHttp));
  const StoreCounts counts = *reader->counts();
  CHECK(counts.files == 1);
  CHECK(counts.symbols == 2);
  CHECK(counts.chunks == 2);
  CHECK(counts.bytes == std::string_view(kHttp).size());
  CHECK(counts.store_bytes_facts > 0);
}

TEST_CASE("catalogue: nothing is visible before commit, all of it after", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  const auto reader = store.committed();
  store.put("a.x", kBox);
  store.put("b.x", kHttp);
  CHECK(*reader->text("a.x") == kHttp);
  CHECK(reader->files()->size() == 1);
  CHECK(reader->symbols({.name = "open"})->empty());
  REQUIRE(store.writer().commit());
  CHECK(*reader->text("a.x") == kBox);
  CHECK(reader->files()->size() == 2);
  CHECK(paths_of(*reader->symbols({.name = "open"})) == std::vector<std::string>{"a.x"});
  CHECK(paths_of(*reader->symbols({.name = "readToken"})) == std::vector<std::string>{"b.x"});
}

TEST_CASE("catalogue: a writer that goes away without commit leaves the old answers", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  const auto reader = store.committed();
  store.put("a.x", kBox);
  store.close_writer();
  CHECK(*reader->text("a.x") == kHttp);
  auto next = CatalogueWriter::open(store.path());
  REQUIRE(next);
  REQUIRE(put_sample(**next, "c.x", kBox));
  REQUIRE((*next)->commit());
  CHECK(paths_of(*reader->symbols({.name = "open"})) == std::vector<std::string>{"c.x"});
}

TEST_CASE("catalogue: a content is stored once and relinked without facts", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  store.put("b.x", kBox);
  REQUIRE(store.writer().commit());
  CHECK(*store.writer().has_content(sha256(kHttp), "sample"));
  CHECK_FALSE(*store.writer().has_content(sha256(kHttp), "other"));
  // b becomes what a is, then a goes away and comes back: a branch switched to and fro.
  REQUIRE(store.writer().put_file(sample_entry("b.x", kHttp), sha256(kHttp), nullptr, kHttp));
  REQUIRE(store.writer().commit());
  const auto reader = store.committed();
  CHECK(*reader->twins("a.x") == std::vector<std::string>{"a.x", "b.x"});
  CHECK(reader->twins("c.x")->empty());
  REQUIRE(store.writer().remove_file("a.x"));
  REQUIRE(store.writer().commit());
  CHECK(*reader->twins("b.x") == std::vector<std::string>{"b.x"});
  CHECK(*reader->text("b.x") == kHttp);
  CHECK(paths_of(*reader->symbols({.name = "readToken"})) == std::vector<std::string>{"b.x"});
  REQUIRE(store.writer().link_file(sample_entry("a.x", kBox), sha256(kBox)));
  REQUIRE(store.writer().commit());
  CHECK(*reader->text("a.x") == kBox);
  const auto unknown = store.writer().link_file(sample_entry("z.x", "?"), sha256("?"));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::kInvalidArgument);
}

TEST_CASE("catalogue: touch, skipped and meta are kept", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  FileEntry entry = sample_entry("a.x", kHttp);
  entry.mtime_ns = 77;
  entry.licence = "MIT";
  REQUIRE(store.writer().touch_file(entry));
  const std::vector<SkippedFile> skipped{{"big.bin", "binary", "it has NUL bytes"}};
  REQUIRE(store.writer().set_skipped(skipped));
  REQUIRE(store.writer().set_meta("head", "abc"));
  const auto reader = store.committed();
  CHECK((*reader->file("a.x"))->entry.mtime_ns == 77);
  CHECK((*reader->file("a.x"))->entry.licence == "MIT");
  CHECK((*reader->skipped()).at(0).reason == "binary");
  CHECK(**reader->meta("head") == "abc");
  CHECK_FALSE(reader->meta("other")->has_value());
  CHECK_FALSE(store.writer().set_meta("schema", "9"));
}

TEST_CASE("catalogue: a path that leaves the workspace is refused", "[memory]") {
  Store store;
  const auto* const path = GENERATE("../up.x", "/etc/passwd", "a/../../b", "");
  const auto put = put_sample(store.writer(), path, kBox);
  REQUIRE_FALSE(put);
  CHECK(put.error().code == Errc::kInvalidArgument);
}

TEST_CASE("symbols: definitions of the project come before vendored ones", "[memory]") {
  Store store;
  store.put("a_vendored.x", kHttp, static_cast<std::uint32_t>(FileFlag::kVendored));
  store.put("own.x", std::string(kHttp) + "# changed\n");
  const auto reader = store.committed();
  CHECK(paths_of(*reader->symbols({.name = "readToken"})) ==
        std::vector<std::string>{"own.x", "a_vendored.x"});
  CHECK(reader->symbols({.name = "readToken", .kind = SymbolKind::kClass})->empty());
  CHECK(reader->symbols({.name = "readToken", .limit = 1})->size() == 1);
}

TEST_CASE("symbols: fuzzy finds sub-words, initials and sub-sequences", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  store.put("b.x", kBox);
  const auto reader = store.committed();
  struct Case {
    const char *pattern, *first;
  };
  const auto c = GENERATE(values<Case>({{"readToken", "readToken"},
                                        {"readtoken", "readToken"},
                                        {"token", "readToken"},
                                        {"rt", "readToken"},
                                        {"phh", "parse_http_header"},
                                        {"httphdr", "parse_http_header"},
                                        {"op", "open"}}));
  INFO(c.pattern);
  const auto hits = *reader->symbols({.name = c.pattern, .fuzzy = true});
  REQUIRE_FALSE(hits.empty());
  CHECK(hits.front().symbol.name == c.first);
  CHECK(reader->symbols({.name = "xyzzy", .fuzzy = true})->empty());
}

TEST_CASE("members and references: by container and by name", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  store.put("b.x", kBox);
  const auto reader = store.committed();
  const auto members = *reader->members("Box", 10);
  REQUIRE(members.size() == 2);
  CHECK(members[0].symbol.name == "open");
  CHECK(members[1].symbol.name == "shut");
  const auto references = *reader->references("parse_http_header", 10);
  REQUIRE(references.size() == 1);
  CHECK(references[0].path == "b.x");
  CHECK(references[0].reference.line == 2);
  CHECK(references[0].reference.column == 3);
  CHECK(reader->references("lid", 1)->size() == 1);
  CHECK(reader->references("nobody", 10)->empty());
}

TEST_CASE("similar_chunks: sub-words of the query choose the chunk", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  store.put("b.x", kBox);
  for (unsigned i = 0; i < 20; ++i) store.put("n" + std::to_string(i), sample_code(i, 2000));
  const auto reader = store.committed();
  const auto hits = *reader->similar_chunks({.identifiers = {"slamLid", "lid"}, .limit = 3});
  REQUIRE_FALSE(hits.empty());
  CHECK(hits.front().path == "b.x");
  CHECK(hits.front().text == "def Box__shut(lid)\n  slam(lid)\n");
  CHECK(hits.front().chunk.line == 3);
  for (std::size_t i = 1; i < hits.size(); ++i) CHECK(hits[i - 1].score >= hits[i].score);
  const auto elsewhere =
      *reader->similar_chunks({.identifiers = {"slam"}, .exclude_paths = {"b.x"}});
  for (const ChunkHit& h : elsewhere) {
    CHECK(h.path != "b.x");
  }
  // An old version of a file is never an answer.
  store.put("b.x", kHttp);
  REQUIRE(store.writer().commit());
  CHECK(reader->similar_chunks({.identifiers = {"slam"}})->empty());
}

TEST_CASE("similar_chunks: code that is not the project's own comes when asked for alone",
          "[memory]") {
  for (const FileFlag flag : {FileFlag::kVendored, FileFlag::kOtherLicence}) {
    Store store;
    store.put("deps/b.x", kBox, static_cast<std::uint32_t>(flag));
    store.put("a.x", kHttp);
    const auto reader = store.committed();
    CHECK(reader->similar_chunks({.identifiers = {"slamLid"}})->empty());
    const auto hits =
        *reader->similar_chunks({.identifiers = {"slamLid"}, .include_foreign = true});
    REQUIRE_FALSE(hits.empty());
    CHECK(hits.front().path == "deps/b.x");
    store.put("own.x", kBox);  // the same contents
    REQUIRE(store.writer().commit());
    REQUIRE_FALSE(reader->similar_chunks({.identifiers = {"slamLid"}})->empty());
    CHECK(reader->similar_chunks({.identifiers = {"slamLid"}})->front().path == "own.x");
  }
}

TEST_CASE("full_text: all words must occur, in identifiers or comments", "[memory]") {
  Store store;
  store.put("a.x", kHttp);
  store.put("b.x", kBox);
  const auto reader = store.committed();
  CHECK((*reader->full_text("incoming spaces", 5)).at(0).path == "a.x");
  CHECK((*reader->full_text("slam", 5)).at(0).path == "b.x");
  CHECK(reader->full_text("incoming slam", 5)->empty());
  CHECK(reader->full_text("\" OR * NEAR(", 5)->empty());
  CHECK(reader->full_text("", 5)->empty());
}

TEST_CASE("optimize: unreferenced contents go, answers stay", "[memory]") {
  Store store;
  for (unsigned round = 0; round < 12; ++round) {
    for (unsigned i = 0; i < 10; ++i) {
      store.put("n" + std::to_string(i), sample_code(round * 10 + i, 3000));
    }
    store.put("a.x", kHttp);
    REQUIRE(store.writer().commit());
  }
  const auto reader = store.committed();
  const auto before = *reader->similar_chunks({.identifiers = {"incoming", "spaces"}, .limit = 1});
  const std::uint64_t bytes_before = reader->counts()->store_bytes_facts;
  REQUIRE(store.writer().optimize());
  CHECK(*store.writer().has_content(sha256(sample_code(119, 3000)), "sample"));
  CHECK_FALSE(*store.writer().has_content(sha256(sample_code(0, 3000)), "sample"));
  const auto fresh = CatalogueReader::open(store.path());
  REQUIRE(fresh);
  CHECK((*fresh)->counts()->store_bytes_facts < bytes_before);
  CHECK(*(*fresh)->text("a.x") == kHttp);
  CHECK((*fresh)->symbols({.name = "readToken"})->size() == 1);
  CHECK((*fresh)->full_text("incoming spaces", 5)->size() == 1);
  const auto after = *(*fresh)->similar_chunks({.identifiers = {"incoming", "spaces"}, .limit = 1});
  REQUIRE(after.size() == 1);
  CHECK(after[0].text == before.at(0).text);
}

TEST_CASE("optimize_when_due: only when there is much to gain", "[memory]") {
  Store store;
  for (unsigned i = 0; i < 10; ++i) store.put("n" + std::to_string(i), sample_code(i, 300'000));
  CHECK_FALSE(*store.writer().optimize_when_due());
  store.put("n0", sample_code(100, 300'000));
  CHECK_FALSE(*store.writer().optimize_when_due());
  for (unsigned i = 0; i < 6; ++i) store.put("n" + std::to_string(i), sample_code(50 + i, 300'000));
  CHECK(*store.writer().optimize_when_due());
  CHECK_FALSE(*store.writer().has_content(sha256(sample_code(1, 300'000)), "sample"));
  CHECK_FALSE(*store.writer().optimize_when_due());
  // Over its cap, a store collects even a little.
  store.put("n9", sample_code(200, 300'000));
  CHECK(*store.writer().optimize_when_due(0.01));
}

TEST_CASE("store: missing is not found, the directory is private", "[memory]") {
  const TemporaryDirectory directory;
  const auto missing = CatalogueReader::open(directory.path() / "nothing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::kNotFound);
  REQUIRE(CatalogueWriter::open(directory.path() / "deep" / "store"));
  struct stat status{};
  REQUIRE(::stat((directory.path() / "deep" / "store").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("lease: one writer at a time, named to the second, gone with its holder", "[memory]") {
  const TemporaryDirectory directory;
  {
    const auto first = CatalogueWriter::open(directory.path());
    REQUIRE(first);
    const auto second = CatalogueWriter::open(directory.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::kBusy);
    CHECK_THAT(second.error().message,
               Catch::Matchers::ContainsSubstring(std::to_string(::getpid())));
    REQUIRE(lease_holder(directory.path()));
    CHECK(lease_holder(directory.path())->pid == ::getpid());
  }
  CHECK_FALSE(lease_holder(directory.path()));
  CHECK(CatalogueWriter::open(directory.path()));
}

}  // namespace engram
