#include "memory/identifiers/identifiers.h"

#include <algorithm>
#include <map>
#include <random>

#include "core/atomic_file.h"
#include "memory/identifiers/best_identifiers.h"
#include "memory/identifiers/identifier_sync.h"
#include "memory/lease.h"
#include "tests/memory/identifiers_fixture.h"
#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

std::shared_ptr<const IdentifierSegment> segment_of(const PlainCounts& names) {
  IdentifierTables tables;
  IdentifierTableWriter writer;
  for (const auto& [name, counts] : names) writer.add(name, counts);
  tables.tables[0] = writer.take();
  for (std::size_t i = 1; i < kIdentifierTables; ++i) {
    tables.tables[i] = IdentifierTableWriter().take();
  }
  std::string image;
  const auto sink = make_string_sink(image);
  REQUIRE(write_identifier_segment(*sink, tables));
  auto segment = IdentifierSegment::from_image(std::move(image));
  REQUIRE(segment);
  REQUIRE((*segment)->verify());
  return *segment;
}

// Short names over few letters, so that many share prefixes; counts skewed, some negative.
PlainCounts random_names(std::mt19937& random, std::size_t n, bool negative,
                         std::uint32_t most = 50) {
  PlainCounts out;
  while (out.size() < n) {
    std::string name;
    for (std::size_t length = 1 + random() % 9; name.size() < length;) {
      name += static_cast<char>('a' + random() % 4);
    }
    IdentifierCounts& counts = out[name];
    counts.uses = static_cast<std::int64_t>(random() % most * (random() % most)) + 1;
    if (negative && random() % 3 == 0) counts.uses = -counts.uses;
    counts.kinds.clear();
    if (random() % 2 == 0) counts.add(SymbolKind::kFunction, negative ? -1 : 1);
  }
  return out;
}

PlainCounts sum_of(const std::vector<PlainCounts>& parts) {
  PlainCounts out;
  for (const PlainCounts& part : parts) {
    for (const auto& [name, counts] : part) out[name].add(counts);
  }
  std::erase_if(out, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

// The most used names after a prefix, by looking at all of them.
void check_best(const std::vector<KnownIdentifier>& got, const PlainCounts& all,
                std::string_view prefix, std::size_t limit, std::int64_t slack) {
  std::vector<std::int64_t> uses;
  for (const auto& [name, counts] : all) {
    if (std::string_view(name).starts_with(prefix)) uses.push_back(counts.uses);
  }
  std::sort(uses.rbegin(), uses.rend());
  uses.resize(std::min(uses.size(), limit));
  REQUIRE(got.size() == uses.size());
  std::string last;
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("after '" << prefix << "': " << got[i].name);
    REQUIRE(all.contains(got[i].name));
    REQUIRE(got[i].counts == all.at(got[i].name));
    REQUIRE(got[i].counts.uses <= uses[i]);
    REQUIRE(std::max<std::int64_t>(0, got[i].counts.uses) + slack >=
            std::max<std::int64_t>(0, uses[i]));
  }
}

// `slack`: how much more often a name left out may be used.
void check_all(const Identifiers& identifiers, const PlainCounts& all, std::int64_t slack = 0) {
  for (const auto& [name, counts] : all) {
    const auto found = identifiers.find(name);
    REQUIRE(found);
    REQUIRE(*found == counts);
  }
  for (const char* prefix : {"", "a", "ab", "abc", "d", "dddd", "abcdabcda", "e", "aaaaaaaaaa"}) {
    for (const std::size_t limit : {1u, 3u, 20u, 400u}) {
      check_best(identifiers.complete(prefix, limit), all, prefix, limit, slack);
    }
  }
}

constexpr auto kVendoredFile = static_cast<std::uint32_t>(FileFlag::kVendored);

}  // namespace

TEST_CASE("identifiers: every name and the most used after any prefix are found", "[memory]") {
  std::mt19937 random(3);
  const std::size_t n = GENERATE(0u, 1u, 15u, 16u, 17u, 300u, 5000u);
  CAPTURE(n);
  const PlainCounts names = random_names(random, n, false);
  const Identifiers identifiers({segment_of(names)});
  check_all(identifiers, names);
  CHECK(!identifiers.find("e"));
  CHECK(!identifiers.find(""));
}

TEST_CASE("identifiers: several segments answer with their sums", "[memory]") {
  std::mt19937 random(4);
  std::vector<PlainCounts> parts = {random_names(random, 4000, false),
                                    random_names(random, 500, true, 3),
                                    random_names(random, 60, true, 2)};
  std::vector<std::shared_ptr<const IdentifierSegment>> segments;
  for (const PlainCounts& part : parts) segments.push_back(segment_of(part));
  const PlainCounts sums = sum_of(parts);
  check_all(Identifiers(segments), sums, 5 + 2);  // the most a small one has
  const auto merged = merged_identifiers(segments);
  REQUIRE(merged);
  std::string image;
  REQUIRE(write_identifier_segment(*make_string_sink(image), *merged));
  const auto one = IdentifierSegment::from_image(std::move(image));
  REQUIRE(one);
  CHECK((*one)->keys() == sums.size());
  check_all(Identifiers({*one}), sums);
}

TEST_CASE("identifiers: counts follow the catalogue through every change", "[memory]") {
  Vocabulary vocabulary;
  std::mt19937 random(5);
  std::vector<PlainFile> files;
  IdentifierSyncOptions small;
  small.batch_keys = 64;  // several segments a sync
  for (std::uint64_t round = 0; round < 12; ++round) {
    for (int change = 0; change < 3; ++change) {
      const std::uint32_t flags = random() % 4 == 0 ? kVendoredFile : 0;
      PlainFile fresh{"f" + std::to_string(random() % 9) + ".x", sample_code(random() % 12, 600),
                      flags};
      std::erase_if(files, [&](const PlainFile& f) { return f.path == fresh.path; });
      if (random() % 5 != 0) files.push_back(std::move(fresh));
    }
    vocabulary.hold(files);
    const bool forget = round % 4 == 3;  // before it was counted: what to take away is unknown
    if (forget) REQUIRE(vocabulary.catalogue().optimize());
    const IdentifierReport report = vocabulary.sync(small);
    CHECK(report.segments <= 6);
    vocabulary.check(files);
    CHECK(vocabulary.sync().counted == 0);
  }
}

TEST_CASE("identifiers: members of a type come ranked by how often their name is used",
          "[memory]") {
  Vocabulary vocabulary;
  FileFacts facts;
  facts.language = "sample";
  const std::string text(400, ' ');
  const auto symbol = [&](std::string name, std::string container, SymbolKind kind) {
    Symbol s;
    s.name = std::move(name);
    s.container = std::move(container);
    s.kind = kind;
    s.end = s.name_end = 1;
    s.line = s.column = s.end_line = 1;
    facts.symbols.push_back(s);
  };
  symbol("Buffer", "", SymbolKind::kClass);
  symbol("append", "ns::Buffer", SymbolKind::kMethod);
  symbol("append_all", "ns::Buffer", SymbolKind::kMethod);
  symbol("size_", "ns::Buffer", SymbolKind::kField);
  symbol("append", "Other", SymbolKind::kMethod);
  symbol("append_twice", "Buffers", SymbolKind::kMethod);
  for (int i = 0; i < 5; ++i) {
    Reference r;
    r.name = "append_all";
    r.begin = static_cast<std::uint32_t>(10 * i);
    r.end = r.begin + 10;
    facts.references.push_back(r);
  }
  REQUIRE(vocabulary.catalogue().put_file(sample_entry("a.x", text), sha256(text), &facts, text));
  REQUIRE(vocabulary.catalogue().commit());
  vocabulary.sync();
  const auto identifiers = vocabulary.newest();
  const auto names = [&](std::string_view type, std::string_view prefix) {
    std::vector<std::string> out;
    for (const auto& member : identifiers->members(type, prefix, 10)) {
      CHECK(member.member);
      out.push_back(member.name);
    }
    return out;
  };
  CHECK(names("Buffer", "app") == std::vector<std::string>{"append_all", "append"});
  CHECK(names("std::Buffer<T>", "") == std::vector<std::string>{"append_all", "append", "size_"});
  CHECK(names("Buff", "").empty());
  CHECK(names("", "").empty());
  const auto append = identifiers->find("append");
  REQUIRE(append);
  CHECK(append->kinds == std::vector<IdentifierCounts::Kind>{{SymbolKind::kMethod, 2}});
}

TEST_CASE("identifiers: a damaged segment is refused or gives no answer, never a wrong access",
          "[memory]") {
  std::mt19937 random(6);
  const PlainCounts names = random_names(random, 700, false);
  std::string image;
  {
    IdentifierTables tables;
    IdentifierTableWriter writer;
    for (const auto& [name, counts] : names) writer.add(name, counts);
    tables.tables[0] = writer.take();
    tables.tables[1] = IdentifierTableWriter().take();
    tables.tables[2] = IdentifierTableWriter().take();
    REQUIRE(write_identifier_segment(*make_string_sink(image), tables));
  }
  const auto whole = IdentifierSegment::from_image(image);
  REQUIRE(whole);
  CHECK((*whole)->names().entry_count() == names.size());
  CHECK((*whole)->members().entry_count() == 0);
  for (std::size_t size = 0; size < image.size(); size += 97) {
    CHECK(!IdentifierSegment::from_image(image.substr(0, size)));
  }
  std::size_t opened = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bad = image;
    for (int flips = 1 + round % 3; flips > 0; --flips) {
      bad[random() % bad.size()] ^= static_cast<char>(1 + random() % 255);
    }
    if (bad == image) continue;
    const auto segment = IdentifierSegment::from_image(bad);
    if (!segment) continue;
    ++opened;
    const Identifiers identifiers({*segment});
    (void)identifiers.find("abca");
    CHECK(identifiers.complete("a", 5).size() <= 5);
    std::size_t walked = 0;
    for (IdentifierWalk walk((*segment)->names()); walk.next();) ++walked;
    CHECK(walked <= names.size() + 16);
  }
  CHECK(opened > 1000);
}

TEST_CASE("identifiers: one bad byte anywhere in a table is found by verify", "[memory]") {
  std::mt19937 random(7);
  const PlainCounts names = random_names(random, 100, false);
  TemporaryDirectory directory;
  const auto file = directory.path() / "a.seg";
  IdentifierTables tables;
  for (auto& table : tables.tables) {
    IdentifierTableWriter writer;
    for (const auto& [name, counts] : names) writer.add(name, counts);
    table = writer.take();
  }
  REQUIRE(write_identifier_segment(*make_file_sink(file), tables));
  const auto image = read_file(file);
  REQUIRE(image);
  std::size_t missed = 0;
  for (std::size_t i = 0; i < image->size(); ++i) {
    std::string bad = *image;
    bad[i] ^= 1;
    const auto segment = IdentifierSegment::from_image(bad);
    if (segment && (*segment)->verify()) ++missed;
  }
  CHECK(missed < 8 * 9);  // padding between tables
}

TEST_CASE("identifiers: a damaged store is counted anew, and says so", "[memory]") {
  Vocabulary vocabulary;
  const std::vector<PlainFile> files = {{"a.x", sample_code(1, 900)}, {"b.x", sample_code(2, 900)}};
  vocabulary.hold(files);
  vocabulary.sync();
  REQUIRE(segment_files(vocabulary.path()).size() == 1);
  const auto file = segment_files(vocabulary.path()).front();
  SECTION("a segment is cut short") {
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 8);
    CHECK(!IdentifierReader(vocabulary.path()).newest());
  }
  SECTION("a segment is gone") {
    std::filesystem::remove(file);
    CHECK(!IdentifierReader(vocabulary.path()).newest());
  }
  SECTION("the manifest is damaged") {
    REQUIRE(write_file_atomically(identifier_directory(vocabulary.path()) / "manifest", "???"));
  }
  const IdentifierReport report = vocabulary.sync();
  CHECK(report.counted == 2);
  CHECK(report.problems.size() == 1);
  vocabulary.check(files);
}

TEST_CASE("identifiers: a second writer is told who is first; readers see the old state",
          "[memory]") {
  Vocabulary vocabulary;
  const std::vector<PlainFile> files = {{"a.x", sample_code(1, 900)}};
  vocabulary.hold(files);
  vocabulary.sync();
  const auto lease = WriteLease::acquire(identifier_directory(vocabulary.path()));
  REQUIRE(lease);
  const auto refused = sync_identifiers(vocabulary.path());
  REQUIRE(!refused);
  CHECK(refused.error().code == Errc::kBusy);
  vocabulary.check(files);
}

TEST_CASE("identifiers: a stopped sync keeps what it published and the next goes on", "[memory]") {
  Vocabulary vocabulary;
  std::vector<PlainFile> files;
  for (std::uint64_t i = 0; i < 6; ++i) {
    files.push_back({"f" + std::to_string(i) + ".x", sample_code(i, 700)});
  }
  vocabulary.hold(files);
  std::stop_source stop;
  IdentifierSyncOptions options;
  options.batch_keys = 1;  // publishes after every content
  int contents = 0;
  options.may_proceed = [&] {
    if (++contents == 3) stop.request_stop();
  };
  const auto stopped = sync_identifiers(vocabulary.path(), options, stop.get_token());
  REQUIRE(!stopped);
  CHECK(stopped.error().code == Errc::kCancelled);
  vocabulary.check({files.begin(), files.begin() + 3});
  CHECK(vocabulary.sync().counted == 3);
  vocabulary.check(files);
}

}  // namespace engram
