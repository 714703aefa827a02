#include "tests/pipeline/workspace_fixture.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

namespace engram {

namespace fs = std::filesystem;

void Workspace::age(std::string_view relative, std::int64_t seconds) const {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, (root() / relative).c_str(), times, 0) == 0);
}

void Workspace::age_all() const {
  for (const auto& entry : fs::recursive_directory_iterator(root())) {
    if (entry.is_regular_file()) age(fs::relative(entry.path(), root()).string());
  }
}

IndexReport Workspace::index(const IndexOptions& options) const {
  auto report = index_workspace(root(), store(), options);
  if (!report) FAIL(report.error().message);
  return *std::move(report);
}

IndexReport Workspace::update(const std::vector<std::string>& paths,
                              const IndexOptions& options) const {
  auto report = update_files(root(), store(), paths, options);
  if (!report) FAIL(report.error().message);
  return *std::move(report);
}

std::string sample_source(unsigned number, unsigned seed) {
  return fmt::format(
      "// Keeps the total of part {0}.\n"
      "class Counter{0} {{\n public:\n  int add(int value) {{ return total_ += value + {1}; }}\n\n"
      " private:\n  int total_ = {1};\n}};\n\n"
      "int count_{0}(int n) {{\n  Counter{0} counter;\n  for (int i = 0; i < n; ++i) "
      "counter.add(i);\n  return counter.add({1});\n}}\n",
      number, seed);
}

Snapshot snapshot_of(const fs::path& store) {
  auto reader = CatalogueReader::open(store);
  if (!reader) FAIL(reader.error().message);
  Snapshot snapshot;
  auto files = (*reader)->files();
  REQUIRE(files);
  for (const IndexedFile& file : *files) {
    const FileEntry& e = file.entry;
    std::string text =
        fmt::format("{} {} {} {} {}\n", e.language, e.flags, e.licence, e.size, file.content.hex());
    auto facts = (*reader)->facts(e.path);
    REQUIRE(facts);
    for (const Symbol& s : facts->symbols) {
      text += fmt::format("S {} {} {} {} {}\n", s.name, s.container, s.begin, s.end, s.signature);
    }
    for (const Reference& r : facts->references) text += fmt::format("R {} {}\n", r.name, r.begin);
    for (const Chunk& c : facts->chunks) {
      text += fmt::format("C {} {} {}\n", c.begin, c.end, c.scope);
    }
    auto contents = (*reader)->text(e.path);
    REQUIRE(contents);
    snapshot[e.path] = text + *contents;
  }
  return snapshot;
}

bool has_symbol(const fs::path& store, const std::string& name) {
  auto reader = CatalogueReader::open(store);
  REQUIRE(reader);
  const auto hits = (*reader)->symbols({.name = name});
  REQUIRE(hits);
  return !hits->empty();
}

std::string reason_of(const std::vector<SkippedFile>& skipped, std::string_view path) {
  const auto at = std::ranges::find(skipped, path, &SkippedFile::path);
  return at == skipped.end() ? "" : at->reason;
}

}  // namespace engram
