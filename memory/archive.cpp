// A store as one file: a 64-byte header (magic, version, size, SHA-256 of what follows
// uncompressed), then the database, the engrams and the compiler's facts as one zstd frame.
// docs/formats/catalogue.md has the layout. It holds no file names of its own, so nothing in it can
// be unpacked anywhere but where we say.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "memory/catalogue.h"
#include "memory/engram_archive.h"
#include "memory/lease.h"
#include "memory/schema.h"
#include "memory/stored_rows.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "ENGRAM\x1a\n";
constexpr std::uint32_t kArchiveVersion = 3;
constexpr std::uint64_t kMaxArchiveBytes = std::uint64_t{64} << 30;
constexpr std::size_t kHeaderBytes = 64;

struct Header {
  std::uint64_t size = 0;  // uncompressed
  Sha256 sha256;
  std::uint64_t database_bytes = 0;  // of those, the database's; the engrams follow
};

std::string to_bytes(const Header& h) {
  std::string out(kMagic);
  const auto append = [&](std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  };
  append(kArchiveVersion, 4);
  append(0, 4);
  append(h.size, 8);
  out.append(reinterpret_cast<const char*>(h.sha256.bytes.data()), h.sha256.bytes.size());
  append(h.database_bytes, 8);
  return out;
}

std::uint64_t read_little(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

Error bad_archive(const fs::path& file, std::string_view why) {
  return {Errc::kCorrupt,
          fmt::format("cannot import '{}': {}; the store was not changed", file.string(), why)};
}
Error io_error(const char* what, const fs::path& file) {
  return {errno == ENOENT ? Errc::kNotFound : Errc::kIo,
          fmt::format("cannot {} '{}': {}", what, file.string(), std::strerror(errno))};
}

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// A file of our own next to its destination; removed, with what SQLite puts beside it, unless kept.
class TemporaryFile {
 public:
  static Result<TemporaryFile> beside(const fs::path& file) {
    std::string name = file.string() + ".XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return io_error("write", file);
    ::close(fd);
    return TemporaryFile(name);
  }
  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (path_.empty()) return;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      std::error_code ec;
      fs::remove(path_.string() + suffix, ec);
    }
  }
  const fs::path& path() const { return path_; }

 private:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

struct FreeStream {
  void operator()(ZSTD_CCtx* s) const { ZSTD_freeCCtx(s); }
  void operator()(ZSTD_DCtx* s) const { ZSTD_freeDCtx(s); }
};

bool compress_stream(std::FILE* in, std::FILE* out, std::uint64_t size) {
  const std::unique_ptr<ZSTD_CCtx, FreeStream> stream(ZSTD_createCCtx());
  ZSTD_CCtx_setPledgedSrcSize(stream.get(), size);
  std::string input(ZSTD_CStreamInSize(), '\0'), output(ZSTD_CStreamOutSize(), '\0');
  std::size_t unfinished = 0;
  do {
    const std::size_t n = std::fread(input.data(), 1, input.size(), in);
    if (std::ferror(in) != 0) return false;
    const ZSTD_EndDirective mode = n < input.size() ? ZSTD_e_end : ZSTD_e_continue;
    ZSTD_inBuffer source{input.data(), n, 0};
    do {
      ZSTD_outBuffer sink{output.data(), output.size(), 0};
      unfinished = ZSTD_compressStream2(stream.get(), &sink, &source, mode);
      if (ZSTD_isError(unfinished)) return false;
      if (std::fwrite(output.data(), 1, sink.pos, out) != sink.pos) return false;
    } while (mode == ZSTD_e_end ? unfinished != 0 : source.pos < source.size);
    if (mode == ZSTD_e_end) break;
  } while (true);
  return std::fflush(out) == 0;
}

// Writes exactly `size` bytes to `out`; anything else in the stream is an error.
Result<void> decompress_stream(const fs::path& archive, std::FILE* in, std::FILE* out,
                               std::uint64_t size) {
  const std::unique_ptr<ZSTD_DCtx, FreeStream> stream(ZSTD_createDCtx());
  std::string input(ZSTD_DStreamInSize(), '\0'), output(ZSTD_DStreamOutSize(), '\0');
  std::uint64_t written = 0;
  std::size_t state = 1;
  while (const std::size_t n = std::fread(input.data(), 1, input.size(), in)) {
    ZSTD_inBuffer source{input.data(), n, 0};
    while (source.pos < source.size) {
      if (state == 0) return bad_archive(archive, "bytes follow its end");
      ZSTD_outBuffer sink{output.data(), output.size(), 0};
      state = ZSTD_decompressStream(stream.get(), &sink, &source);
      if (ZSTD_isError(state)) return bad_archive(archive, "its compressed data is damaged");
      written += sink.pos;
      if (written > size) return bad_archive(archive, "it is larger than its header says");
      if (std::fwrite(output.data(), 1, sink.pos, out) != sink.pos) {
        return io_error("unpack", archive);
      }
    }
  }
  if (std::ferror(in) != 0) return io_error("read", archive);
  if (state != 0 || written != size) return bad_archive(archive, "it is cut short");
  if (std::fflush(out) != 0) return io_error("unpack", archive);
  return {};
}

Result<Header> read_header(const fs::path& archive, std::FILE* in) {
  std::array<char, kHeaderBytes> bytes{};
  const std::size_t n = std::fread(bytes.data(), 1, bytes.size(), in);
  const std::string_view header(bytes.data(), n);
  if (n < kHeaderBytes || !header.starts_with(kMagic)) {
    return bad_archive(archive, "it is not an exported store");
  }
  const std::uint64_t version = read_little(header.substr(8, 4));
  if (version != kArchiveVersion) {
    return bad_archive(archive, fmt::format("it has archive format {} and this program reads {}",
                                            version, kArchiveVersion));
  }
  Header h;
  h.size = read_little(header.substr(16, 8));
  std::memcpy(h.sha256.bytes.data(), header.data() + 24, h.sha256.bytes.size());
  h.database_bytes = read_little(header.substr(56, 8));
  if (h.database_bytes == 0 || h.database_bytes > h.size || h.size > kMaxArchiveBytes) {
    return bad_archive(archive, "its size is absurd");
  }
  return h;
}

struct Unpacked {
  std::unique_ptr<Database> database;
  UnpackedEngrams engrams;
};

// What follows the database goes where engrams are unpacked; the database alone stays in `file`.
Result<UnpackedEngrams> split_engrams(const fs::path& archive, const fs::path& file,
                                      const fs::path& store, std::uint64_t database_bytes) {
  const File in(std::fopen(file.c_str(), "rbe"));
  if (!in || ::fseeko(in.get(), static_cast<off_t>(database_bytes), SEEK_SET) != 0) {
    return io_error("read", file);
  }
  auto engrams = UnpackedEngrams::read(in.get(), store);
  if (!engrams && engrams.error().code == Errc::kCorrupt) {
    return bad_archive(archive, engrams.error().message);
  }
  std::error_code ec;
  fs::resize_file(file, database_bytes, ec);
  if (ec)
    return Error{Errc::kIo, fmt::format("cannot unpack '{}': {}", file.string(), ec.message())};
  return engrams;
}

// All of the archive, unpacked to `file` and found sound, down to every path in it.
Result<Unpacked> unpack(const fs::path& archive, const fs::path& file, const fs::path& store) {
  const File in(std::fopen(archive.c_str(), "rbe"));
  if (!in) return io_error("import", archive);
  ENGRAM_TRY(header, read_header(archive, in.get()));
  {
    const File out(std::fopen(file.c_str(), "wbe"));
    if (!out) return io_error("unpack", file);
    ENGRAM_TRY_VOID(decompress_stream(archive, in.get(), out.get(), header.size));
  }
  ENGRAM_TRY(sha, sha256_file(file));
  if (sha != header.sha256) return bad_archive(archive, "its checksum does not match");
  ENGRAM_TRY(engrams, split_engrams(archive, file, store, header.database_bytes));
  ENGRAM_TRY(db, Database::open(file, Database::Mode::kReadImmutable));
  const auto sound = validate_database(*db, archive);
  if (!sound) return bad_archive(archive, sound.error().message);
  const auto files = stored_files(*db);
  if (!files) return bad_archive(archive, files.error().message);
  return Unpacked{std::move(db), std::move(engrams)};
}

Result<void> remove_database(const fs::path& directory) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::error_code ec;
    const fs::path file = directory / (std::string(kDatabaseName) + suffix);
    fs::remove(file, ec);
    if (ec) {
      return Error{Errc::kIo, fmt::format("cannot delete '{}': {}", file.string(), ec.message())};
    }
  }
  return {};
}

}  // namespace

Result<void> export_store(const fs::path& directory, const fs::path& archive) {
  ENGRAM_TRY(db, open_database_for_reading(directory));
  ENGRAM_TRY(copy, TemporaryFile::beside(archive));
  {
    ENGRAM_TRY(destination, Database::open(copy.path(), Database::Mode::kWrite));
    ENGRAM_TRY_VOID(destination->execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF"));
    ENGRAM_TRY_VOID(db->copy_to(*destination));
  }
  Header header;
  header.database_bytes = fs::file_size(copy.path());
  {
    const File out(std::fopen(copy.path().c_str(), "abe"));
    if (!out) return io_error("write", copy.path());
    ENGRAM_TRY_VOID(append_engram_entries(directory, out.get()));
    ENGRAM_TRY(scratch, TemporaryFile::beside(archive));
    ENGRAM_TRY_VOID(append_semantic_entry(directory, scratch.path(), out.get()));
    if (std::fflush(out.get()) != 0) return io_error("write", copy.path());
  }
  header.size = fs::file_size(copy.path());
  ENGRAM_TRY(sha, sha256_file(copy.path()));
  header.sha256 = sha;

  ENGRAM_TRY(packed, TemporaryFile::beside(archive));
  {
    const File in(std::fopen(copy.path().c_str(), "rbe"));
    const File out(std::fopen(packed.path().c_str(), "wbe"));
    const std::string bytes = to_bytes(header);
    const bool written =
        in && out && std::fwrite(bytes.data(), 1, bytes.size(), out.get()) == bytes.size() &&
        compress_stream(in.get(), out.get(), header.size) && ::fsync(::fileno(out.get())) == 0;
    if (!written) return io_error("write", archive);
  }
  if (::rename(packed.path().c_str(), archive.c_str()) != 0) return io_error("write", archive);
  return {};
}

Result<void> import_store(const fs::path& archive, const fs::path& directory) {
  ENGRAM_TRY_VOID(make_private_directory(directory));
  ENGRAM_TRY_VOID(refuse_network_file_system(directory));
  ENGRAM_TRY(lease, WriteLease::acquire(directory));
  ENGRAM_TRY(unpacked, TemporaryFile::beside(directory / "import"));
  ENGRAM_TRY(source, unpack(archive, unpacked.path(), directory));
  auto destination = open_database_for_writing(directory);
  if (!destination && destination.error().code == Errc::kCorrupt) {
    ENGRAM_TRY_VOID(remove_database(directory));
    destination = open_database_for_writing(directory);
  }
  if (!destination) return destination.error();
  // One transaction of the live database: a reader sees all of the old store or of the new.
  ENGRAM_TRY_VOID(source.database->copy_to(**destination));
  static_cast<void>((*destination)->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return source.engrams.publish();
}

Result<void> discard_store(const fs::path& directory) {
  std::error_code ec;
  if (!fs::exists(directory, ec)) return {};
  ENGRAM_TRY(lease, WriteLease::acquire(directory));
  return remove_database(directory);
}

}  // namespace engram
