#include "assist/engrams/sync.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "assist/engrams/memory_tokens.h"
#include "core/executor.h"
#include "memory/catalogue.h"
#include "memory/engrams/store.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
constexpr std::size_t kCommitTokens = std::size_t{96} << 20;  // most repositories: one commit

class Sync {
 public:
  Sync(CatalogueReader& reader, EngramWriter& writer, const Tokenizer& tokenizer,
       const EngramSyncOptions& options, std::stop_token stop)
      : reader_(reader),
        writer_(writer),
        tokenizer_(tokenizer),
        options_(options),
        stop_(std::move(stop)) {}

  Result<void> bring_up_to_date(const std::vector<IndexedFile>& files,
                                Durability durability = Durability::kNow) {
    durability_ = durability;
    std::vector<const IndexedFile*> changed;
    for (const IndexedFile& file : files) {
      if (!is_changed(file)) continue;
      changed.push_back(&file);
      total_ += file.entry.size;
    }
    for (const IndexedFile* file : changed) {
      if (stop_.stop_requested()) return Error{Errc::kCancelled, "remembering was stopped"};
      ENGRAM_TRY_VOID(take(*file));
      ENGRAM_TRY_VOID(flush(false));
    }
    ENGRAM_TRY_VOID(flush(true));
    return {};
  }

  void remove(const std::string& path) {
    writer_.remove_file(path);
    ++files_changed;
  }

  std::uint64_t files_changed = 0, bytes_tokenized = 0;

 private:
  struct Text {
    const IndexedFile* file = nullptr;
    EngramContentInfo info;
    std::string text;
    std::vector<EngramToken> tokens;
  };

  // Also where the store lacks the tokens of a file it names (a segment was damaged).
  bool is_changed(const IndexedFile& file) const {
    const auto known = writer_.snapshot().file(file.entry.path);
    return !known || known->content != file.content || known->flags != file.entry.flags ||
           !writer_.snapshot().has_tokens(file.content, is_foreign(file.entry.flags));
  }

  // Links known contents at once; others wait for the next batch.
  Result<void> take(const IndexedFile& file) {
    ++files_changed;
    const bool foreign = is_foreign(file.entry.flags);
    EngramContentInfo info;
    info.sha256 = file.content;
    if (writer_.has_tokens(file.content, foreign)) {
      done_ += file.entry.size;
      return writer_.put_file(file.entry.path, file.entry.flags, info, {});
    }
    auto text = reader_.text(file.entry.path);
    if (!text) {
      if (text.error().code == Errc::kNotFound) return {};  // replaced since; the next sync sees it
      return text.error();
    }
    batch_bytes_ += text->size();
    batch_.push_back({&file, info, *std::move(text), {}});
    return {};
  }

  Result<void> flush(bool last) {
    if (batch_bytes_ >= kBatchBytes || last) {
      if (options_.may_proceed) options_.may_proceed();
      tokenize_batch();
      for (const Text& t : batch_) {
        ENGRAM_TRY_VOID(
            writer_.put_file(t.file->entry.path, t.file->entry.flags, t.info, t.tokens));
        done_ += t.file->entry.size;
        if (writer_.pending_tokens() >= kCommitTokens) ENGRAM_TRY_VOID(writer_.commit(stop_));
      }
      bytes_tokenized += batch_bytes_;
      batch_.clear();
      batch_bytes_ = 0;
      if (options_.progress) options_.progress(done_, total_);
    }
    if (!last) return {};
    return writer_.commit(stop_, durability_);
  }

  void tokenize(Text& t) const {
    const std::string_view part = remembered_part(t.text, t.file->entry.flags);
    MemoryTokens made = memory_tokens(tokenizer_, part);
    t.tokens = std::move(made.tokens);
    t.info.flags = content_flags(part.size() < t.text.size(), made.cuts);
  }

  void tokenize_batch() {
    if (batch_.size() == 1) return tokenize(batch_.front());
    if (batch_.empty()) return;
    if (!pool_) {
      const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
      pool_ = std::make_unique<ThreadPool>(
          ThreadPool::Options{.name = "engrams",
                              .threads = options_.jobs == 0 ? cores : options_.jobs,
                              .background = options_.background});
    }
    for (Text& t : batch_) pool_->post([this, &t] { tokenize(t); });
    pool_->wait_idle();
  }

  CatalogueReader& reader_;
  EngramWriter& writer_;
  const Tokenizer& tokenizer_;
  const EngramSyncOptions& options_;
  std::stop_token stop_;
  std::vector<Text> batch_;
  std::size_t batch_bytes_ = 0;
  std::uint64_t done_ = 0, total_ = 0;
  Durability durability_ = Durability::kNow;  // of the last commit
  std::unique_ptr<ThreadPool> pool_;
};

Result<void> merge_all(EngramWriter& writer, const EngramSyncOptions& options,
                       std::stop_token stop) {
  while (true) {
    if (options.may_proceed) options.may_proceed();
    ENGRAM_TRY(merged, writer.merge(stop));
    if (!merged) return {};
  }
}

bool has_engrams(const fs::path& store, const Tokenizer& tokenizer) {
  const auto manifest = read_engram_manifest(engram_directory(store, tokenizer.fingerprint()));
  return manifest || manifest.error().code != Errc::kNotFound;
}

// With what `kept` has, where it is of this tokenizer.
Result<std::unique_ptr<EngramWriter>> open_writer(const fs::path& store, const Tokenizer& tokenizer,
                                                  KeptEngrams* kept) {
  KeptEngrams none;
  KeptEngrams& from = kept == nullptr ? none : *kept;
  if (from.vocabulary == nullptr || from.vocabulary->fingerprint() != tokenizer.fingerprint()) {
    from = {engram_vocabulary(tokenizer), {}};
  }
  return EngramWriter::open(store, from.vocabulary, from.state);
}

bool is_below(std::string_view path, const std::vector<std::string>& directories) {
  return std::any_of(directories.begin(), directories.end(), [&](const std::string& d) {
    return path == d || (path.starts_with(d) && path.substr(d.size()).starts_with("/"));
  });
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Result<EngramReport> sync_engrams(const fs::path& store, const Tokenizer& tokenizer,
                                  const EngramSyncOptions& options, std::stop_token stop) {
  const auto begin = std::chrono::steady_clock::now();
  ENGRAM_TRY(reader, CatalogueReader::open(store));
  EngramReport report;
  report.first = !has_engrams(store, tokenizer);
  ENGRAM_TRY(writer, open_writer(store, tokenizer, options.kept));
  // A second round when a merge found damage: the files of that segment are missing then.
  for (int round = 0; round < 2; ++round) {
    const std::size_t problems = writer->problems().size();
    ENGRAM_TRY(files, reader->files());
    Sync sync(*reader, *writer, tokenizer, options, stop);
    std::map<std::string_view, bool> present;
    for (const IndexedFile& file : files) present.emplace(file.entry.path, true);
    std::vector<std::string> gone;
    writer->snapshot().for_each_file(
        [&](std::string_view path) { return !present.contains(path); },
        [&](std::string_view path, const PathRecord&) { gone.emplace_back(path); });
    for (const std::string& path : gone) sync.remove(path);
    ENGRAM_TRY_VOID(sync.bring_up_to_date(files));
    report.files_changed += sync.files_changed;
    report.bytes_tokenized += sync.bytes_tokenized;
    ENGRAM_TRY_VOID(merge_all(*writer, options, stop));
    if (writer->problems().size() == problems) break;
  }
  if (options.kept != nullptr) options.kept->state = writer->state();
  report.counts = engram_counts(writer->snapshot());
  report.counts.problems = writer->problems();
  report.seconds = seconds_since(begin);
  return report;
}

Result<EngramReport> update_engrams(const fs::path& store, const Tokenizer& tokenizer,
                                    const std::vector<std::string>& paths,
                                    const EngramSyncOptions& options, std::stop_token stop) {
  if (!has_engrams(store, tokenizer)) return sync_engrams(store, tokenizer, options, stop);
  const auto begin = std::chrono::steady_clock::now();
  ENGRAM_TRY(reader, CatalogueReader::open(store));
  ENGRAM_TRY(writer, open_writer(store, tokenizer, options.kept));
  std::vector<IndexedFile> files;
  std::vector<std::string> directories;
  for (const std::string& path : paths) {
    ENGRAM_TRY(file, reader->file(path));
    if (file) {
      files.push_back(*std::move(file));
    } else {
      directories.push_back(path);  // or a file that is gone
    }
  }
  Sync sync(*reader, *writer, tokenizer, options, stop);
  if (!directories.empty()) {
    ENGRAM_TRY(all, reader->files());
    std::map<std::string_view, bool> present;
    for (IndexedFile& file : all) present.emplace(file.entry.path, true);
    std::vector<std::string> gone;
    writer->snapshot().for_each_file(
        [&](std::string_view path) {
          return is_below(path, directories) && !present.contains(path);
        },
        [&](std::string_view path, const PathRecord&) { gone.emplace_back(path); });
    for (const std::string& path : gone) sync.remove(path);
    for (IndexedFile& file : all) {
      if (is_below(file.entry.path, directories)) files.push_back(std::move(file));
    }
  }
  EngramReport report;
  ENGRAM_TRY_VOID(sync.bring_up_to_date(files, Durability::kLater));
  report.files_changed = sync.files_changed;
  report.bytes_tokenized = sync.bytes_tokenized;
  report.seconds = seconds_since(begin);
  ENGRAM_TRY_VOID(writer->make_durable());
  ENGRAM_TRY_VOID(merge_all(*writer, options, stop));
  if (options.kept != nullptr) options.kept->state = writer->state();
  report.counts.problems = writer->problems();
  if (report.counts.problems.empty()) return report;
  // The files of a segment that was set aside are missing, and they may be any.
  writer.reset();
  ENGRAM_TRY(rest, sync_engrams(store, tokenizer, options, stop));
  report.files_changed += rest.files_changed;
  report.bytes_tokenized += rest.bytes_tokenized;
  const std::vector<std::string>& more = rest.counts.problems;
  report.counts.problems.insert(report.counts.problems.end(), more.begin(), more.end());
  return report;
}

}  // namespace engram
