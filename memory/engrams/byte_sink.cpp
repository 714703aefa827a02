#include "memory/engrams/byte_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "core/file_descriptor.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

// Written in whole blocks of a huge page, a file lies in huge pages of the page cache where the
// file system can (ext4 since Linux 6.16): a random access to it, mapped, takes 300 ns instead of
// 500 then.
constexpr std::size_t kBuffer = std::size_t{2} << 20;

class FileSink final : public ByteSink {
 public:
  FileSink(fs::path file, Durability durability)
      : file_(std::move(file)),
        durability_(durability),
        temporary_(file_.string() + ".XXXXXX"),
        descriptor_(::mkostemp(temporary_.data(), O_CLOEXEC)) {
    if (descriptor_.get() < 0) fail("create");
  }
  ~FileSink() override {
    if (descriptor_.get() >= 0 && !finished_) ::unlink(temporary_.c_str());
  }

  void append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::string_view fits = bytes.substr(0, kBuffer - buffer_.size());
      buffer_ += fits;
      bytes.remove_prefix(fits.size());
      if (buffer_.size() == kBuffer) flush();
    }
  }

  void replace_beginning(std::string_view bytes) override {
    flush();
    if (error_) return;
    const ssize_t n = ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), 0);
    if (n != static_cast<ssize_t>(bytes.size())) fail("write");
  }

  Result<void> finish() override {
    flush();
    const bool now = durability_ == Durability::kNow;
    if (!error_ && now && ::fsync(descriptor_.get()) != 0) fail("sync");
    if (!error_ && ::rename(temporary_.c_str(), file_.c_str()) != 0) fail("rename");
    if (error_) return *error_;
    finished_ = true;
    return {};
  }

 private:
  void flush() {
    if (!error_ && !write_all(descriptor_.get(), buffer_)) fail("write");
    buffer_.clear();
  }

  void fail(const char* what) {
    if (error_) return;
    error_ = Error{Errc::kIo,
                   fmt::format("cannot {} '{}': {}", what, file_.string(), std::strerror(errno))};
    buffer_.clear();
  }

  fs::path file_;
  Durability durability_;
  std::string temporary_;
  FileDescriptor descriptor_;
  bool finished_ = false;
  std::string buffer_;
  std::optional<Error> error_;
};

class StringSink final : public ByteSink {
 public:
  explicit StringSink(std::string& out) : out_(out) {}
  void append(std::string_view bytes) override { out_ += bytes; }
  void replace_beginning(std::string_view bytes) override { out_.replace(0, bytes.size(), bytes); }
  Result<void> finish() override { return {}; }

 private:
  std::string& out_;
};

}  // namespace

std::unique_ptr<ByteSink> make_file_sink(const fs::path& file, Durability durability) {
  return std::make_unique<FileSink>(file, durability);
}
std::unique_ptr<ByteSink> make_string_sink(std::string& out) {
  return std::make_unique<StringSink>(out);
}

Result<void> sync_file(const fs::path& file) {
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() >= 0 && ::fsync(descriptor.get()) == 0) return {};
  return Error{Errc::kIo, fmt::format("cannot sync '{}': {}", file.string(), std::strerror(errno))};
}

}  // namespace engram
