// The store of engrams when its files are damaged, torn or truncated, its writer dies by kill -9 or
// the disk is full. Whatever happens, a reader's answers are those of a list of the contents left.

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/memory/engram_rig.h"

namespace engram {

namespace fs = std::filesystem;

TEST_CASE("engram store: a damaged or missing segment is set aside, reported and filled again",
          "[memory]") {
  std::mt19937 random(43);
  const Tokens a = random_tokens(random, 3000, kAlphabet), b = random_tokens(random, 90, kAlphabet);
  for (int damage = 0; damage < 5; ++damage) {
    const TemporaryDirectory d;
    {
      const auto writer = open_writer(d.path());
      put(*writer, "a", a);
      REQUIRE(writer->commit());
      put(*writer, "b", b);
      REQUIRE(writer->commit());
    }
    const fs::path directory = engram_directory(d.path(), vocabulary()->fingerprint());
    const fs::path victim = directory / "000001.seg";
    REQUIRE(fs::exists(victim));
    if (damage == 0) fs::remove(victim);
    if (damage == 1) fs::resize_file(victim, fs::file_size(victim) / 2);
    if (damage == 2) fs::resize_file(victim, 0);
    if (damage >= 3) {  // a byte of the header, of the tables
      std::fstream file(victim, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(damage == 3 ? 20 : static_cast<long>(fs::file_size(victim)) - 1);
      file.put('\x7f');
    }
    {
      EngramReader reader(d.path(), vocabulary());
      const auto snapshot = reader.snapshot();  // the rest answers
      REQUIRE(snapshot);
      CHECK((*snapshot)->file("b"));
      CHECK_FALSE((*snapshot)->file("a"));
      CHECK(reader.problems().size() == 1);
    }
    const auto writer = open_writer(d.path());
    CHECK(writer->problems().size() == 1);
    CHECK(fs::exists(directory / "000001.seg.damaged") == (damage != 0));
    CHECK_FALSE(writer->has_tokens(content_of(a), false));
    put(*writer, "a", a);
    REQUIRE(writer->commit());
    check_remembers(d.path(), {{"a", a}, {"b", b}}, 1);
  }
}

TEST_CASE("engram store: damage inside the large sections is found before a merge trusts them",
          "[memory]") {
  std::mt19937 random(47);
  const TemporaryDirectory d;
  const Tokens a = random_tokens(random, 3000, kAlphabet);
  {
    const auto writer = open_writer(d.path());
    put(*writer, "a", a);
    REQUIRE(writer->commit());
  }
  const fs::path victim = engram_directory(d.path(), vocabulary()->fingerprint()) / "000001.seg";
  {
    const auto segment = EngramSegment::open(victim, *vocabulary());
    REQUIRE(segment);
    std::fstream file(victim, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(sizeof(SegmentHeader) + 900);  // among the symbols
    file.put('\x7f');
  }
  const auto writer = open_writer(d.path());
  CHECK(writer->problems().empty());
  const Tokens b = random_tokens(random, 3000, kAlphabet);
  put(*writer, "b", b);
  REQUIRE(writer->commit());
  merge_all(*writer);
  CHECK(writer->problems().size() == 1);
  check_remembers(d.path(), {{"b", b}}, 2);
}

TEST_CASE("engram store: a manifest torn before it was synced leaves what was durable",
          "[memory]") {
  std::mt19937 random(79);
  const Tokens a = random_tokens(random, 300, kAlphabet), b = random_tokens(random, 300, kAlphabet);
  const auto put_later = [](EngramWriter& writer, const std::string& path, const Tokens& tokens) {
    put(writer, path, tokens);
    REQUIRE(writer.commit({}, Durability::kLater));
  };
  for (const bool empty : {true, false}) {
    const TemporaryDirectory d;
    const fs::path directory = engram_directory(d.path(), vocabulary()->fingerprint());
    const auto tear = [&] {
      const std::uintmax_t size = fs::file_size(directory / "manifest");
      fs::resize_file(directory / "manifest", empty ? 0 : size / 2);
    };
    {
      const auto writer = open_writer(d.path());
      put(*writer, "a", a);
      REQUIRE(writer->commit());
      CHECK_FALSE(fs::exists(directory / kDurableManifest));
      put_later(*writer, "b", b);
      put_later(*writer, "c", a);
    }
    check_remembers(d.path(), {{"a", a}, {"b", b}, {"c", a}}, 4, 5);
    tear();
    check_remembers(d.path(), {{"a", a}}, 5, 5);
    {
      const auto writer = open_writer(d.path());
      CHECK(writer->problems().empty());
      CHECK(segment_count(d.path()) == 1);
      put_later(*writer, "b", b);  // over the torn one: what is durable stays so
    }
    check_remembers(d.path(), {{"a", a}, {"b", b}}, 6, 5);
    tear();
    check_remembers(d.path(), {{"a", a}}, 7, 5);
    const auto writer = open_writer(d.path());
    put_later(*writer, "b", b);
    REQUIRE(writer->make_durable());
    CHECK_FALSE(fs::exists(directory / kDurableManifest));
    check_remembers(d.path(), {{"a", a}, {"b", b}}, 8, 5);
  }
}

TEST_CASE("engram store: before there is a durable manifest none is left unsynced", "[memory]") {
  const TemporaryDirectory d;
  const fs::path directory = engram_directory(d.path(), vocabulary()->fingerprint());
  const auto writer = open_writer(d.path());
  put(*writer, "a", {1, 2, 3, 4});
  REQUIRE(writer->commit({}, Durability::kLater));
  put(*writer, "b", {1, 2, 3, 5});
  REQUIRE(writer->commit({}, Durability::kLater));
  CHECK_FALSE(fs::exists(directory / kDurableManifest));  // one that names unsynced ones is not it
  REQUIRE(writer->make_durable());
  // What a crash may leave behind is not taken for the last one.
  const fs::path older = d.path() / "older";
  fs::copy_file(directory / "manifest", older);
  put(*writer, "b", {1, 2, 3, 6});
  REQUIRE(writer->commit());
  fs::copy_file(older, directory / kDurableManifest);
  put(*writer, "c", {1, 2, 3, 7});
  REQUIRE(writer->commit({}, Durability::kLater));
  fs::resize_file(directory / "manifest", 0);
  check_remembers(d.path(), {{"a", {1, 2, 3, 4}}, {"b", {1, 2, 3, 6}}}, 9);
}

TEST_CASE("engram store: any byte changed in a segment is refused or answered within bounds",
          "[memory]") {
  std::mt19937 random(53);
  const auto segment = [&] {
    SegmentBuilder builder(*vocabulary(), false);
    EngramContentInfo info;
    const Tokens tokens = random_tokens(random, 2500, kAlphabet);
    info.sha256 = content_of(tokens);
    REQUIRE(builder.add_content(info, tokens));
    builder.add_path({"a", info.sha256, 1, 0, false});
    std::string image;
    const auto sink = make_string_sink(image);
    REQUIRE(builder.write(*sink));
    return image;
  }();
  std::size_t refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string image = segment;
    for (unsigned n = 0; n <= random() % 4; ++n) {
      image[random() % image.size()] = static_cast<char>(random());
    }
    if (i % 5 == 0) image.resize(random() % image.size());
    const auto opened = EngramSegment::from_image(std::move(image), *vocabulary());
    if (!opened) {
      CHECK(opened.error().code == Errc::kCorrupt);
      ++refused;
      continue;
    }
    const EngramView view(std::make_shared<EngramSnapshot>(std::span(&*opened, 1)), vocabulary(),
                          {}, {});
    LookupAnswer answer;
    for (int q = 0; q < 5; ++q) {
      const Tokens context = random_tokens(random, 16, kAlphabet);
      view.look_up(context, answer);
      for (const EngramPosition p : view.positions(context, 1)) {
        view.source(p);
        view.tokens_at(p, 40);
      }
    }
  }
  CHECK(refused > 600);
}

TEST_CASE("engram store: a segment truncated under a reader ends the answer, not the process",
          "[memory]") {
  const TemporaryDirectory d;
  std::mt19937 random(59);
  {
    const auto writer = open_writer(d.path());
    put(*writer, "a", random_tokens(random, 100000, kAlphabet));
    REQUIRE(writer->commit());
  }
  EngramReader reader(d.path(), vocabulary());
  const auto snapshot = reader.snapshot();
  REQUIRE(snapshot);
  const EngramView view(*snapshot, vocabulary(), {}, {});
  CHECK_FALSE(view.damaged());
  fs::resize_file(engram_directory(d.path(), vocabulary()->fingerprint()) / "000001.seg", 8192);
  LookupAnswer answer;
  for (int i = 0; i < 100; ++i) {
    const Tokens context = random_tokens(random, 16, kAlphabet);
    view.look_up(context, answer);
    for (const EngramPosition p : view.positions(context, 2)) view.source(p);
  }
  CHECK(view.damaged());
}

namespace {

// A child writes generation after generation, merging all the time, until it is killed.
Files generation_files(unsigned generation) {
  Files files;
  std::mt19937 random(generation);
  for (int f = 0; f < 6; ++f) {
    files["f" + std::to_string(f)] = random_tokens(random, 800, kAlphabet);
  }
  return files;
}

[[noreturn]] void write_generations(const fs::path& store, unsigned first, int told) {
  auto writer = EngramWriter::open(store, vocabulary());
  if (!writer) ::_exit(9);
  for (unsigned g = first;; ++g) {
    for (const auto& [path, tokens] : generation_files(g)) {
      EngramContentInfo info;
      info.sha256 = content_of(tokens);
      if (!(*writer)->put_file(path, 0, info, tokens)) ::_exit(8);
    }
    if (!(*writer)->commit()) ::_exit(7);
    if (::write(told, "x", 1) != 1) ::_exit(6);
    while (true) {
      const auto merged = (*writer)->merge();
      if (!merged) ::_exit(5);
      if (!*merged) break;
    }
  }
}

}  // namespace

// ENGRAM_KILLS sets how often; tools/campaigns/engram_kills asks for hundreds.
TEST_CASE("engram store: kill -9 at random instants of commits and merges loses nothing published",
          "[memory]") {
  const TemporaryDirectory d;
  const char* asked = std::getenv("ENGRAM_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : 12;
  std::mt19937 random(61);
  unsigned last = 0;
  for (int round = 0; round < kills; ++round) {
    int told[2];
    REQUIRE(::pipe(told) == 0);
    const pid_t child = ::fork();
    if (child == 0) write_generations(d.path(), last + 1, told[1]);
    REQUIRE(child > 0);
    ::close(told[1]);
    const unsigned published = 1 + static_cast<unsigned>(random() % 3);
    char c = 0;
    for (unsigned i = 0; i < published; ++i) REQUIRE(::read(told[0], &c, 1) == 1);
    ::usleep(static_cast<useconds_t>(random() % 9000));  // the random instant, not a wait
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    ::close(told[0]);
    EngramReader reader(d.path(), vocabulary());
    const auto snapshot = reader.snapshot();
    REQUIRE(snapshot);
    CHECK(reader.problems().empty());
    unsigned seen = 0;
    for (unsigned g = last + published; g < last + 400 && seen == 0; ++g) {
      const Files files = generation_files(g);
      const auto file = (*snapshot)->file("f0");
      REQUIRE(file);
      if (file->content == content_of(files.at("f0"))) seen = g;
    }
    REQUIRE(seen >= last + published);  // what commit() returned for is there
    check_remembers(d.path(), generation_files(seen), static_cast<unsigned>(round), 5);
    last = seen;
  }
}

TEST_CASE("engram store: a full disk during a merge leaves the old data answering", "[memory]") {
  const TemporaryDirectory d;
  const pid_t child = ::fork();
  if (child == 0) {  // a file size limit is a disk that is full for every larger file
    std::mt19937 random(67);
    ::signal(SIGXFSZ, SIG_IGN);
    auto writer = EngramWriter::open(d.path(), vocabulary());
    if (!writer) ::_exit(9);
    Files files;
    for (const char* path : {"a", "b"}) {
      files[path] = random_tokens(random, 6000, kAlphabet);
      EngramContentInfo info;
      info.sha256 = content_of(files[path]);
      if (!(*writer)->put_file(path, 0, info, files[path])) ::_exit(8);
      if (!(*writer)->commit()) ::_exit(7);
    }
    const rlimit limit{30000, 30000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto merged = (*writer)->merge();
    if (merged || merged.error().code != Errc::kIo) ::_exit(6);
    EngramReader reader(d.path(), vocabulary());
    const auto snapshot = reader.snapshot();
    if (!snapshot || !(*snapshot)->file("a") || !(*snapshot)->file("b")) ::_exit(5);
    if ((*snapshot)->live_tokens() != 12000) ::_exit(4);
    if (segment_count(d.path()) != 2) ::_exit(3);  // and nothing half-written lies about
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace engram
