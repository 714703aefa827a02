#include "assist/navigation/read_ahead.h"

#include "assist/navigation/source_texts.h"
#include "indexer/pipeline.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

std::vector<std::string> write_files(const TemporaryDirectory& folder, int count) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) {
    paths.push_back("f" + std::to_string(i) + ".c");
    folder.write(paths.back(), "int f" + std::to_string(i) + ";\n");
  }
  return paths;
}

}  // namespace

TEST_CASE("read ahead: each file as it is, once; what is not there is not given") {
  const TemporaryDirectory folder;
  std::vector<std::string> paths = write_files(folder, 300);
  paths.insert(paths.begin() + 100, {"none.c", "../outside.c"});
  const auto root = WorkspaceRoot::open(folder.path());
  REQUIRE(root);
  ReadAhead ahead;
  ahead.read(*root, paths, 1 << 20);
  for (int i = 0; i < 300; ++i) {
    const std::string path = "f" + std::to_string(i) + ".c";
    const auto contents = ahead.take(path);
    REQUIRE(contents);
    CHECK(contents->text == "int f" + std::to_string(i) + ";\n");
    CHECK(contents->mtime_ns == root->status(path)->mtime_ns);
    CHECK_FALSE(ahead.take(path));
  }
  CHECK_FALSE(ahead.take("none.c"));
  CHECK_FALSE(ahead.take("../outside.c"));
  ahead.read(*root, paths, 100);
  std::size_t bytes = 0;
  for (const std::string& path : paths) {
    if (const auto contents = ahead.take(path)) bytes += contents->text.size();
  }
  CHECK(bytes >= 100);
  CHECK(bytes < 200);  // at most one more a thread
}

TEST_CASE("source texts: what was read ahead is what is there, until the next question") {
  const TemporaryDirectory folder, store;
  const std::vector<std::string> paths = write_files(folder, 100);
  REQUIRE(index_workspace(folder.path(), store.path(), {}));
  SourceTexts texts(folder.path(), store.path());
  texts.set_open({{"f1.c", "c", std::make_shared<const std::string>("int open;\n")}});
  texts.read_ahead(paths);
  CHECK(*texts.find("f0.c")->text == "int f0;\n");
  CHECK(*texts.find("f1.c")->text == "int open;\n");
  folder.write("f2.c", "int changed;\n");
  texts.begin_query();
  CHECK(*texts.find("f2.c")->text == "int changed;\n");
  CHECK(*texts.find("f3.c")->text == "int f3;\n");
}

}  // namespace engram
