#include "engine/quantize_model.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "core/atomic_file.h"
#include "engine/gguf_writer.h"
#include "kernels/dequantize.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tiny_model.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

// A tiny model on disk, with rows of 256 and 96 values: the latter fit no K type.
class Model {
 public:
  explicit Model(const test::TinyModel& model = {.d_model = 256,
                                                 .d_ff = 96,
                                                 .type = TensorType::kF32,
                                                 .more_keys = more_keys}) {
    REQUIRE(write_file_atomically(path(), test::TinyModelWriter(model).bytes()));
    auto opened = GgufFile::open(path());
    REQUIRE(opened);
    file = *opened;
  }
  fs::path path() const { return directory.path() / "tiny.gguf"; }
  fs::path out() const { return directory.path() / "out.gguf"; }

  Result<QuantizeReport> quantize(const QuantizeOptions& options,
                                  const std::stop_token& stop = {}) const {
    return quantize_model(*file, out(), options, {}, stop);
  }
  std::shared_ptr<const GgufFile> result() const {
    auto opened = GgufFile::open(out());
    INFO((opened ? std::string() : opened.error().message));
    REQUIRE(opened);
    return *opened;
  }
  std::vector<fs::path> drafts() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(directory.path())) {
      if (entry.path().string().find(".partial-") != std::string::npos) {
        paths.push_back(entry.path());
      }
    }
    return paths;
  }
  static void more_keys(GgufBuilder& b) {
    b.key("general.file_type", std::uint32_t{0});
    b.key("tokenizer.ggml.tokens", std::vector<std::string>{"a", "", "\xC4\xA0"});
    b.key("tokenizer.ggml.token_type", std::vector<std::int32_t>{1, -3, 6});
    b.key("tokenizer.ggml.add_bos_token", true);
  }

  TemporaryDirectory directory;
  std::shared_ptr<const GgufFile> file;
};

std::vector<float> values_of(const GgufTensor& tensor) {
  std::vector<float> values(tensor.shape[0] * tensor.rows());
  dequantize_row(tensor.type, tensor.data.data(), values.data(), values.size());
  return values;
}

std::string type_in(const GgufFile& file, std::string_view name) {
  const GgufTensor* tensor = file.find_tensor(name);
  REQUIRE(tensor != nullptr);
  return std::string(traits_of(tensor->type).name);
}

std::string bytes_of(const fs::path& path) {
  auto contents = read_file(path);
  REQUIRE(contents);
  return *std::move(contents);
}

}  // namespace

TEST_CASE("quantize_model: keys and tensors are all there, and close to what they were",
          "[engine]") {
  const Model model;
  for (const char* name : {"Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"}) {
    const TensorTypeTraits* type = quantizable_type(name);
    REQUIRE(type != nullptr);
    const auto report = model.quantize({.type = type->type});
    INFO(name << ": " << (report ? "" : report.error().message));
    REQUIRE(report);
    const auto result = model.result();
    CHECK(result->keys().size() == model.file->keys().size() + 1);  // quantization_version
    for (const auto key : model.file->keys()) {
      if (key == "general.file_type") continue;
      const auto before = model.file->encoded_value(key), after = result->encoded_value(key);
      CHECK(std::equal(before.begin(), before.end(), after.begin(), after.end()));
    }
    CHECK(result->unsigned_integer("general.quantization_version") == 2U);
    REQUIRE(result->tensors().size() == model.file->tensors().size());
    double error = 0, size = 0;
    for (std::size_t i = 0; i < result->tensors().size(); ++i) {
      const GgufTensor &before = model.file->tensors()[i], &after = result->tensors()[i];
      CHECK(after.name == before.name);
      CHECK(after.shape == before.shape);
      const auto wanted = values_of(before), got = values_of(after);
      if (before.rows() == 1) CHECK(got == wanted);
      for (std::size_t v = 0; v < got.size(); ++v) {
        error += std::pow(static_cast<double>(got[v] - wanted[v]), 2);
        size += std::pow(static_cast<double>(wanted[v]), 2);
      }
    }
    CHECK(std::sqrt(error / size) < 0.1);
    CHECK(report->relative_error > 0);
    CHECK(model.drafts().empty());
  }
}

TEST_CASE("quantize_model: rows that fit no K type, the head and vectors get other types",
          "[engine]") {
  const Model model;
  REQUIRE(model.quantize({.type = TensorType::kQ4_K}));
  const auto result = model.result();
  CHECK(type_in(*result, "blk.0.attn_q.weight") == "Q4_K");
  CHECK(type_in(*result, "blk.0.ffn_down.weight") == "Q4_1");  // rows of 96
  CHECK(type_in(*result, "token_embd.weight") == "Q6_K");      // the head of a tied model
  CHECK(type_in(*result, "blk.1.ffn_norm.weight") == "F32");
  REQUIRE(model.quantize({.type = TensorType::kQ4_K, .pure = true}));
  CHECK(type_in(*model.result(), "token_embd.weight") == "Q4_K");
  REQUIRE(model.quantize({.type = TensorType::kQ6_K}));
  CHECK(type_in(*model.result(), "blk.0.ffn_down.weight") == "Q8_0");

  const Model odd({.d_model = 48, .type = TensorType::kF32});  // not even blocks of 32
  REQUIRE(odd.quantize({.type = TensorType::kQ8_0}));
  CHECK(type_in(*odd.result(), "blk.0.attn_q.weight") == "F16");
}

TEST_CASE("quantize_model: the bytes do not depend on the number of threads", "[engine]") {
  const Model model;
  REQUIRE(model.quantize({.type = TensorType::kQ4_K, .threads = 1}));
  const std::string one = bytes_of(model.out());
  REQUIRE(model.quantize({.type = TensorType::kQ4_K, .threads = 3}));
  CHECK(bytes_of(model.out()) == one);
}

TEST_CASE("quantize_model: interrupted anywhere, it goes on to the same bytes", "[engine]") {
  const Model model;
  const QuantizeOptions options{.type = TensorType::kQ6_K};
  REQUIRE(model.quantize(options));
  const std::string whole = bytes_of(model.out());
  fs::remove(model.out());
  std::size_t interruptions = 0;
  for (;; ++interruptions) {
    REQUIRE(interruptions < 100);
    std::stop_source stop;
    std::size_t steps = 0;
    const auto report = quantize_model(
        *model.file, model.out(), options,
        [&](const QuantizeProgress&) {
          if (++steps == 3) stop.request_stop();
        },
        stop.get_token());
    if (report) {
      CHECK(report->resumed);
      break;
    }
    CHECK(report.error().code == Errc::kCancelled);
    CHECK_FALSE(fs::exists(model.out()));
    REQUIRE(model.drafts().size() == 1);
    // Half a tensor more, as a killed process leaves it.
    std::ofstream(model.drafts().front(), std::ios::app) << "half a tensor";
  }
  CHECK(interruptions > 2);
  CHECK(bytes_of(model.out()) == whole);
  CHECK(model.drafts().empty());
}

TEST_CASE("quantize_model: the draft of another type or source is not continued", "[engine]") {
  const Model model;
  const auto interrupt = [&](TensorType type) {
    std::stop_source stop;
    (void)quantize_model(
        *model.file, model.out(), {.type = type},
        [&](const QuantizeProgress&) { stop.request_stop(); }, stop.get_token());
  };
  interrupt(TensorType::kQ6_K);
  const auto first = model.drafts();
  interrupt(TensorType::kQ4_K);
  REQUIRE(model.drafts().size() == 1);
  CHECK(model.drafts() != first);
  const auto report = model.quantize({.type = TensorType::kQ8_0});
  REQUIRE(report);
  CHECK_FALSE(report->resumed);
  CHECK(model.drafts().empty());
}

TEST_CASE("quantize_model: NaN, infinity and what no half can hold are named, nothing is written",
          "[engine]") {
  for (const float bad : {std::nanf(""), HUGE_VALF, -70000.0F}) {
    GgufBuilder b;
    b.key("general.architecture", "llama");
    std::vector<float> values(64 * 40, 0.5F);
    values[64 * 17 + 5] = bad;
    values[64 * 30] = bad;
    const std::string data(reinterpret_cast<const char*>(values.data()), values.size() * 4);
    b.tensor("blk.0.attn_q.weight", {64, 40}, TensorType::kF32, as_byte_span(data));
    const TemporaryDirectory directory;
    directory.write("bad.gguf", b.bytes());
    const auto file = GgufFile::open(directory.path() / "bad.gguf");
    REQUIRE(file);
    const auto report = quantize_model(**file, directory.path() / "out.gguf",
                                       {.type = TensorType::kQ4_0, .threads = 2}, {}, {});
    REQUIRE_FALSE(report);
    CHECK(report.error().code == Errc::kCorrupt);
    INFO(report.error().message);
    CHECK(report.error().message.find("'blk.0.attn_q.weight'") != std::string::npos);
    CHECK(report.error().message.find("row 17") != std::string::npos);
    CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
  }
}

TEST_CASE("quantize_model: a type that cannot be written names those that can", "[engine]") {
  const Model model;
  const auto report = model.quantize({.type = TensorType::kQ2_K});
  REQUIRE_FALSE(report);
  CHECK(report.error().message.find("Q2_K") != std::string::npos);
  CHECK(report.error().message.find("Q8_0, Q4_0, Q4_1, Q4_K, Q6_K") != std::string::npos);
  CHECK(quantizable_type("Q9_9") == nullptr);
}

TEST_CASE("gguf_writer: a folder that is not there is one error naming the file", "[engine]") {
  const TemporaryDirectory directory;
  const auto writer = GgufWriter::begin(directory.path() / "no" / "out.gguf", GgufHeader{}, "0");
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == Errc::kIo);
  CHECK(writer.error().message.find("out.gguf") != std::string::npos);
}

TEST_CASE("gguf_writer: data begin where another alignment says", "[engine]") {
  const TemporaryDirectory directory;
  GgufHeader header(64);
  header.add("general.alignment", std::uint32_t{64});
  header.add("general.name", "aligned");
  header.add_tensor("a", TensorType::kF32, {3, 1, 1, 1});
  header.add_tensor("b", TensorType::kQ8_0, {32, 2, 1, 1});
  auto writer = GgufWriter::begin(directory.path() / "out.gguf", header, "0");
  REQUIRE(writer);
  const std::string a(12, 'a'), b(68, 'b');
  REQUIRE((*writer)->append(as_byte_span(a)));
  REQUIRE((*writer)->append(as_byte_span(b.substr(0, 30))));  // in pieces
  REQUIRE((*writer)->append(as_byte_span(b.substr(30))));
  REQUIRE((*writer)->finish());
  const auto file = GgufFile::open(directory.path() / "out.gguf");
  REQUIRE(file);
  CHECK((*file)->string("general.name") == "aligned");
  const auto data = (*file)->find_tensor("b")->data;
  CHECK(data.size() == 68);
  CHECK(data.front() == std::byte{'b'});
  CHECK(reinterpret_cast<std::uintptr_t>(data.data()) % 64 == 0);
}

}  // namespace engram
