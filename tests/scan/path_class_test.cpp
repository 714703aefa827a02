#include "indexer/scan/path_class.h"

#include "memory/facts.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("path_class: directories and names tell vendored, test and generated", "[scan]") {
  constexpr auto kVendored = static_cast<std::uint32_t>(FileFlag::kVendored);
  constexpr auto kTest = static_cast<std::uint32_t>(FileFlag::kTest);
  constexpr auto kGenerated = static_cast<std::uint32_t>(FileFlag::kGenerated);
  struct Case {
    const char* path;
    std::uint32_t flags;
  };
  for (const auto& [path, flags] : {
           Case{"src/a.cpp", 0},
           Case{"third_party/zlib/inflate.c", kVendored},
           Case{"ThirdParty/zlib/inflate.c", kVendored},
           Case{"deps/x/tests/a.c", kVendored | kTest},
           Case{"src/vendor.cpp", 0},
           Case{"tests/a.cpp", kTest},
           Case{"src/parser_test.go", kTest},
           Case{"src/test_parser.py", kTest},
           Case{"src/app.spec.ts", kTest},
           Case{"src/ParserTest.java", kTest},
           Case{"src/contest.cpp", 0},
           Case{"src/latest.py", 0},
           Case{"api/x.pb.cc", kGenerated},
           Case{"package-lock.json", kGenerated},
           Case{"Cargo.lock", kGenerated},
       }) {
    INFO(path);
    CHECK(flags_of_path(path) == flags);
  }
}

TEST_CASE("path_class: files named like credentials are secret, look-alikes are not", "[scan]") {
  for (const char* path :
       {".env", "a/.env.production", "prod.env", "id_rsa", ".ssh/id_ed25519", "server.pem",
        "tls.KEY", ".npmrc", ".netrc", "credentials", "config/credentials.json", "secrets.yaml",
        "terraform.tfvars", ".docker/config.json", "release.keystore", ".ssh/config"}) {
    INFO(path);
    CHECK_FALSE(secret_by_name(path).empty());
  }
  for (const char* path : {".env.example", ".env.sample", "id_rsa.pub", "src/credentials.cpp",
                           "secrets.go", "keyboard.c", "docker/config.json", "environment.ts",
                           "key.h", "secret/a.cpp", ".envoy.c"}) {
    INFO(path);
    CHECK(secret_by_name(path).empty());
  }
}

TEST_CASE("path_class: formats that are never text are known by extension", "[scan]") {
  for (const char* path : {"logo.png", "a/b.JPG", "lib.so", "x.tar.gz", "font.woff2"}) {
    INFO(path);
    CHECK(binary_by_name(path));
  }
  for (const char* path : {"a.cpp", ".png", "png", "a.svg", "Makefile.a.in", "so"}) {
    INFO(path);
    CHECK_FALSE(binary_by_name(path));
  }
}

}  // namespace engram
