#include "engine/gguf.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <random>

#include "core/mapped_file.h"
#include "tests/support/catch.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/temporary_directory.h"

namespace engram {
namespace {

GgufBuilder small_file() {
  GgufBuilder b;
  b.key("general.architecture", "llama");
  b.key("llama.block_count", std::uint32_t{7});
  b.key("llama.rope.freq_base", 1e4F);
  b.key("tokenizer.ggml.add_bos_token", true);
  b.key("tokenizer.ggml.tokens", std::vector<std::string>{"a", "",
                                                          "\xC4\xA0"
                                                          "b"});
  b.key("tokenizer.ggml.token_type", std::vector<std::int32_t>{1, -3, 6});
  b.tensor("w", {32, 2}, TensorType::kQ8_0, as_byte_span(std::string(68, 'q')));
  b.tensor("norm", {3}, TensorType::kF32, as_byte_span(std::string(12, 'f')));
  return b;
}

void check_refused(const std::string& bytes, Errc code, std::string_view part) {
  const auto file = GgufFile::parse(as_byte_span(bytes), "test.gguf");
  INFO("expected a message with: " << part);
  REQUIRE_FALSE(file);
  CHECK(file.error().code == code);
  INFO(file.error().message);
  CHECK(file.error().message.find(part) != std::string::npos);
  CHECK(file.error().message.find("test.gguf") != std::string::npos);
  CHECK(file.error().message.find('\n') == std::string::npos);
}

}  // namespace

TEST_CASE("gguf: what was written is read back", "[engine]") {
  const std::string bytes = small_file().bytes();
  const auto file = GgufFile::parse(as_byte_span(bytes), "test.gguf");
  REQUIRE(file);
  const GgufFile& f = **file;
  CHECK(f.string("general.architecture") == "llama");
  CHECK(f.unsigned_integer("llama.block_count") == 7U);
  CHECK(f.number("llama.rope.freq_base") == 1e4);
  CHECK(f.number("llama.block_count") == 7.0);
  CHECK(f.boolean("tokenizer.ggml.add_bos_token") == true);
  CHECK(f.string_array("tokenizer.ggml.tokens") == std::vector<std::string_view>{"a", "",
                                                                                 "\xC4\xA0"
                                                                                 "b"});
  CHECK(f.integer_array("tokenizer.ggml.token_type") == std::vector<std::int64_t>{1, -3, 6});
  CHECK(f.keys().size() == 6);

  REQUIRE(f.tensors().size() == 2);
  const GgufTensor* w = f.find_tensor("w");
  REQUIRE(w != nullptr);
  CHECK(w->rows() == 2);
  CHECK(w->data.size() == 68);
  CHECK(w->data[67] == std::byte{'q'});
  CHECK(f.find_tensor("norm")->data.size() == 12);
  CHECK(f.find_tensor("absent") == nullptr);
}

TEST_CASE("gguf: a key of another type is absent, not an error", "[engine]") {
  const std::string bytes = small_file().bytes();
  const auto file = GgufFile::parse(as_byte_span(bytes), "test.gguf");
  REQUIRE(file);
  CHECK_FALSE((*file)->string("llama.block_count"));
  CHECK_FALSE((*file)->unsigned_integer("general.architecture"));
  CHECK_FALSE((*file)->boolean("llama.block_count"));
  CHECK((*file)->string_array("tokenizer.ggml.token_type").empty());
  CHECK((*file)->integer_array("tokenizer.ggml.tokens").empty());
  CHECK((*file)->float_array("nothing").empty());
}

TEST_CASE("gguf: a contradiction is one clear error naming the key or tensor", "[engine]") {
  struct Case {
    const char* why;
    std::function<void(GgufBuilder&)> spoil;
    Errc code;
    const char* part;
  };
  const std::uint64_t huge = std::uint64_t{1} << 39;
  const Case cases[] = {
      {"version 1", [](auto& b) { b.version = 1; }, Errc::kInvalidArgument, "version 1"},
      {"big-endian", [](auto& b) { b.version = 3U << 24; }, Errc::kInvalidArgument, "big-endian"},
      {"same key twice", [](auto& b) { b.key("general.architecture", "x"); }, Errc::kCorrupt,
       "'general.architecture'): it occurs twice"},
      {"empty key", [](auto& b) { b.key("", "x"); }, Errc::kCorrupt, "not a valid name"},
      {"key is not UTF-8", [](auto& b) { b.key("\xFF", "x"); }, Errc::kCorrupt, "not a valid name"},
      {"same tensor twice",
       [](auto& b) { b.tensor("w", {1}, TensorType::kF32, as_byte_span(std::string(4, 0))); },
       Errc::kCorrupt, "tensor 'w': it occurs twice"},
      {"no dimensions", [](auto& b) { b.raw_tensor("t", {}, 0, 0); }, Errc::kCorrupt, "tensor 't'"},
      {"five dimensions", [](auto& b) { b.raw_tensor("t", {1, 1, 1, 1, 1}, 0, 0); }, Errc::kCorrupt,
       "5 dimensions"},
      {"a dimension of zero", [](auto& b) { b.raw_tensor("t", {4, 0}, 0, 0); }, Errc::kCorrupt,
       "impossible shape"},
      {"product overflows", [=](auto& b) { b.raw_tensor("t", {huge, huge, huge}, 0, 0); },
       Errc::kCorrupt, "impossible shape"},
      {"row is no whole block", [](auto& b) { b.raw_tensor("t", {31}, 8, 0); }, Errc::kCorrupt,
       "whole blocks of 32 (Q8_0)"},
      {"unknown type names the supported", [](auto& b) { b.raw_tensor("t", {32}, 36, 0); },
       Errc::kInvalidArgument, "type 36 (supported: F32, F16, Q4_0"},
      {"a type of others is named", [](auto& b) { b.raw_tensor("t", {256}, 16, 0); },
       Errc::kInvalidArgument, "'t' has the unsupported type IQ2_XXS (16) (supported: F32"},
      {"data past the end", [](auto& b) { b.raw_tensor("t", {1024}, 0, 0); }, Errc::kCorrupt,
       "past the end of the file"},
      {"offset past the end", [=](auto& b) { b.raw_tensor("t", {1}, 0, huge); }, Errc::kCorrupt,
       "past the end of the file"},
      {"offset not aligned", [](auto& b) { b.raw_tensor("t", {1}, 0, 4); }, Errc::kCorrupt,
       "not aligned"},
      {"overlapping data", [](auto& b) { b.raw_tensor("t", {8}, 0, 32); }, Errc::kCorrupt,
       "overlaps"},
      {"absurd alignment", [](auto& b) { b.key("general.alignment", std::uint32_t{24}); },
       Errc::kCorrupt, "general.alignment"},
      {"a split file", [](auto& b) { b.key("split.count", std::uint32_t{3}); },
       Errc::kInvalidArgument, "part 1 of 3"},
      {"control characters in a name are not printed raw",
       [](auto& b) { b.raw_tensor("a\nb", {0}, 0, 0); }, Errc::kCorrupt, "a?b"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    GgufBuilder b = small_file();
    c.spoil(b);
    check_refused(b.bytes(), c.code, c.part);
  }
}

TEST_CASE("gguf: absurd counts are refused before anything is allocated", "[engine]") {
  const std::string good = small_file().bytes();
  for (const std::size_t field : {std::size_t{8}, std::size_t{16}}) {
    std::string bad = good;
    for (std::size_t i = 0; i < 8; ++i) bad[field + i] = static_cast<char>(0xFF);
    check_refused(bad, Errc::kCorrupt, "more than it can hold");
  }
}

TEST_CASE("gguf: every truncation of a file is refused", "[engine]") {
  const std::string good = small_file().bytes();
  const std::size_t needed = good.size() - 20;  // the last tensor's padding may go
  for (std::size_t n = 0; n < needed; ++n) {
    INFO("first " << n << " bytes");
    const std::string cut = good.substr(0, n);
    REQUIRE_FALSE(GgufFile::parse(as_byte_span(cut), "cut"));
  }
  const std::string whole = good.substr(0, needed);
  CHECK(GgufFile::parse(as_byte_span(whole), "whole"));
}

TEST_CASE("gguf: a missing file, a directory and an empty file each say so", "[engine]") {
  const TemporaryDirectory dir;
  dir.write("empty.gguf", "");
  CHECK(GgufFile::open(dir.path() / "absent.gguf").error().code == Errc::kNotFound);
  CHECK(GgufFile::open(dir.path()).error().code == Errc::kInvalidArgument);
  CHECK(GgufFile::open(dir.path() / "empty.gguf").error().code == Errc::kInvalidArgument);
}

TEST_CASE("mapped_file: truncation under the mapping reads as zeros and is reported", "[engine]") {
  const TemporaryDirectory dir;
  const auto path = dir.path() / "model.gguf";
  dir.write("model.gguf", std::string(1 << 16, 'x'));
  const auto file = MappedFile::open(path);
  REQUIRE(file);
  CHECK_FALSE((*file)->damaged());
  REQUIRE(::truncate(path.c_str(), 4096) == 0);
  const auto* byte = reinterpret_cast<const volatile char*>((*file)->bytes().data());
  CHECK(byte[0] == 'x');
  CHECK(byte[40000] == 0);  // without the handler this is SIGBUS
  CHECK(byte[8192] == 0);   // before the first fault
  CHECK(byte[65535] == 0);  // after it
  CHECK(byte[4095] == 'x');
  CHECK((*file)->damaged());
  // The file growing back does not bring the lost page's trust back.
  REQUIRE(::truncate(path.c_str(), 1 << 16) == 0);
  CHECK((*file)->damaged());
}

TEST_CASE("mapped_file: advice changes nothing that is read, nor does advice on what is gone",
          "[engine]") {
  const TemporaryDirectory dir;
  const auto path = dir.path() / "model.gguf";
  std::string text(300'000, 'x');
  for (std::size_t i = 0; i < text.size(); i += 7) text[i] = static_cast<char>(i);
  dir.write("model.gguf", text);
  const auto file = MappedFile::open(path);
  REQUIRE(file);
  const auto bytes = (*file)->bytes();
  MappedFile::expect_scattered_reads(bytes.subspan(5000, 200'001));  // no whole pages
  MappedFile::expect_scattered_reads({});
  MappedFile::read_ahead(bytes.subspan(1, 299'999));
  CHECK(std::memcmp(bytes.data(), text.data(), text.size()) == 0);
  REQUIRE(::truncate(path.c_str(), 4096) == 0);
  MappedFile::read_ahead(bytes);
  MappedFile::expect_scattered_reads(bytes);
  CHECK(std::memcmp(bytes.data(), text.data(), 4096) == 0);
  CHECK((*file)->damaged());
}

// The child maps a file, another process (this one) truncates it, and the child reads on. What it
// exits with says what it saw; a signal would say that it died.
TEST_CASE("mapped_file: a process whose file another one truncates lives on and knows",
          "[engine]") {
  const TemporaryDirectory dir;
  const auto path = dir.path() / "model.gguf";
  dir.write("model.gguf", std::string(1 << 20, 'x'));
  int to_child[2], to_parent[2];
  REQUIRE(::pipe(to_child) == 0);
  REQUIRE(::pipe(to_parent) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    char go = 0;
    const auto file = MappedFile::open(path);
    if (!file || (*file)->damaged() || ::write(to_parent[1], "m", 1) != 1) ::_exit(2);
    if (::read(to_child[0], &go, 1) != 1) ::_exit(3);
    int sum = 0;
    for (const std::byte b : (*file)->bytes()) sum += std::to_integer<int>(b);
    const auto again = MappedFile::open(path);  // the next file is a file like any other
    const bool fine = again && (*again)->bytes().size() == 4096 && !(*again)->damaged();
    ::_exit(sum == 4096 * 'x' && (*file)->damaged() && fine ? 42 : 4);
  }
  char mapped = 0;
  REQUIRE(::read(to_parent[0], &mapped, 1) == 1);
  REQUIRE(::truncate(path.c_str(), 4096) == 0);
  REQUIRE(::write(to_child[1], "g", 1) == 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  for (const int end : {to_child[0], to_child[1], to_parent[0], to_parent[1]}) ::close(end);
  CHECK_FALSE(WIFSIGNALED(status));
  CHECK(WEXITSTATUS(status) == 42);
}

}  // namespace engram
