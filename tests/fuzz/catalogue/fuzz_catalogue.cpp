// Everything memory/ reads back, from hostile bytes: blob decoders (the input becomes a sound
// compressed frame, so that what is inside gets parsed), term blocks, filters, globs, patterns,
// whole stores with patched pages, archives. Only a crash, a sanitizer report or a lie of a decoder
// (an offset outside the text) is a finding.

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/atomic_file.h"
#include "memory/catalogue.h"
#include "memory/compression.h"
#include "memory/facts_codec.h"
#include "memory/glob.h"
#include "memory/name_match.h"
#include "memory/term_index.h"
#include "memory/text_search.h"
#include "memory/trigram_filter.h"
#include "tests/memory/sample_facts.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kTextBytes = 5000;

void require(bool condition) {
  if (!condition) std::abort();
}

void fuzz_decoders(std::string_view data) {
  const std::string frame = compress(data);
  for (const std::string_view blob : {std::string_view(frame), data}) {
    if (const auto symbols = decode_symbols(blob, kTextBytes)) {
      for (const Symbol& s : *symbols) require(s.begin <= s.end && s.end <= kTextBytes);
    }
    if (const auto references = decode_references(blob, kTextBytes)) {
      for (const Reference& r : *references) require(r.begin <= r.end && r.end <= kTextBytes);
    }
    static_cast<void>(decode_references(blob, kTextBytes, "name"));
    if (const auto chunks = decode_chunks(blob, kTextBytes)) {
      for (const Chunk& c : *chunks) require(c.begin <= c.end && c.end <= kTextBytes);
    }
  }
}

void fuzz_terms(std::string_view data) {
  TermBlockReader block(data);
  while (block.next()) {
    static_cast<void>(for_each_posting(block.postings(), [](std::uint64_t, std::uint8_t) {}));
  }
}

void fuzz_matchers(std::string_view data) {
  const std::string_view a = data.substr(0, data.size() / 2), b = data.substr(a.size());
  static_cast<void>(glob_match(a, b));
  require(NameMatcher(b).score(b) > 0 || b.empty());
  static_cast<void>(NameMatcher(a).score(b));
  static_cast<void>(may_contain(a, trigram_hashes(b, false)));
  // A filter never denies what its text has.
  if (b.size() >= 3) require(may_contain(make_trigram_filter(data), trigram_hashes(b, false)));
}

// A store made once, and a place to put broken copies of it.
struct Template {
  Template() {
    std::string name = (fs::temp_directory_path() / "engram-fuzz-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr);
    root = name;
    const auto writer = CatalogueWriter::open(root / "good");
    require(static_cast<bool>(writer));
    for (unsigned i = 0; i < 3; ++i) {
      require(
          static_cast<bool>(put_sample(**writer, "f" + std::to_string(i), sample_code(i, 1500))));
    }
    require(static_cast<bool>((*writer)->commit()));
    require(static_cast<bool>((*writer)->optimize()));
    bytes = *read_file(root / "good" / "catalogue.db");
  }
  ~Template() {
    std::error_code ec;
    fs::remove_all(root, ec);
  }
  fs::path root;
  std::string bytes;
};

void put(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Triples (offset, offset, byte) patch the template: pages stay plausible.
void fuzz_store(std::string_view data) {
  static const Template store;
  std::string bytes = store.bytes;
  for (; data.size() >= 4; data.remove_prefix(4)) {
    std::size_t at = 0;
    for (int i = 0; i < 3; ++i)
      at = at << 8 | static_cast<unsigned char>(data[static_cast<std::size_t>(i)]);
    bytes[at % bytes.size()] = data[3];
  }
  const fs::path directory = store.root / "bad";
  std::error_code ec;
  fs::remove_all(directory, ec);
  fs::create_directories(directory, ec);
  put(directory / "catalogue.db", bytes);
  if (const auto reader = CatalogueReader::open(directory)) {
    static_cast<void>((*reader)->counts());
    static_cast<void>((*reader)->files());
    static_cast<void>((*reader)->facts("f0"));
    static_cast<void>((*reader)->text("f1"));
    static_cast<void>((*reader)->symbols({.name = "parse", .fuzzy = true}));
    static_cast<void>((*reader)->members("Node", 10));
    static_cast<void>((*reader)->references("Buffer", 10));
    static_cast<void>((*reader)->similar_chunks({.identifiers = {"parseHeader"}}));
    static_cast<void>((*reader)->full_text("parse header", 5));
  }
  TextQuery query;
  query.pattern = "parse";
  query.threads = 1;
  static_cast<void>(search_text(directory, query));
  if (const auto writer = CatalogueWriter::open(directory)) {
    static_cast<void>(put_sample(**writer, "new", sample_code(9, 500)));
    static_cast<void>((*writer)->remove_file("f1"));
    static_cast<void>((*writer)->optimize());
  }
}

void fuzz_archive(std::string_view data) {
  static const Template store;
  static const std::string archive = [] {
    require(static_cast<bool>(export_store(store.root / "good", store.root / "a.engram")));
    return *read_file(store.root / "a.engram");
  }();
  std::string bytes = archive;
  if (!data.empty() && (data[0] & 1) != 0) {
    bytes = std::string(data);
  } else {
    for (; data.size() >= 3; data.remove_prefix(3)) {
      const auto at =
          static_cast<unsigned char>(data[0]) << 8 | static_cast<unsigned char>(data[1]);
      bytes[static_cast<std::size_t>(at) % bytes.size()] = data[2];
    }
  }
  put(store.root / "bad.engram", bytes);
  static_cast<void>(import_store(store.root / "bad.engram", store.root / "imported"));
}

}  // namespace

}  // namespace engram

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      engram::fuzz_store(input);
      break;
    case 1:
      engram::fuzz_archive(input);
      break;
    case 2:
    case 3:
      engram::fuzz_terms(input);
      break;
    case 4:
      engram::fuzz_matchers(input);
      break;
    default:
      engram::fuzz_decoders(input);
      break;
  }
  return 0;
}
