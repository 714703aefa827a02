#include "memory/engram_archive.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "core/atomic_file.h"
#include "memory/engrams/store.h"
#include "memory/semantic/semantic_archive.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostName = 64, kCopyBlock = std::size_t{1} << 20;
constexpr std::string_view kManifest = "manifest", kVocabulary = "vocabulary";
constexpr std::string_view kSemantic = "semantic/semantic.db";

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Error cannot(std::string_view what, const fs::path& file) {
  return {Errc::kIo, fmt::format("cannot {} '{}'", what, file.string())};
}
Error bad(std::string_view why) { return {Errc::kCorrupt, std::string(why)}; }

bool all_of(std::string_view text, bool (*is)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is);
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

bool is_entry_name(std::string_view name) {
  if (name == kSemantic) return true;
  if (name.size() < 18 || name[16] != '/' || !all_of(name.substr(0, 16), is_hex)) return false;
  const std::string_view file = name.substr(17);
  if (file == kManifest || file == kVocabulary) return true;
  return file.ends_with(".seg") && all_of(file.substr(0, file.size() - 4), is_digit);
}

bool copy_bytes(std::FILE* in, std::FILE* out, std::uint64_t size) {
  std::string block(static_cast<std::size_t>(std::min<std::uint64_t>(size, kCopyBlock)), '\0');
  while (size > 0) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(size, block.size()));
    if (std::fread(block.data(), 1, n, in) != n || std::fwrite(block.data(), 1, n, out) != n) {
      return false;
    }
    size -= n;
  }
  return true;
}

template <class Int>
bool write_integer(Int value, std::FILE* out) {
  return std::fwrite(&value, sizeof(value), 1, out) == 1;
}
template <class Int>
bool read_integer(Int& value, std::FILE* in) {
  return std::fread(&value, sizeof(value), 1, in) == 1;
}

bool write_entry(const std::string& name, std::FILE* in, std::FILE* out) {
  std::fseek(in, 0, SEEK_END);
  const long size = std::ftell(in);
  std::rewind(in);
  return size >= 0 && write_integer(static_cast<std::uint32_t>(name.size()), out) &&
         std::fwrite(name.data(), 1, name.size(), out) == name.size() &&
         write_integer(static_cast<std::uint64_t>(size), out) &&
         copy_bytes(in, out, static_cast<std::uint64_t>(size));
}

using OpenFiles = std::vector<std::pair<std::string, File>>;

// All files of a memory at one moment: once open, a merge may delete them. Empty: there is none.
OpenFiles open_memory(const fs::path& directory) {
  constexpr int kAttempts = 20;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    OpenFiles files;
    const auto before = read_engram_manifest(directory);
    if (!before) return {};
    std::vector<std::string> names{std::string(kVocabulary), std::string(kManifest)};
    names.insert(names.end(), before->segments.begin(), before->segments.end());
    for (std::string& name : names) {
      File file(std::fopen((directory / name).c_str(), "rbe"));
      if (file == nullptr) break;
      files.emplace_back(std::move(name), std::move(file));
    }
    const auto after = read_engram_manifest(directory);
    if (files.size() == names.size() && after && *after == *before) return files;
  }
  return {};
}

}  // namespace

Result<void> append_engram_entries(const fs::path& store, std::FILE* out) {
  for (const fs::path& directory : engram_directories(store)) {
    for (const auto& [name, file] : open_memory(directory)) {
      if (!write_entry(directory.filename().string() + "/" + name, file.get(), out)) {
        return cannot("export", directory / name);
      }
    }
  }
  return {};
}

Result<void> append_semantic_entry(const fs::path& store, const fs::path& scratch, std::FILE* out) {
  ENGRAM_TRY(copied, copy_semantic_store(store, scratch));
  if (!copied) return {};
  const File in(std::fopen(scratch.c_str(), "rbe"));
  if (!in || !write_entry(std::string(kSemantic), in.get(), out)) return cannot("export", scratch);
  return {};
}

UnpackedEngrams::UnpackedEngrams(UnpackedEngrams&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      names_(std::move(other.names_)),
      store_(std::move(other.store_)),
      target_(std::move(other.target_)),
      semantic_(other.semantic_),
      leases_(std::move(other.leases_)) {}

UnpackedEngrams::~UnpackedEngrams() {
  std::error_code ec;
  if (!directory_.empty()) fs::remove_all(directory_, ec);
}

Result<UnpackedEngrams> UnpackedEngrams::read(std::FILE* in, const fs::path& store) {
  std::string name = (store / "import.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return cannot("make", name);
  UnpackedEngrams out{fs::path(name)};
  ENGRAM_TRY_VOID(out.read_entries(in));
  ENGRAM_TRY_VOID(out.check(store));
  return out;
}

Result<void> UnpackedEngrams::read_entries(std::FILE* in) {
  while (true) {
    std::uint32_t length = 0;
    const std::size_t read = std::fread(&length, 1, sizeof(length), in);
    if (read == 0) return {};
    if (read != sizeof(length)) return bad("an engram file has no proper name");
    std::string name(std::min<std::size_t>(length, kMostName), '\0');
    std::uint64_t size = 0;
    if (length > kMostName || std::fread(name.data(), 1, length, in) != length ||
        !is_entry_name(name) || !read_integer(size, in)) {
      return bad("an engram file has no proper name");
    }
    const fs::path file = directory_ / name;
    if (name == kSemantic) {
      semantic_ = true;
    } else if (std::find(names_.begin(), names_.end(), name.substr(0, 16)) == names_.end()) {
      names_.push_back(name.substr(0, 16));
    }
    ENGRAM_TRY_VOID(make_private_directory(file.parent_path()));
    const File out(std::fopen(file.c_str(), "wbxe"));
    if (out == nullptr) return bad("an engram file comes twice");
    if (!copy_bytes(in, out.get(), size)) return bad("an engram file is cut short");
    if (std::fflush(out.get()) != 0 || ::fsync(::fileno(out.get())) != 0) {
      return cannot("unpack", file);
    }
  }
}

Result<void> UnpackedEngrams::check_semantic() {
  if (!semantic_) return {};
  const auto sound = check_semantic_store(directory_ / kSemantic);
  if (!sound) return bad(sound.error().message);
  const fs::path place = (store_ / kSemantic).parent_path();
  ENGRAM_TRY_VOID(make_private_directory(place));
  ENGRAM_TRY(lease, WriteLease::acquire(place));
  leases_.push_back(std::move(lease));
  return {};
}

Result<void> UnpackedEngrams::check(const fs::path& store) {
  store_ = store;
  ENGRAM_TRY_VOID(check_semantic());
  target_ = store / "engrams";
  for (const std::string& name : names_) {
    ENGRAM_TRY(vocabulary, load_vocabulary(directory_ / name));
    if (engram_directory(store, vocabulary->fingerprint()).filename() != name) {
      return bad("an engram memory is not its tokenizer's");
    }
    ENGRAM_TRY(manifest, read_engram_manifest(directory_ / name));
    for (const std::string& file : manifest.segments) {
      ENGRAM_TRY(segment, EngramSegment::open(directory_ / name / file, *vocabulary));
      ENGRAM_TRY_VOID(segment->verify());
    }
    ENGRAM_TRY_VOID(make_private_directory(target_ / name));
    ENGRAM_TRY(lease, WriteLease::acquire(target_ / name));
    leases_.push_back(std::move(lease));
  }
  return {};
}

Result<void> UnpackedEngrams::publish() {
  for (const std::string& name : names_) {
    ENGRAM_TRY_VOID(publish_one(directory_ / name, target_ / name));
  }
  return semantic_ ? replace_semantic_store(directory_ / kSemantic, store_) : Result<void>();
}

// Under new numbers beside the old ones, which the next writer deletes.
Result<void> UnpackedEngrams::publish_one(const fs::path& from, const fs::path& to) {
  ENGRAM_TRY(manifest, read_engram_manifest(from));
  if (const auto old = read_engram_manifest(to)) manifest.next = std::max(manifest.next, old->next);
  manifest.unsynced.clear();  // check() read them whole
  std::error_code ec;
  for (std::string& name : manifest.segments) {
    const std::string fresh = fmt::format("{:06}.seg", manifest.next++);
    fs::rename(from / name, to / fresh, ec);
    if (ec) return cannot("import", to / fresh);
    name = fresh;
  }
  fs::rename(from / kVocabulary, to / kVocabulary, ec);
  if (ec) return cannot("import", to / kVocabulary);
  return write_engram_manifest(to, manifest);
}

}  // namespace engram
