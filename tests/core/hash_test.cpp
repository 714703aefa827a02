#include "core/hash.h"

#include "core/atomic_file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

// Vectors: FIPS 180-4 examples ("abc", and the empty message).
TEST_CASE("hash: SHA-256 of the standard's examples", "[core]") {
  CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const TemporaryDirectory directory;
  directory.write("f", "abc");
  CHECK(*sha256_file(directory.path() / "f") == sha256("abc"));
  CHECK_FALSE(sha256_file(directory.path() / "none"));
}

}  // namespace engram
