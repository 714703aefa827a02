#include "memory/engrams/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "memory/byte_codec.h"
#include "memory/compression.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVocabularyFile = "vocabulary";
constexpr std::size_t kMaxVocabularyBytes = std::size_t{64} << 20;

}  // namespace

fs::path engram_directory(const fs::path& store, std::string_view tokenizer_fingerprint) {
  return store / "engrams" / sha256(tokenizer_fingerprint).hex().substr(0, 16);
}

std::vector<fs::path> engram_directories(const fs::path& store) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(store / "engrams", ec)) {
    if (has_vocabulary(entry.path())) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::shared_ptr<const EngramVocabulary>> load_vocabulary(const fs::path& directory) {
  const fs::path file = directory / kVocabularyFile;
  const auto unusable = [&](std::string_view why) {
    return Error{Errc::kCorrupt,
                 fmt::format("cannot use the engrams' vocabulary '{}': {}", file.string(), why)};
  };
  const auto frame = read_file(file, kMaxVocabularyBytes);
  if (!frame && frame.error().code == Errc::kInvalidArgument) {
    return unusable("it is too large or no file");
  }
  if (!frame) return frame.error();
  const auto bytes = decompress(*frame, kMaxVocabularyBytes);
  if (!bytes) return unusable(bytes.error().message);
  ByteReader reader(*bytes);
  const std::string fingerprint(reader.bytes());
  std::vector<std::string_view> bytes_of(reader.count());
  for (std::string_view& b : bytes_of) b = reader.bytes();
  if (!reader.ok() || !reader.at_end()) return unusable("it is damaged");
  return std::make_shared<const EngramVocabulary>(fingerprint, bytes_of);
}

bool has_vocabulary(const fs::path& directory) {
  std::error_code ec;
  return fs::exists(directory / kVocabularyFile, ec);
}

Result<void> save_vocabulary(const fs::path& directory, const EngramVocabulary& vocabulary) {
  std::string out;
  append_bytes(out, vocabulary.fingerprint());
  append_varint(out, vocabulary.size());
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    append_bytes(out, vocabulary.bytes(static_cast<EngramToken>(id)));
  }
  return write_file_atomically(directory / kVocabularyFile, compress(out), 0600);
}

}  // namespace engram
