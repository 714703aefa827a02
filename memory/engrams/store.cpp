#include "memory/engrams/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/atomic_file.h"
#include "memory/facts.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

bool is_saved(const fs::path& directory, const EngramVocabulary& vocabulary) {
  const auto saved = load_vocabulary(directory);
  return saved && (*saved)->fingerprint() == vocabulary.fingerprint() &&
         (*saved)->size() == vocabulary.size();
}

}  // namespace

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
  const bool saved = writer->state_.snapshot != nullptr ? has_vocabulary(directory)
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
