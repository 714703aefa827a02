#include "tests/pipeline/workspace_fixture.h"

namespace engram {

TEST_CASE("update_files: a saved file is queryable, and the rest untouched", "[pipeline]") {
  const Workspace w;
  for (unsigned i = 0; i < 5; ++i) w.write("f" + std::to_string(i) + ".cpp", sample_source(i));
  w.index();
  w.write("f3.cpp", sample_source(33));
  const IndexReport report = w.update({"f3.cpp"});
  CHECK(report.files_parsed == 1);
  CHECK(has_symbol(w.store(), "Counter33"));
  CHECK_FALSE(has_symbol(w.store(), "Counter3"));
  CHECK(has_symbol(w.store(), "Counter4"));
}

TEST_CASE("update_files: new, ignored, vanished and foreign paths get the scan's verdict",
          "[pipeline]") {
  const Workspace w;
  w.write(".gitignore", "*.gen.cpp\n");
  w.write("a.cpp", sample_source(1));
  w.index();
  w.write("b.cpp", sample_source(2));
  w.write("c.gen.cpp", sample_source(3));
  w.write(".env", "A=1");
  w.remove("a.cpp");
  const IndexReport report = w.update(
      {"a.cpp", "b.cpp", "c.gen.cpp", ".env", "never.cpp", "../outside.cpp", "/etc/passwd"});
  CHECK(report.files_parsed == 1);
  CHECK(report.files_removed == 1);
  CHECK(reason_of(report.skipped, "c.gen.cpp") == "ignored");
  CHECK(reason_of(report.skipped, ".env") == "secret");
  const Snapshot after = snapshot_of(w.store());
  CHECK(after.size() == 2);
  CHECK(after.contains("b.cpp"));
}

TEST_CASE("update_files: a directory that appears, changes or goes is followed", "[pipeline]") {
  const Workspace w;
  w.write("keep.cpp", sample_source(0));
  w.index();
  w.write("d/x/a.cpp", sample_source(1));
  w.write("d/b.cpp", sample_source(2));
  CHECK(w.update({"d"}).files_parsed == 2);
  w.remove("d/b.cpp");
  w.write("d/x/a.cpp", sample_source(4));
  const IndexReport changed = w.update({"d"});
  CHECK(changed.files_parsed == 1);
  CHECK(changed.files_removed == 1);
  w.remove("d");
  CHECK(w.update({"d"}).files_removed == 1);
  CHECK(snapshot_of(w.store()).size() == 1);
}

TEST_CASE("update_files: a day of saves does not pile up old contents", "[pipeline]") {
  const Workspace w;
  const auto save = [&](unsigned round) {
    std::string text;
    for (unsigned i = 0; i < 300; ++i) text += sample_source(i, round);
    w.write("a.cpp", text);
    w.update({"a.cpp"});
    const auto reader = CatalogueReader::open(w.store());
    REQUIRE(reader);
    const auto counts = (*reader)->counts();
    REQUIRE(counts);
    return counts->store_bytes_facts;
  };
  std::uint64_t most = 0, last = 0;
  for (unsigned round = 1; round <= 66; ++round) most = std::max(most, last = save(round));
  CHECK(last < most / 2);  // the first save makes the store, the 65th clears it
}

TEST_CASE("update_files: a file that turns secret leaves the store and is listed", "[pipeline]") {
  const Workspace w;
  w.write("a.py", "import os\n");
  w.index();
  w.write("a.py", "T = '" + std::string("gh") + "p_R7tYwQ2mK9xZp4LsVb6NcHj3GfDa1Eo8Ui5T'\n");
  w.update({"a.py"});
  auto reader = CatalogueReader::open(w.store());
  REQUIRE(reader);
  CHECK_FALSE((*reader)->file("a.py")->has_value());
  CHECK(reason_of(*(*reader)->skipped(), "a.py") == "secret");
  w.write("a.py", "import sys\n");
  w.update({"a.py"});
  CHECK(reason_of(*(*CatalogueReader::open(w.store()))->skipped(), "a.py").empty());
}

TEST_CASE("update_files: without a store yet it makes one", "[pipeline]") {
  const Workspace w;
  w.write("a.cpp", sample_source(1));
  w.write("b.cpp", sample_source(2));
  w.update({"a.cpp"});
  CHECK(has_symbol(w.store(), "Counter1"));
  CHECK(w.index().counts.files == 2);
}

}  // namespace engram
