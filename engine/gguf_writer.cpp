#include "engine/gguf_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/check.h"
#include "core/file_descriptor.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kVersion = 3;
constexpr std::uint32_t kTagU32 = 4, kTagString = 8;

template <class Integer>
void put(std::string& out, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
  }
}
void put_string(std::string& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out += text;
}

std::uint64_t padding(std::uint64_t size, std::uint64_t alignment) {
  return (alignment - size % alignment) % alignment;
}

void remove_other_drafts(const fs::path& draft, const std::string& prefix) {
  std::error_code ignored;
  const fs::path folder = draft.has_parent_path() ? draft.parent_path() : ".";
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || name == draft.filename()) continue;
    const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    // Somebody still writes a locked one.
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) fs::remove(entry.path(), ignored);
    ::close(descriptor);
  }
}

}  // namespace

std::uint64_t tensor_bytes(TensorType type, const std::array<std::uint64_t, 4>& shape) {
  const TensorTypeTraits& traits = traits_of(type);
  return shape[0] / traits.block_values * traits.block_bytes * shape[1] * shape[2] * shape[3];
}

void GgufHeader::add(std::string_view key, std::uint32_t value) {
  put_string(pairs_, key);
  put(pairs_, kTagU32);
  put(pairs_, value);
  ++n_keys_;
}

void GgufHeader::add(std::string_view key, std::string_view value) {
  put_string(pairs_, key);
  put(pairs_, kTagString);
  put_string(pairs_, value);
  ++n_keys_;
}

void GgufHeader::add_encoded(std::string_view key, std::span<const std::byte> encoded) {
  put_string(pairs_, key);
  pairs_.append(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  ++n_keys_;
}

void GgufHeader::add_tensor(std::string_view name, TensorType type,
                            const std::array<std::uint64_t, 4>& shape) {
  std::uint32_t n_dims = 4;
  while (n_dims > 1 && shape[n_dims - 1] == 1) --n_dims;
  put_string(infos_, name);
  put(infos_, n_dims);
  for (std::uint32_t d = 0; d < n_dims; ++d) put(infos_, shape[d]);
  put(infos_, static_cast<std::uint32_t>(type));
  put(infos_, next_offset_);
  sizes_.push_back(tensor_bytes(type, shape));
  next_offset_ += sizes_.back() + padding(sizes_.back(), alignment_);
}

std::string GgufHeader::bytes() const {
  std::string out = "GGUF";
  put(out, kVersion);
  put(out, std::uint64_t{sizes_.size()});
  put(out, n_keys_);
  out += pairs_;
  out += infos_;
  out.append(padding(out.size(), alignment_), '\0');
  return out;
}

Result<std::unique_ptr<GgufWriter>> GgufWriter::begin(const fs::path& out, const GgufHeader& header,
                                                      std::string_view draft) {
  std::unique_ptr<GgufWriter> writer(new GgufWriter);
  writer->out_ = out;
  const std::string prefix = out.filename().string() + ".partial-";
  writer->draft_ = out.parent_path() / (prefix + std::string(draft));
  writer->alignment_ = header.alignment();
  writer->sizes_ = header.tensor_sizes();
  remove_other_drafts(writer->draft_, prefix);
  writer->descriptor_ = ::open(writer->draft_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (writer->descriptor_ < 0) return writer->failed("create");
  if (::flock(writer->descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::kBusy,
                 fmt::format("cannot write {}: another process is writing it", out.string())};
  }
  ENGRAM_TRY_VOID(writer->resume(header.bytes()));
  return writer;
}

// Keeps the whole tensors of a draft that begins with this header; else starts anew.
Result<void> GgufWriter::resume(std::string_view header) {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) return failed("read");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::string there(header.size(), '\0');
  const bool same =
      size >= header.size() &&
      ::pread(descriptor_, there.data(), there.size(), 0) == static_cast<ssize_t>(there.size()) &&
      there == header;
  std::uint64_t keep = 0;
  if (same) {
    keep = header.size();
    for (; next_ < sizes_.size(); ++next_) {
      const std::uint64_t end = keep + sizes_[next_] + padding(sizes_[next_], alignment_);
      if (end > size) break;
      keep = end;
    }
  }
  if (::ftruncate(descriptor_, static_cast<off_t>(keep)) != 0 ||
      ::lseek(descriptor_, 0, SEEK_END) < 0) {
    return failed("write");
  }
  if (!same) return write(header);
  return {};
}

GgufWriter::~GgufWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Error GgufWriter::failed(std::string_view attempt) const {
  return {Errc::kIo,
          fmt::format("cannot {} {}: {}", attempt, draft_.string(), std::strerror(errno))};
}

Result<void> GgufWriter::write(std::string_view data) {
  if (!write_all(descriptor_, data)) return failed("write");
  return {};
}

Result<void> GgufWriter::append(std::span<const std::byte> data) {
  ENGRAM_CHECK(next_ < sizes_.size() && written_ + data.size() <= sizes_[next_],
               "more data than the tensor has");
  ENGRAM_TRY_VOID(write({reinterpret_cast<const char*>(data.data()), data.size()}));
  written_ += data.size();
  if (written_ < sizes_[next_]) return {};
  ENGRAM_TRY_VOID(write(std::string(padding(sizes_[next_], alignment_), '\0')));
  ++next_;
  written_ = 0;
  return {};
}

Result<void> GgufWriter::finish() {
  ENGRAM_CHECK(next_ == sizes_.size(), "a tensor is missing");
  if (::fsync(descriptor_) != 0) return failed("write");
  if (::rename(draft_.c_str(), out_.c_str()) != 0) return failed("rename");
  ::close(std::exchange(descriptor_, -1));
  const fs::path folder = out_.has_parent_path() ? out_.parent_path() : ".";
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return {};
  ::fsync(directory);  // best effort: the name may be lost with the machine, never the contents
  ::close(directory);
  return {};
}

void GgufWriter::discard() { ::unlink(draft_.c_str()); }

}  // namespace engram
