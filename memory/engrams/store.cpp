#include "memory/engrams/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/atomic_file.h"
#include "memory/byte_codec.h"
#include "memory/compression.h"
#include "memory/facts.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVocabularyFile = "vocabulary";
constexpr std::size_t kMaxVocabularyBytes = std::size_t{64} << 20;

bool is_saved(const fs::path& directory, const EngramVocabulary& vocabulary) {
  const auto saved = load_vocabulary(directory);
  return saved && (*saved)->fingerprint() == vocabulary.fingerprint() &&
         (*saved)->size() == vocabulary.size();
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

// What lies under that name now and is open already, whether or not it lost bytes since.
std::shared_ptr<const EngramSegment> find_open(const OpenedSegments& known,
                                               const fs::path& directory, const std::string& name) {
  const auto old = std::ranges::find(known.names, name);
  if (old == known.names.end()) return nullptr;
  const auto& segment = known.segments[static_cast<std::size_t>(old - known.names.begin())];
  return segment->is_at(directory / name) ? segment : nullptr;
}

std::shared_ptr<const EngramSegment> find_known(const OpenedSegments& known,
                                                const fs::path& directory,
                                                const std::string& name) {
  auto segment = find_open(known, directory, name);
  return segment != nullptr && !segment->damaged() ? segment : nullptr;
}

// One that may not have reached the disk whole before the machine failed is read whole, and one
// that lost bytes while it was open: what the disk cannot give is refused once, not found each
// time.
Result<std::shared_ptr<const EngramSegment>> open_segment(const fs::path& directory,
                                                          const std::string& name,
                                                          const EngramManifest& manifest,
                                                          const EngramVocabulary& vocabulary,
                                                          const OpenedSegments& known) {
  ENGRAM_TRY(segment, EngramSegment::open(directory / name, vocabulary));
  if (find_open(known, directory, name) != nullptr ||
      std::ranges::find(manifest.unsynced, name) != manifest.unsynced.end()) {
    ENGRAM_TRY_VOID(segment->verify());
  }
  return segment;
}

bool is_current(const EngramState& state) {
  return std::ranges::all_of(state.opened.names, [&](const std::string& name) {
    return find_known(state.opened, state.directory, name) != nullptr;
  });
}

// Opens what is new in `state` and judges anew what that concerns.
Result<void> bring_up_to_date(EngramState& state, const EngramVocabulary& vocabulary) {
  ENGRAM_TRY(opened, open_segments(state.directory, vocabulary, state.opened));
  const bool same =
      state.snapshot != nullptr && std::ranges::equal(opened.segments, state.snapshot->parts(), {},
                                                      {}, &EngramSnapshot::Part::segment);
  state.opened = std::move(opened);
  if (same) return {};
  state.snapshot =
      std::make_shared<const EngramSnapshot>(state.opened.segments, state.snapshot.get());
  return {};
}

}  // namespace

fs::path engram_directory(const fs::path& store, std::string_view tokenizer_fingerprint) {
  return store / "engrams" / sha256(tokenizer_fingerprint).hex().substr(0, 16);
}

std::vector<fs::path> engram_directories(const fs::path& store) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(store / "engrams", ec)) {
    if (fs::exists(entry.path() / kVocabularyFile, ec)) out.push_back(entry.path());
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

Result<OpenedSegments> open_segments(const fs::path& directory, const EngramVocabulary& vocabulary,
                                     const OpenedSegments& known) {
  // A segment that a writer merged away between our two reads is not missed: the manifest is newer.
  constexpr int kAttempts = 20;
  for (int attempt = 1;; ++attempt) {
    OpenedSegments out;
    ENGRAM_TRY(manifest, read_engram_manifest(directory));
    out.manifest = std::move(manifest);
    bool vanished = false;
    for (const std::string& name : out.manifest.segments) {
      if (auto old = find_known(known, directory, name)) {
        out.segments.push_back(std::move(old));
        out.names.push_back(name);
        continue;
      }
      auto segment = open_segment(directory, name, out.manifest, vocabulary, known);
      if (segment) {
        out.segments.push_back(*std::move(segment));
        out.names.push_back(name);
        continue;
      }
      const Errc why = segment.error().code;
      // What may pass (no memory, no descriptor, no permission) says nothing about the segment.
      if (why != Errc::kCorrupt && why != Errc::kNotFound) return segment.error();
      vanished = vanished || why == Errc::kNotFound;
      out.refused.emplace_back(name, segment.error());
    }
    if (!vanished || attempt == kAttempts) return out;
    const auto again = read_engram_manifest(directory);
    if (again && *again == out.manifest) return out;  // it is really gone
  }
}

EngramReader::EngramReader(fs::path store, std::shared_ptr<const EngramVocabulary> vocabulary)
    : vocabulary_(std::move(vocabulary)),
      state_{engram_directory(store, vocabulary_->fingerprint()), {}, nullptr} {}

Result<std::shared_ptr<const EngramSnapshot>> EngramReader::snapshot() {
  const MutexLock lock(mutex_);
  ENGRAM_TRY(manifest, read_engram_manifest(state_.directory));
  if (state_.snapshot == nullptr || manifest != state_.opened.manifest || !is_current(state_)) {
    ENGRAM_TRY_VOID(bring_up_to_date(state_, *vocabulary_));
  }
  return state_.snapshot;
}

std::vector<std::string> EngramReader::problems() {
  const MutexLock lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, error] : state_.opened.refused) out.push_back(error.message);
  return out;
}

Result<std::unique_ptr<EngramWriter>> EngramWriter::open(
    const fs::path& store, std::shared_ptr<const EngramVocabulary> vocabulary, EngramState known) {
  const fs::path directory = engram_directory(store, vocabulary->fingerprint());
  ENGRAM_TRY_VOID(make_private_directory(directory));
  ENGRAM_TRY_VOID(refuse_network_file_system(directory));
  ENGRAM_TRY(lease, WriteLease::acquire(directory));
  if (known.directory != directory) known = {directory, {}, nullptr};
  std::unique_ptr<EngramWriter> writer(
      new EngramWriter(std::move(vocabulary), std::move(lease), std::move(known)));
  // Whoever goes on from a known state has found it sound before: reading it takes milliseconds.
  std::error_code ec;
  const bool saved = writer->state_.snapshot != nullptr
                         ? fs::exists(directory / kVocabularyFile, ec)
                         : is_saved(directory, *writer->vocabulary_);
  if (!saved) ENGRAM_TRY_VOID(save_vocabulary(directory, *writer->vocabulary_));
  ENGRAM_TRY_VOID(writer->reload());
  writer->remove_left_overs();
  ENGRAM_TRY_VOID(writer->set_refused_aside());
  return writer;
}

EngramWriter::EngramWriter(std::shared_ptr<const EngramVocabulary> vocabulary, WriteLease lease,
                           EngramState known)
    : vocabulary_(std::move(vocabulary)), lease_(std::move(lease)), state_(std::move(known)) {}

Result<void> EngramWriter::reload() {
  if (const auto read = bring_up_to_date(state_, *vocabulary_); !read) {
    if (read.error().code != Errc::kCorrupt && read.error().code != Errc::kNotFound) {
      return read.error();
    }
    if (read.error().code == Errc::kCorrupt) {
      problems_.push_back(read.error().message + "; starting anew");
    }
    state_.opened = {};
    state_.snapshot = std::make_shared<const EngramSnapshot>(state_.opened.segments);
  }
  sequence_ = state_.snapshot->last_sequence() + 1;
  return {};
}

// Only the holder of the lease writes here, so whatever the manifest does not name is a left-over.
void EngramWriter::remove_left_overs() const {
  std::error_code ec;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(state_.directory, ec)) {
    const std::string name = entry.path().filename().string();
    const bool named =
        std::find(state_.opened.manifest.segments.begin(), state_.opened.manifest.segments.end(),
                  name) != state_.opened.manifest.segments.end();
    if (name.find(".seg") != std::string::npos && !named) found.push_back(entry.path());
    const bool temporary = name.starts_with("manifest.") || name.starts_with("vocabulary.");
    if (temporary && name != kDurableManifest) found.push_back(entry.path());
  }
  for (const fs::path& path : found) fs::remove(path, ec);
}

Result<void> EngramWriter::set_refused_aside() {
  if (state_.opened.refused.empty()) return {};
  for (const auto& [name, error] : state_.opened.refused) {
    problems_.push_back(error.message + "; its files are remembered anew");
    std::error_code ec;
    fs::rename(state_.directory / name, state_.directory / (name + ".damaged"), ec);
  }
  state_.opened.refused.clear();
  return publish(state_.opened.names, Durability::kNow);
}

bool EngramWriter::has_tokens(const Sha256& content, bool foreign) const {
  return state_.snapshot->has_tokens(content, foreign) ||
         pending_contents_.contains({content, foreign});
}

Result<void> EngramWriter::put_file(const std::string& path, std::uint32_t flags,
                                    const EngramContentInfo& info,
                                    std::span<const EngramToken> tokens) {
  const bool foreign = is_foreign(flags);
  if (!has_tokens(info.sha256, foreign)) {
    auto& builder = foreign ? foreign_ : own_;
    if (!builder) builder = std::make_unique<SegmentBuilder>(*vocabulary_, foreign);
    ENGRAM_TRY_VOID(builder->add_content(info, tokens));
    pending_contents_.insert({info.sha256, foreign});
  }
  pending_paths_[path] = {path, info.sha256, sequence_, flags, false};
  return {};
}

void EngramWriter::remove_file(const std::string& path) {
  pending_paths_[path] = {path, {}, sequence_, 0, true};
}

std::size_t EngramWriter::pending_tokens() const {
  return (own_ ? own_->tokens() : 0) + (foreign_ ? foreign_->tokens() : 0);
}

Result<std::string> EngramWriter::write_segment(SegmentBuilder& builder, std::stop_token stop,
                                                Durability durability) {
  EngramManifest& manifest = state_.opened.manifest;
  const std::string name = fmt::format("{:06}.seg", manifest.next);
  const auto sink = make_file_sink(state_.directory / name, durability);
  ENGRAM_TRY_VOID(builder.write(*sink, stop));
  ++manifest.next;
  if (durability == Durability::kLater) manifest.unsynced.push_back(name);
  return name;
}

Result<void> EngramWriter::publish(std::vector<std::string> segments, Durability durability) {
  EngramManifest manifest = state_.opened.manifest;
  manifest.segments = std::move(segments);
  std::erase_if(manifest.unsynced, [&](const std::string& name) {
    return std::ranges::find(manifest.segments, name) == manifest.segments.end();
  });
  if (durability == Durability::kNow) {
    for (const std::string& name : manifest.unsynced)
      ENGRAM_TRY_VOID(sync_file(state_.directory / name));
    manifest.unsynced.clear();
  }
  ENGRAM_TRY_VOID(write_engram_manifest(state_.directory, manifest, durability));
  const std::vector<std::string> before = state_.opened.names;
  ENGRAM_TRY_VOID(reload());
  for (const std::string& name : before) {  // readers that have it mapped keep it
    const auto& now = state_.opened.manifest.segments;
    std::error_code ec;
    if (std::find(now.begin(), now.end(), name) == now.end())
      fs::remove(state_.directory / name, ec);
  }
  return set_refused_aside();  // damaged since they were opened; each time fewer are left
}

Result<void> EngramWriter::make_durable() {
  if (state_.opened.manifest.unsynced.empty()) return {};
  return publish(state_.opened.names, Durability::kNow);
}

Result<void> EngramWriter::commit(std::stop_token stop, Durability durability) {
  if (pending_paths_.empty() && pending_contents_.empty()) return {};
  for (auto& [path, record] : pending_paths_) {
    const bool foreign = !record.removed && is_foreign(record.flags);
    auto& builder = foreign ? foreign_ : own_;
    if (!builder) builder = std::make_unique<SegmentBuilder>(*vocabulary_, foreign);
    builder->add_path(std::move(record));
  }
  pending_paths_.clear();
  pending_contents_.clear();
  const auto own = std::move(own_), foreign = std::move(foreign_);
  std::vector<std::string> names = state_.opened.names;
  for (SegmentBuilder* builder : {own.get(), foreign.get()}) {
    if (builder == nullptr || builder->empty()) continue;
    ENGRAM_TRY(name, write_segment(*builder, stop, durability));
    names.push_back(std::move(name));
  }
  return publish(std::move(names), durability);
}

}  // namespace engram
