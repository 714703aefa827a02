// tests/memory/identifiers_fixture.h: a store with a catalogue and its vocabulary, and what the
// vocabulary must say, counted one by one.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "memory/catalogue.h"
#include "memory/identifiers/identifier_sync.h"
#include "memory/identifiers/identifiers.h"
#include "tests/memory/sample_facts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

using PlainCounts = std::map<std::string, IdentifierCounts>;

// What the facts of the files say, counted one by one.
struct PlainFile {
  std::string path, text;
  std::uint32_t flags = 0;
};
inline PlainCounts count_files(const std::vector<PlainFile>& files) {
  std::map<std::string, bool> contents;  // by text: whether all of its files are foreign
  for (const PlainFile& f : files) {
    const auto [at, fresh] = contents.emplace(f.text, true);
    at->second = at->second && f.flags != 0;
  }
  PlainCounts out;
  for (const auto& [text, foreign] : contents) {
    const FileFacts facts = sample_facts(text);
    for (const Symbol& s : facts.symbols) {
      if (foreign && s.is_local) continue;
      out[s.name].uses += foreign ? 0 : 1;
      out[s.name].add(s.kind, 1);
    }
    for (const Reference& r : facts.references) out[r.name].uses += foreign ? 0 : 1;
  }
  std::erase_if(out, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

class Vocabulary {
 public:
  Vocabulary() : writer_(*CatalogueWriter::open(path())) {}
  std::filesystem::path path() const { return directory_.path() / "store"; }
  CatalogueWriter& catalogue() { return *writer_; }

  // Makes the catalogue hold exactly these files.
  void hold(const std::vector<PlainFile>& files) {
    const auto known = writer_->files();
    REQUIRE(known);
    for (const IndexedFile& f : *known) REQUIRE(writer_->remove_file(f.entry.path));
    for (const PlainFile& f : files) REQUIRE(put_sample(*writer_, f.path, f.text, f.flags));
    REQUIRE(writer_->commit());
  }
  IdentifierReport sync(const IdentifierSyncOptions& options = {}) {
    auto report = sync_identifiers(path(), options);
    REQUIRE(report);
    return *report;
  }
  std::shared_ptr<const Identifiers> newest() {
    auto now = IdentifierReader(path()).newest();
    REQUIRE(now);
    return *now;
  }
  void check(const std::vector<PlainFile>& files) {
    const PlainCounts expected = count_files(files);
    const auto identifiers = newest();
    const auto got = identifiers->complete("", 1'000'000);
    REQUIRE(got.size() == expected.size());
    for (const KnownIdentifier& known : got) REQUIRE(known.counts == expected.at(known.name));
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<CatalogueWriter> writer_;
};

inline std::vector<std::filesystem::path> segment_files(const std::filesystem::path& store) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(identifier_directory(store))) {
    if (entry.path().extension() == ".seg") out.push_back(entry.path());
  }
  return out;
}

}  // namespace engram
