#include "engine/quantize_model.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "core/hash.h"
#include "engine/compute/compute_pool.h"
#include "engine/gguf_metadata.h"
#include "engine/gguf_writer.h"
#include "kernels/dequantize.h"
#include "kernels/quantize_weights.h"

namespace engram {
namespace {

constexpr TensorType kTargets[] = {TensorType::kQ8_0, TensorType::kQ4_0, TensorType::kQ4_1,
                                   TensorType::kQ4_K, TensorType::kQ6_K};
constexpr std::uint32_t kQuantizationVersion = 2;
constexpr std::size_t kPieceBytes = 8U << 20U;  // written at once
constexpr unsigned kDraftVersion = 1;           // raised when other bytes would be written

// general.file_type: a label for people; llama.cpp's numbering.
std::uint32_t file_type(TensorType type) {
  switch (type) {
    case TensorType::kQ4_0:
      return 2;
    case TensorType::kQ4_1:
      return 3;
    case TensorType::kQ4_K:
      return 14;
    case TensorType::kQ6_K:
      return 18;
    default:
      return 7;
  }
}

bool is_matrix(const GgufTensor& tensor) {
  return tensor.rows() > 1 && tensor.name.ends_with(".weight") &&
         tensor.name.find("norm") == std::string::npos &&
         !tensor.name.ends_with("ffn_gate_inp.weight");
}

bool is_head(const GgufFile& file, const GgufTensor& tensor) {
  const bool tied = file.find_tensor("output.weight") == nullptr;
  return tensor.name == (tied ? "token_embd.weight" : "output.weight");
}

TensorType fitting_type(TensorType type, std::uint64_t cols) {
  if (cols % traits_of(type).block_values == 0) return type;
  if (type == TensorType::kQ4_K) return fitting_type(TensorType::kQ4_1, cols);
  if (type == TensorType::kQ6_K) return fitting_type(TensorType::kQ8_0, cols);
  return TensorType::kF16;
}

QuantizedTensor plan_tensor(const GgufFile& file, const GgufTensor& tensor,
                            const QuantizeOptions& options) {
  if (!is_matrix(tensor)) return {&tensor, TensorType::kF32, false};
  const bool spared = !options.pure && options.type != TensorType::kQ8_0 && is_head(file, tensor);
  const TensorType wanted = spared ? TensorType::kQ6_K : options.type;
  const TensorType type = fitting_type(wanted, tensor.shape[0]);
  return {&tensor, type, type != wanted};
}

GgufHeader make_header(const GgufFile& source, const std::vector<QuantizedTensor>& plan,
                       TensorType type) {
  GgufHeader header(source.unsigned_integer("general.alignment").value_or(32));
  for (const std::string_view key : source.keys()) {
    if (key == "general.file_type" || key == "general.quantization_version") continue;
    header.add_encoded(key, source.encoded_value(key));
  }
  header.add("general.file_type", file_type(type));
  header.add("general.quantization_version", kQuantizationVersion);
  for (const QuantizedTensor& t : plan) header.add_tensor(t.source->name, t.type, t.source->shape);
  return header;
}

// Names a draft after what it is made from, so that an interrupted one is continued or dropped.
std::string draft_id(const GgufFile& source, const GgufHeader& header) {
  struct stat info{};
  ::stat(source.path().c_str(), &info);
  const std::string from =
      fmt::format("{} {} {} {} {}.{}", kDraftVersion, info.st_dev, info.st_ino, source.size_bytes(),
                  info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  return fmt::format("{:016x}", xxh3(header.bytes(), xxh3(from)));
}

class Conversion {
 public:
  Conversion(const GgufFile& source, GgufWriter& writer, unsigned threads,
             const std::function<void(const QuantizeProgress&)>& progress, std::stop_token stop)
      : source_(source), writer_(writer), pool_(threads), progress_(progress), stop_(stop) {
    pool_.set_stop(std::move(stop));
  }

  Result<void> run(const std::vector<QuantizedTensor>& plan);
  double relative_error() const { return values_ > 0 ? std::sqrt(errors_ / values_) : 0; }

 private:
  Result<void> convert(const QuantizedTensor& tensor);
  Result<void> copy(const QuantizedTensor& tensor);
  void convert_rows(const QuantizedTensor& tensor, std::size_t first, std::size_t begin,
                    std::size_t end);
  void report(const GgufTensor& tensor) const {
    if (progress_) progress_({done_, total_, tensor.name});
  }
  Error cancelled() const {
    return {Errc::kCancelled, "quantising was interrupted; the same command goes on from here"};
  }

  const GgufFile& source_;
  GgufWriter& writer_;
  ComputePool pool_;
  const std::function<void(const QuantizeProgress&)>& progress_;
  std::stop_token stop_;
  std::uint64_t done_ = 0, total_ = 0;
  std::vector<std::byte> piece_;
  std::mutex mutex_;
  double errors_ = 0, values_ = 0;         // sums of squares
  std::atomic<std::uint64_t> bad_row_{0};  // the least one, plus 1
};

// A row's sums of squares: of what quantising changed, and of what was there.
struct RowError {
  double error = 0, size = 0;
};

RowError compare_rows(const std::vector<float>& before, const std::vector<float>& after) {
  RowError out;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto value = static_cast<double>(before[i]);
    const double difference = static_cast<double>(after[i]) - value;
    out.error += difference * difference;
    out.size += value * value;
  }
  return out;
}

bool holds(const std::vector<float>& row) {
  return std::all_of(row.begin(), row.end(),
                     [](float x) { return std::abs(x) <= kMostQuantizable; });
}

// Rows [first + begin, first + end) of the tensor to row `begin` of the piece.
void Conversion::convert_rows(const QuantizedTensor& tensor, std::size_t first, std::size_t begin,
                              std::size_t end) {
  const GgufTensor& source = *tensor.source;
  const auto cols = static_cast<std::size_t>(source.shape[0]);
  const std::size_t from_bytes = source.data.size() / static_cast<std::size_t>(source.rows());
  const auto to_bytes = static_cast<std::size_t>(tensor_bytes(tensor.type, {cols, 1, 1, 1}));
  std::vector<float> row(cols), back(cols);
  RowError sum;
  for (std::size_t r = begin; r < end; ++r) {
    dequantize_row(source.type, source.data.data() + (first + r) * from_bytes, row.data(), cols);
    if (tensor.type != TensorType::kF32 && !holds(row)) {
      const std::uint64_t bad = first + r + 1;
      std::uint64_t least = bad_row_.load();
      while ((least == 0 || bad < least) && !bad_row_.compare_exchange_weak(least, bad)) {
      }
      return;
    }
    std::byte* out = piece_.data() + r * to_bytes;
    quantize_row(tensor.type, row.data(), out, cols);
    dequantize_row(tensor.type, out, back.data(), cols);
    const RowError of_row = compare_rows(row, back);
    sum.error += of_row.error;
    sum.size += of_row.size;
  }
  const std::lock_guard lock(mutex_);
  errors_ += sum.error;
  values_ += sum.size;
}

Result<void> Conversion::convert(const QuantizedTensor& tensor) {
  const GgufTensor& source = *tensor.source;
  const auto rows = static_cast<std::size_t>(source.rows());
  const auto to_bytes =
      static_cast<std::size_t>(tensor_bytes(tensor.type, {source.shape[0], 1, 1, 1}));
  const std::size_t at_once = std::clamp<std::size_t>(kPieceBytes / to_bytes, 1, rows);
  for (std::size_t first = 0; first < rows; first += at_once) {
    const std::size_t n = std::min(at_once, rows - first);
    piece_.resize(n * to_bytes);
    pool_.for_each(n, 16, [&](std::size_t begin, std::size_t end, unsigned) {
      convert_rows(tensor, first, begin, end);
    });
    if (stop_.stop_requested()) return cancelled();
    if (const std::uint64_t bad = bad_row_.load(); bad != 0) {
      return Error{Errc::kCorrupt,
                   fmt::format("cannot quantise {}: tensor '{}' holds NaN, infinity or a number "
                               "above {} in row {}; the file is damaged",
                               source_.path().string(), printable_name(source.name),
                               kMostQuantizable, bad - 1)};
    }
    ENGRAM_TRY_VOID(writer_.append(piece_));
    done_ += n * source.shape[0];
    report(source);
  }
  return {};
}

Result<void> Conversion::copy(const QuantizedTensor& tensor) {
  const auto data = tensor.source->data;
  for (std::size_t at = 0; at < data.size(); at += kPieceBytes) {
    if (stop_.stop_requested()) return cancelled();
    ENGRAM_TRY_VOID(writer_.append(data.subspan(at, std::min(kPieceBytes, data.size() - at))));
  }
  done_ += tensor.source->shape[0] * tensor.source->rows();
  report(*tensor.source);
  return {};
}

Result<void> Conversion::run(const std::vector<QuantizedTensor>& plan) {
  for (const QuantizedTensor& t : plan) total_ += t.source->shape[0] * t.source->rows();
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (i < writer_.tensors_done()) {
      done_ += plan[i].source->shape[0] * plan[i].source->rows();
      continue;
    }
    ENGRAM_TRY_VOID(plan[i].type == plan[i].source->type ? copy(plan[i]) : convert(plan[i]));
  }
  return {};
}

Result<void> check_space(const std::filesystem::path& out, std::uint64_t bytes) {
  std::error_code error;
  const auto folder = out.has_parent_path() ? out.parent_path() : std::filesystem::path(".");
  const auto space = std::filesystem::space(folder, error);
  if (error || space.available >= bytes) return {};
  return Error{Errc::kIo, fmt::format("cannot write {}: it takes {} MB and {} MB are free there",
                                      out.string(), bytes >> 20U, space.available >> 20U)};
}

}  // namespace

const TensorTypeTraits* quantizable_type(std::string_view name) {
  for (const TensorType type : kTargets) {
    if (traits_of(type).name == name) return tensor_type_traits(static_cast<std::uint32_t>(type));
  }
  return nullptr;
}

std::string quantizable_types() {
  std::string names;
  for (const TensorType type : kTargets) {
    if (!names.empty()) names += ", ";
    names += traits_of(type).name;
  }
  return names;
}

std::vector<QuantizedTensor> plan_quantization(const GgufFile& source,
                                               const QuantizeOptions& options) {
  std::vector<QuantizedTensor> plan;
  for (const GgufTensor& tensor : source.tensors()) {
    plan.push_back(plan_tensor(source, tensor, options));
  }
  return plan;
}

Result<QuantizeReport> quantize_model(const GgufFile& source, const std::filesystem::path& out,
                                      const QuantizeOptions& options,
                                      const std::function<void(const QuantizeProgress&)>& progress,
                                      const std::stop_token& stop) {
  if (quantizable_type(traits_of(options.type).name) == nullptr) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot quantise to {}; these can be: {}",
                             traits_of(options.type).name, quantizable_types())};
  }
  QuantizeReport report;
  report.tensors = plan_quantization(source, options);
  const GgufHeader header = make_header(source, report.tensors, options.type);
  for (const std::uint64_t size : header.tensor_sizes()) report.bytes += size;
  ENGRAM_TRY_VOID(check_space(out, report.bytes));
  ENGRAM_TRY(writer, GgufWriter::begin(out, header, draft_id(source, header)));
  report.resumed = writer->tensors_done() > 0;
  Conversion conversion(source, *writer, options.threads, progress, stop);
  const auto done = conversion.run(report.tensors);
  if (source.damaged()) {
    writer->discard();
    return Error{Errc::kCorrupt, fmt::format("cannot quantise {}: the file was truncated or could "
                                             "not be read meanwhile",
                                             source.path().string())};
  }
  if (!done) {
    if (done.error().code == Errc::kCorrupt) writer->discard();
    return done.error();
  }
  ENGRAM_TRY_VOID(writer->finish());
  report.relative_error = conversion.relative_error();
  return report;
}

}  // namespace engram
