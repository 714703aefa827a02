#include "engine/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include "core/mapped_file.h"
#include "core/text.h"
#include "engine/gguf_cursor.h"
#include "engine/gguf_metadata.h"

namespace engram {
namespace {

constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr std::uint64_t kMaxDimension = std::uint64_t{1} << 40;
constexpr std::uint64_t kMaxAlignment = std::uint64_t{1} << 20;

// The name of a type that files may have and Engram has not; empty for a number nobody uses.
std::string_view foreign_type(std::uint32_t id) {
  constexpr std::pair<std::uint32_t, std::string_view> kForeign[] = {
      {9, "Q8_1"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"},
      {21, "IQ3_S"}, {22, "IQ2_S"}, {24, "I8"},      {25, "I16"},    {26, "I32"},     {27, "I64"},
      {28, "F64"},   {29, "IQ1_M"}, {34, "TQ1_0"},   {35, "TQ2_0"},  {40, "NVFP4"},
  };
  for (const auto& [number, name] : kForeign) {
    if (number == id) return name;
  }
  return {};
}

std::string printable_type(std::uint32_t id) {
  const std::string_view name = foreign_type(id);
  return name.empty() ? std::to_string(id) : fmt::format("{} ({})", name, id);
}

std::string supported_types() {
  std::string names;
  for (const TensorTypeTraits& traits : kTensorTypes) {
    if (!names.empty()) names += ", ";
    names += traits.name;
  }
  return names;
}

class LoadedGguf final : public GgufFile {
 public:
  Result<void> parse(std::span<const std::byte> bytes, std::filesystem::path path);
  void own(std::shared_ptr<const MappedFile> mapping) { mapping_ = std::move(mapping); }

  const std::filesystem::path& path() const override { return path_; }
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  bool damaged() const override { return mapping_ != nullptr && mapping_->damaged(); }
  std::span<const GgufTensor> tensors() const override { return tensors_; }
  const GgufTensor* find_tensor(std::string_view name) const override {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : &tensors_[it->second];
  }

  std::vector<std::string_view> keys() const override { return metadata_.keys(); }
  std::optional<std::string_view> string(std::string_view key) const override {
    return metadata_.string(key);
  }
  std::optional<std::uint64_t> unsigned_integer(std::string_view key) const override {
    return metadata_.unsigned_integer(key);
  }
  std::optional<double> number(std::string_view key) const override {
    return metadata_.number(key);
  }
  std::optional<bool> boolean(std::string_view key) const override {
    return metadata_.boolean(key);
  }
  std::vector<std::string_view> string_array(std::string_view key) const override {
    return metadata_.string_array(key);
  }
  std::vector<std::int64_t> integer_array(std::string_view key) const override {
    return metadata_.integer_array(key);
  }
  std::vector<float> float_array(std::string_view key) const override {
    return metadata_.float_array(key);
  }
  std::span<const std::byte> encoded_value(std::string_view key) const override {
    return metadata_.encoded(key);
  }

 private:
  struct TensorInfo {
    GgufTensor tensor;
    std::uint64_t offset = 0;  // from the start of the data
    std::uint64_t size = 0;
  };

  Error corrupt(std::string_view why) const {
    return {Errc::kCorrupt, fmt::format("cannot read {}: {}", path_.string(), why)};
  }
  Error bad_tensor(std::string_view name, std::string_view why) const {
    return corrupt(fmt::format("tensor '{}': {}", printable_name(name), why));
  }
  Result<std::uint32_t> check_preamble(GgufCursor& cursor) const;
  Result<void> check_not_split() const;
  Result<std::uint64_t> alignment() const;
  Result<TensorInfo> read_tensor_info(GgufCursor& cursor) const;
  Result<void> check_shape(TensorInfo& info) const;
  Result<void> place_tensors(std::vector<TensorInfo> infos, std::size_t header_end);
  Result<void> check_no_overlap(const std::vector<TensorInfo>& infos) const;

  std::shared_ptr<const MappedFile> mapping_;
  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  GgufMetadata metadata_;
  std::vector<GgufTensor> tensors_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

Result<std::uint32_t> LoadedGguf::check_preamble(GgufCursor& cursor) const {
  const auto magic = cursor.read<std::uint32_t>();
  const auto version = cursor.read<std::uint32_t>();
  if (!cursor.ok() || magic != kMagic) return corrupt("it is not a GGUF file");
  if (version == 2 || version == 3) return version;
  if ((version & 0xFFFF) == 0 && version != 0) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot read {}: it is a big-endian GGUF file; convert it to "
                             "little-endian first",
                             path_.string())};
  }
  return Error{Errc::kInvalidArgument,
               fmt::format("cannot read {}: GGUF version {} is not supported (2 and 3 are)",
                           path_.string(), version)};
}

Result<void> LoadedGguf::check_not_split() const {
  const auto count = metadata_.unsigned_integer("split.count").value_or(0);
  if (count <= 1) return {};
  return Error{
      Errc::kInvalidArgument,
      fmt::format("cannot read {}: it is part {} of {} of a split model; merge the parts into one "
                  "file first",
                  path_.string(), metadata_.unsigned_integer("split.no").value_or(0) + 1, count)};
}

Result<std::uint64_t> LoadedGguf::alignment() const {
  constexpr std::uint64_t kDefault = 32;
  const auto keys = metadata_.keys();
  if (std::find(keys.begin(), keys.end(), "general.alignment") == keys.end()) return kDefault;
  const auto value = metadata_.unsigned_integer("general.alignment").value_or(0);
  if (value < 8 || value > kMaxAlignment || !std::has_single_bit(value)) {
    return corrupt("metadata key 'general.alignment' is not a power of two from 8 to 2^20");
  }
  return value;
}

Result<LoadedGguf::TensorInfo> LoadedGguf::read_tensor_info(GgufCursor& cursor) const {
  TensorInfo info;
  const std::string_view name = cursor.read_string();
  const auto n_dims = cursor.read<std::uint32_t>();
  if (!cursor.ok()) return bad_tensor(name, "the file ends inside its description");
  if (name.empty() || !is_valid_utf8(name)) return bad_tensor(name, "not a valid name");
  if (n_dims < 1 || n_dims > info.tensor.shape.size()) {
    return bad_tensor(name, fmt::format("{} dimensions (1 to 4 are possible)", n_dims));
  }
  for (std::uint32_t d = 0; d < n_dims; ++d) info.tensor.shape[d] = cursor.read<std::uint64_t>();
  const auto type = cursor.read<std::uint32_t>();
  info.offset = cursor.read<std::uint64_t>();
  if (!cursor.ok()) return bad_tensor(name, "the file ends inside its description");
  if (tensor_type_traits(type) == nullptr) {
    return Error{
        Errc::kInvalidArgument,
        fmt::format("cannot read {}: tensor '{}' has the unsupported type {} (supported: "
                    "{})",
                    path_.string(), printable_name(name), printable_type(type), supported_types())};
  }
  info.tensor.name = name;
  info.tensor.type = static_cast<TensorType>(type);
  ENGRAM_TRY_VOID(check_shape(info));
  return info;
}

// Sets info.size, which cannot overflow once this succeeds.
Result<void> LoadedGguf::check_shape(TensorInfo& info) const {
  const TensorTypeTraits& traits = traits_of(info.tensor.type);
  std::uint64_t values = 1;
  for (const std::uint64_t dimension : info.tensor.shape) {
    if (dimension == 0 || dimension > kMaxDimension || values > kMaxDimension / dimension) {
      return bad_tensor(info.tensor.name, "impossible shape");
    }
    values *= dimension;
  }
  if (info.tensor.shape[0] % traits.block_values != 0) {
    return bad_tensor(info.tensor.name,
                      fmt::format("rows of {} values are not whole blocks of {} ({})",
                                  info.tensor.shape[0], traits.block_values, traits.name));
  }
  info.size = values / traits.block_values * traits.block_bytes;
  return {};
}

Result<void> LoadedGguf::check_no_overlap(const std::vector<TensorInfo>& infos) const {
  std::vector<const TensorInfo*> order;
  for (const TensorInfo& info : infos) order.push_back(&info);
  std::sort(order.begin(), order.end(),
            [](const TensorInfo* a, const TensorInfo* b) { return a->offset < b->offset; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (order[i - 1]->offset + order[i - 1]->size > order[i]->offset) {
      return bad_tensor(
          order[i]->tensor.name,
          fmt::format("its data overlaps that of '{}'", printable_name(order[i - 1]->tensor.name)));
    }
  }
  return {};
}

Result<void> LoadedGguf::place_tensors(std::vector<TensorInfo> infos, std::size_t header_end) {
  ENGRAM_TRY(align, alignment());
  const std::uint64_t data_begin = (header_end + align - 1) / align * align;
  const std::uint64_t data_size = data_begin < bytes_.size() ? bytes_.size() - data_begin : 0;
  for (TensorInfo& info : infos) {
    if (info.offset % align != 0) return bad_tensor(info.tensor.name, "its data is not aligned");
    if (info.offset > data_size || info.size > data_size - info.offset) {
      return bad_tensor(info.tensor.name,
                        "its data reaches past the end of the file; the file is truncated or "
                        "damaged, fetch it again");
    }
    info.tensor.data = bytes_.subspan(static_cast<std::size_t>(data_begin + info.offset),
                                      static_cast<std::size_t>(info.size));
  }
  ENGRAM_TRY_VOID(check_no_overlap(infos));
  tensors_.reserve(infos.size());
  for (TensorInfo& info : infos) tensors_.push_back(std::move(info.tensor));
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (!by_name_.emplace(tensors_[i].name, i).second) {
      return bad_tensor(tensors_[i].name, "it occurs twice");
    }
  }
  return {};
}

Result<void> LoadedGguf::parse(std::span<const std::byte> bytes, std::filesystem::path path) {
  path_ = std::move(path);
  bytes_ = bytes;
  GgufCursor cursor(bytes);
  ENGRAM_TRY_VOID(check_preamble(cursor));
  const auto n_tensors = cursor.read<std::uint64_t>();
  const auto n_keys = cursor.read<std::uint64_t>();
  if (!cursor.ok()) return corrupt("it ends inside its header");
  ENGRAM_TRY(metadata, GgufMetadata::parse(cursor, n_keys, path_.string()));
  metadata_ = std::move(metadata);
  ENGRAM_TRY_VOID(check_not_split());
  constexpr std::size_t kSmallestInfo = 8 + 1 + 4 + 8 + 4 + 8;
  if (n_tensors > cursor.remaining() / kSmallestInfo) {
    return corrupt(fmt::format("it announces {} tensors, more than it can hold", n_tensors));
  }
  std::vector<TensorInfo> infos;
  infos.reserve(static_cast<std::size_t>(n_tensors));
  for (std::uint64_t i = 0; i < n_tensors; ++i) {
    ENGRAM_TRY(info, read_tensor_info(cursor));
    infos.push_back(std::move(info));
  }
  return place_tensors(std::move(infos), cursor.position());
}

}  // namespace

Result<std::shared_ptr<const GgufFile>> GgufFile::open(const std::filesystem::path& path) {
  ENGRAM_TRY(mapping, MappedFile::open(path));
  auto file = std::make_shared<LoadedGguf>();
  file->own(mapping);
  ENGRAM_TRY_VOID(file->parse(mapping->bytes(), path));
  if (mapping->damaged()) {
    return Error{Errc::kIo, "cannot read " + path.string() + ": it changed while being read"};
  }
  return std::shared_ptr<const GgufFile>(std::move(file));
}

Result<std::shared_ptr<const GgufFile>> GgufFile::parse(std::span<const std::byte> bytes,
                                                        std::string_view name) {
  auto file = std::make_shared<LoadedGguf>();
  ENGRAM_TRY_VOID(file->parse(bytes, std::filesystem::path(name)));
  return std::shared_ptr<const GgufFile>(std::move(file));
}

}  // namespace engram
