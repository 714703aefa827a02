#include "assist/config/settings.h"

#include "assist/config/trust.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

// A home of its own, so that the developer's settings do not reach the test.
struct Home {
  TemporaryDirectory directory;
  ScopedVariable config{"XDG_CONFIG_HOME", (directory.path() / "config").c_str()};
  ScopedVariable data{"XDG_DATA_HOME", (directory.path() / "data").c_str()};
  ScopedVariable model{"ENGRAM_MODEL", nullptr};
  std::filesystem::path workspace() const { return directory.path() / "w"; }
};

}  // namespace

TEST_CASE("settings: the stronger source wins and each value says where it came from", "[assist]") {
  const Home home;
  home.directory.write("w/.engram.toml", "[completion]\nmax_tokens = 10\nmax_lines = 3\n");
  home.directory.write("config/engram/config.toml",
                       "model = \"m1\"\n[completion]\nmax_tokens = 20\n");
  const ScopedVariable environment("ENGRAM_THREADS", "7");
  auto settings = load_settings(home.workspace());
  REQUIRE(settings);
  CHECK(settings->number("completion.max_lines") == 3);
  CHECK(settings->number("completion.max_tokens") == 20);
  CHECK(settings->text("model") == "m1");
  CHECK(settings->number("threads") == 7);
  CHECK(settings->values().at("threads").source == "ENGRAM_THREADS");
  CHECK(settings->values().at("index.exclude").source == "default");
  settings->override_with("model", "m2", "--model");
  CHECK(settings->text("model") == "m2");
  CHECK(settings->messages().empty());
}

TEST_CASE("settings: a workspace may not name models, stores or what is unknown", "[assist]") {
  const Home home;
  const std::string toml =
      "model = \"/evil.gguf\"\nstore = \"/elsewhere\"\nremote_url = \"http://x\"\n"
      "[index]\nexclude = [\"*.log\", \"gen/**\"]\n";
  home.directory.write("w/.engram.toml", toml);
  const auto settings = load_settings(home.workspace());
  REQUIRE(settings);
  CHECK(settings->text("model").empty());
  CHECK(settings->text("store").empty());
  CHECK(settings->list("index.exclude") == std::vector<std::string>{"*.log", "gen/**"});
  REQUIRE(settings->messages().size() == 1);
  const std::string& line = settings->messages()[0];
  for (const char* part : {"'model'", "'store'", "'remote_url'", "engram trust"}) {
    INFO(line);
    CHECK(line.find(part) != std::string::npos);
  }
}

TEST_CASE("settings: trust holds for the file as it was, and can be taken back", "[assist]") {
  const Home home;
  home.directory.write("w/.engram.toml", "model = \"m1\"\n");
  REQUIRE(trust_workspace(home.workspace()));
  CHECK(load_settings(home.workspace())->text("model") == "m1");
  home.directory.write("w/.engram.toml", "model = \"m2\"\n");
  const auto changed = load_settings(home.workspace());
  CHECK(changed->text("model").empty());
  REQUIRE(changed->messages().size() == 1);
  CHECK(changed->messages()[0].find("changed since") != std::string::npos);
  REQUIRE(trust_workspace(home.workspace()));
  CHECK(*revoke_trust(home.workspace()));
  CHECK_FALSE(*revoke_trust(home.workspace()));
  CHECK(load_settings(home.workspace())->text("model").empty());
}

TEST_CASE("settings: malformed workspace files are a message, malformed user files an error",
          "[assist]") {
  const Home home;
  home.directory.write("w/.engram.toml", "= broken");
  const auto settings = load_settings(home.workspace());
  REQUIRE(settings);
  CHECK(settings->messages().size() == 1);
  home.directory.write("config/engram/config.toml", "threads = \"many\"\n");
  const auto wrong = load_settings(home.workspace());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("threads") != std::string::npos);
  home.directory.write("config/engram/config.toml", "no_such = 1\n");
  CHECK_FALSE(load_settings(home.workspace()));
}

}  // namespace engram
