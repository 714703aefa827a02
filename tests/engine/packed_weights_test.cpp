#include "engine/host/packed_weights.h"

#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <thread>

#include "core/atomic_file.h"
#include "engine/host/repack_cache.h"
#include "kernels/pack.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tiny_model.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

// A tiny model on disk, and its matrices loaded through a cache directory.
class Store {
 public:
  Store() {
    write_model({});
    options.cache_directory = directory.path() / "repack";
    options.least_cached_bytes = 0;
  }
  void write_model(const test::TinyModel& model) {
    REQUIRE(write_file_atomically(directory.path() / "tiny.gguf",
                                  test::TinyModelWriter(model).bytes()));
  }

  struct Loaded {
    std::shared_ptr<const GgufFile> file;
    std::vector<const GgufTensor*> sources;
    std::vector<Matrix> matrices;
    std::unique_ptr<PackedWeights> weights;
    std::string first_group() const {
      const Matrix& m = matrices.front();
      return {reinterpret_cast<const char*>(m.data), packed_bytes(m.type, m.rows, m.cols)};
    }
  };
  Loaded load() {
    Loaded out;
    const auto weights = try_load(out, {});
    REQUIRE(weights);
    return out;
  }
  // `before`: done to the open file.
  Result<void> try_load(Loaded& out, std::stop_token stop,
                        const std::function<void()>& before = {}) {
    auto file = GgufFile::open(directory.path() / "tiny.gguf");
    REQUIRE(file);
    out.file = *file;
    for (const GgufTensor& t : out.file->tensors()) {
      if (t.type != TensorType::kQ8_0) continue;
      out.sources.push_back(&t);
      out.matrices.push_back({t.type, t.rows(), t.shape[0], nullptr});
    }
    if (before) before();
    std::vector<Matrix*> pointers;
    for (Matrix& m : out.matrices) pointers.push_back(&m);
    ComputePool pool(2);
    pool.set_stop(std::move(stop));
    ENGRAM_TRY(weights, PackedWeights::load(*out.file, out.sources, pointers, pool, options));
    out.weights = std::move(weights);
    return {};
  }
  std::vector<fs::path> cached() const {
    std::vector<fs::path> paths;
    if (!fs::exists(options.cache_directory)) return paths;
    for (const auto& entry : fs::directory_iterator(options.cache_directory)) {
      if (entry.path().extension() != ".xxh3") paths.push_back(entry.path());
    }
    return paths;
  }

  // A file gets its name in the background while the weights are used.
  fs::path finished() const {
    for (;;) {
      const auto paths = cached();
      if (paths.size() == 1 && paths.front().extension() == ".repack") return paths.front();
      std::this_thread::yield();
    }
  }

  TemporaryDirectory directory;
  PackedWeights::Options options;
};

void damage_byte(const fs::path& path, std::streamoff offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offset);
  file.put('#');
}

}  // namespace

TEST_CASE("packed_weights: the second load maps what the first one packed", "[engine]") {
  Store store;
  std::string packed;
  {
    const auto first = store.load();
    CHECK(!first.weights->from_cache());
    packed = first.first_group();
  }  // the file is complete once the weights are gone
  REQUIRE(store.cached().size() == 1);
  struct stat info{};
  REQUIRE(::stat(store.cached().front().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
  const auto second = store.load();
  CHECK(second.weights->from_cache());
  CHECK(second.first_group() == packed);
  CHECK(!second.weights->damaged());
}

TEST_CASE("packed_weights: another model under the same name is packed anew", "[engine]") {
  Store store;
  store.load();
  store.write_model({.vocab = 113});
  CHECK(!store.load().weights->from_cache());
  CHECK(store.cached().size() == 2);
}

TEST_CASE("packed_weights: a cache file that does not fit is packed over, never used", "[engine]") {
  struct Case {
    const char* why;
    void (*spoil)(const fs::path&);
  };
  const auto c = GENERATE(values<Case>({
      {"another layout", [](const fs::path& p) { damage_byte(p, 21); }},
      {"another magic", [](const fs::path& p) { damage_byte(p, 0); }},
      {"header with something behind it", [](const fs::path& p) { damage_byte(p, 4000); }},
      {"truncated", [](const fs::path& p) { fs::resize_file(p, fs::file_size(p) - 1); }},
      {"empty", [](const fs::path& p) { fs::resize_file(p, 0); }},
      {"writable by others", [](const fs::path& p) { ::chmod(p.c_str(), 0666); }},
  }));
  INFO(c.why);
  Store store;
  const std::string packed = store.load().first_group();
  REQUIRE(store.cached().size() == 1);
  c.spoil(store.cached().front());
  {
    const auto again = store.load();
    CHECK(!again.weights->from_cache());
    CHECK(again.first_group() == packed);
  }
  CHECK(store.load().weights->from_cache());
}

TEST_CASE("packed_weights: a flipped bit is found, and the file removed", "[engine]") {
  Store store;
  store.load();
  const fs::path path = store.cached().front();
  CHECK(check_repacked(store.options.cache_directory).intact == 1);
  auto bytes = read_file(path);
  REQUIRE(bytes);
  (*bytes)[bytes->size() - 9] ^= 0x10;
  REQUIRE(write_file_atomically(path, *bytes));
  const RepackCheck check = check_repacked(store.options.cache_directory);
  REQUIRE(check.damaged.size() == 1);
  CHECK(check.damaged.front() == path);
  CHECK(check.intact == 0);
  CHECK_FALSE(fs::exists(path));
  CHECK_FALSE(store.load().weights->from_cache());  // made again
  CHECK(check_repacked(store.options.cache_directory).intact == 1);
  CHECK(check_repacked(store.options.cache_directory / "absent").intact == 0);
}

TEST_CASE("packed_weights: without a usable directory they are packed in memory", "[engine]") {
  Store store;
  const std::string packed = store.load().first_group();
  // A file where the directory should be.
  store.options.cache_directory = store.directory.path() / "tiny.gguf";
  const auto loaded = store.load();
  CHECK(!loaded.weights->from_cache());
  CHECK(loaded.first_group() == packed);
}

TEST_CASE("packed_weights: a load that is stopped ends so, and leaves nothing half in the cache",
          "[engine]") {
  Store store;
  std::stop_source stop;
  stop.request_stop();
  for (const bool cached : {true, false}) {
    if (!cached) store.options.cache_directory.clear();
    Store::Loaded out;
    const auto loaded = store.try_load(out, stop.get_token());
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == Errc::kCancelled);
  }
  store.options.cache_directory = store.directory.path() / "repack";
  CHECK(fs::is_empty(store.options.cache_directory));
  CHECK_FALSE(store.load().weights->from_cache());
}

TEST_CASE("packed_weights: drafts of dead processes are cleared away", "[engine]") {
  Store store;
  fs::create_directories(store.options.cache_directory);
  const fs::path draft = store.options.cache_directory / "0123-v1.repack.writing-999999999";
  REQUIRE(write_file_atomically(draft, "half"));
  store.load();
  CHECK(!fs::exists(draft));
}

TEST_CASE("packed_weights: a cache file truncated while mapped is damage, not a crash",
          "[engine]") {
  Store store;
  const bool packed_by_itself = GENERATE(true, false);
  INFO(packed_by_itself);
  if (!packed_by_itself) store.load();
  const auto loaded = store.load();
  REQUIRE(loaded.weights->from_cache() == !packed_by_itself);
  REQUIRE_FALSE(loaded.weights->damaged());
  fs::resize_file(store.finished(), 4096);
  CHECK(loaded.first_group().size() > 0);  // reads zeros
  CHECK(loaded.weights->damaged());
}

TEST_CASE("packed_weights: a damaged cache file goes with its weights, and is made again",
          "[engine]") {
  Store store;
  std::string packed;
  for (const bool packed_by_itself : {true, false}) {
    if (!packed_by_itself) store.load();
    {
      const auto loaded = store.load();
      REQUIRE(loaded.weights->from_cache() == !packed_by_itself);
      const fs::path file = store.finished();
      packed = loaded.first_group();
      fs::resize_file(file, fs::file_size(file) - 1);
      REQUIRE(loaded.weights->damaged());
    }
    CHECK(store.cached().empty());
  }
  CHECK(store.load().first_group() == packed);
  CHECK(store.load().weights->from_cache());
}

TEST_CASE("packed_weights: of a model file that shrinks while it is packed nothing is kept",
          "[engine]") {
  Store store;
  const fs::path path = store.directory.path() / "tiny.gguf";
  Store::Loaded out;
  // The first pages are in use: what is read beyond them is zeros from now on.
  const auto loaded = store.try_load(out, {}, [&] { fs::resize_file(path, 8192); });
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == Errc::kCorrupt);
  CHECK(loaded.error().message.find("tiny.gguf: the file was truncated") != std::string::npos);
  CHECK(store.cached().empty());
}

}  // namespace engram
