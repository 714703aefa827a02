// tests/assist/wheel_writer.h: makes small wheels (zip archives) for tests, good ones and bad ones.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace engram {

// One archive with one member, stored or deflated.
class WheelWriter {
 public:
  WheelWriter(std::string name, std::string data, bool deflated)
      : size_(static_cast<std::uint32_t>(data.size())), name_(std::move(name)) {
    crc_ = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
    method_ = deflated ? 8 : 0;
    body_ = deflated ? deflate_raw(data) : std::move(data);
  }

  std::uint32_t crc_ = 0, size_ = 0;  // public, so that a test can lie about them

  std::string bytes() const {
    std::string out;
    put32(out, 0x04034b50);
    put_common(out);
    put16(out, name_.size());
    put16(out, 0);
    out += name_ + body_;
    const std::size_t directory = out.size();
    put32(out, 0x02014b50);
    put16(out, 20);
    put_common(out);
    put16(out, name_.size());
    for (int i = 0; i < 4; ++i) put16(out, 0);  // extra, comment, disk, internal
    put32(out, 0);
    put32(out, 0);  // local header at 0
    out += name_;
    const std::size_t end = out.size();
    put32(out, 0x06054b50);
    put16(out, 0);
    put16(out, 0);
    put16(out, 1);
    put16(out, 1);
    put32(out, end - directory);
    put32(out, directory);
    put16(out, 0);
    return out;
  }

 private:
  static void put16(std::string& out, std::size_t v) {
    out += static_cast<char>(v & 0xFF);
    out += static_cast<char>((v >> 8) & 0xFF);
  }
  static void put32(std::string& out, std::size_t v) {
    put16(out, v & 0xFFFF);
    put16(out, v >> 16);
  }
  // What the local header and the directory entry share: version to sizes.
  void put_common(std::string& out) const {
    put16(out, 20);
    put16(out, 0);
    put16(out, method_);
    put32(out, 0);
    put32(out, crc_);
    put32(out, body_.size());
    put32(out, size_);
  }
  static std::string deflate_raw(const std::string& data) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

  std::string name_, body_;
  std::size_t method_ = 0;
};

}  // namespace engram
