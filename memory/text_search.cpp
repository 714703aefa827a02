#include "memory/text_search.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <thread>

#include "core/executor.h"
#include "core/path.h"
#include "core/text.h"
#include "memory/compression.h"
#include "memory/glob.h"
#include "memory/schema.h"
#include "memory/text_pattern.h"

namespace engram {

namespace {

constexpr std::size_t kMaxShownBytes = 500;   // of a line
constexpr std::size_t kShownBefore = 200;     // bytes of a long line before its match
constexpr std::size_t kInlineCandidates = 8;  // fewer are searched without other threads

struct Candidate {
  std::string path;
  std::uint32_t flags = 0;
  std::string frame;  // its text, compressed
};

// The line's text, or of a long line a part that shows the match.
std::string shown_text(std::string_view line, std::size_t match) {
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  std::size_t begin = 0;
  if (line.size() > kMaxShownBytes && match > kShownBefore) {
    begin = match - kShownBefore;
    while (begin > 0 && (static_cast<unsigned char>(line[begin]) & 0xc0) == 0x80) --begin;
  }
  return std::string(line.substr(begin, utf8_floor(line.substr(begin), kMaxShownBytes)));
}

std::vector<TextMatch> matches_in(const TextPattern& pattern, const Candidate& candidate,
                                  std::string_view text, std::size_t limit) {
  std::vector<TextMatch> matches;
  std::uint32_t line = 1;
  std::size_t counted = 0;  // newlines before here are in `line`
  std::size_t from = 0;
  while (matches.size() < limit && from <= text.size()) {
    const TextPattern::Span span = pattern.find(text, from);
    // An empty match after the last newline is on a line that is not there.
    if (!span.found() || (span.begin == text.size() && !text.empty() && text.back() == '\n')) break;
    line += static_cast<std::uint32_t>(
        std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                   text.begin() + static_cast<std::ptrdiff_t>(span.begin), '\n'));
    counted = span.begin;
    const std::size_t before =
        span.begin == 0 ? std::string_view::npos : text.rfind('\n', span.begin - 1);
    const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t line_end = std::min(text.find('\n', span.begin), text.size());
    TextMatch m;
    m.path = candidate.path;
    m.flags = candidate.flags;
    m.line = line;
    m.column = static_cast<std::uint32_t>(span.begin - line_begin + 1);
    m.begin = span.begin;
    m.end = span.end;
    m.text = shown_text(text.substr(line_begin, line_end - line_begin), span.begin - line_begin);
    matches.push_back(std::move(m));
    from = line_end + 1;
  }
  return matches;
}

// Searches candidates, in order, on this thread or a pool's; results keep the order.
class Searcher {
 public:
  Searcher(const TextPattern& pattern, const TextQuery& query)
      : pattern_(pattern), limit_(query.limit + 1), threads_(query.threads) {
    if (threads_ == 0) threads_ = std::max(1u, std::thread::hardware_concurrency());
  }

  void add(Candidate candidate) {
    Slot& slot = slots_.emplace_back();
    slot.candidate = std::move(candidate);
    if (threads_ == 1 || slots_.size() <= kInlineCandidates) {
      search(slot);
      return;
    }
    if (!pool_) {
      ThreadPool::Options options;
      options.name = "search";
      options.threads = threads_;
      options.max_queued = 256;
      pool_.emplace(options);
    }
    pool_->post([this, &slot] { search(slot); });
  }

  // Contents come in order of path, so those already added hold the first matches.
  bool has_enough() const { return found_.load(std::memory_order_relaxed) >= limit_; }
  std::size_t added() const { return slots_.size(); }

  Result<void> finish(std::vector<TextMatch>& matches) {
    if (pool_) pool_->wait_idle();
    for (Slot& slot : slots_) {
      if (!slot.result) return slot.result.error();
      std::move(slot.matches.begin(), slot.matches.end(), std::back_inserter(matches));
    }
    return {};
  }

 private:
  struct Slot {
    Candidate candidate;
    std::vector<TextMatch> matches;
    Result<void> result;
  };

  void search(Slot& slot) {
    thread_local std::string text;
    slot.result = decompress_into(text, slot.candidate.frame);
    if (slot.result) slot.matches = matches_in(pattern_, slot.candidate, text, limit_);
    found_.fetch_add(slot.matches.size(), std::memory_order_relaxed);
    slot.candidate.frame = {};
  }

  const TextPattern& pattern_;
  std::size_t limit_;
  unsigned threads_;
  std::deque<Slot> slots_;  // addresses stay
  std::atomic<std::size_t> found_{0};
  std::optional<ThreadPool> pool_;  // last: joined before the slots go
};

Result<std::vector<SkippedFile>> skipped_files(Database& db, const TextQuery& query) {
  std::vector<SkippedFile> skipped;
  Query rows(db, "SELECT path, reason, detail FROM skipped ORDER BY path");
  while (rows.next()) {
    SkippedFile s{rows.text(0), rows.text(1), rows.text(2)};
    if (globs_accept(query.globs, s.path)) skipped.push_back(std::move(s));
  }
  ENGRAM_TRY_VOID(rows.done());
  return skipped;
}

Result<void> search_files(Database& db, const TextQuery& query, const TextPattern& pattern,
                          Searcher& searcher, TextSearchAnswer& answer, std::stop_token stop) {
  Query files(db,
              "SELECT path, flags, f.content, filter FROM files f "
              "JOIN content_trigrams t ON t.content = f.content ORDER BY path");
  while (files.next()) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the search was cancelled"};
    Candidate candidate;
    candidate.path = files.text(0);
    if (!is_safe_relative_path(candidate.path)) {
      return Error{Errc::kCorrupt, "a path in the store leaves the workspace; index again"};
    }
    if (!globs_accept(query.globs, candidate.path)) continue;
    ++answer.files_searched;
    if (searcher.has_enough() || !pattern.may_match(files.blob(3))) continue;
    candidate.flags = static_cast<std::uint32_t>(files.integer(1));
    Query text(db, "SELECT text FROM content_text WHERE content = ?", files.integer(2));
    if (text.next()) candidate.frame = text.text(0);
    ENGRAM_TRY_VOID(text.done());
    searcher.add(std::move(candidate));
  }
  return files.done();
}

}  // namespace

Result<TextSearchAnswer> search_text(const std::filesystem::path& store, const TextQuery& query,
                                     std::stop_token stop) {
  ENGRAM_TRY(pattern, TextPattern::create(query));
  ENGRAM_TRY(db, open_database_for_reading(store));
  ENGRAM_TRY(snapshot, Transaction::begin(*db, false));
  TextSearchAnswer answer;
  Searcher searcher(*pattern, query);
  ENGRAM_TRY_VOID(search_files(*db, query, *pattern, searcher, answer, stop));
  ENGRAM_TRY_VOID(searcher.finish(answer.matches));
  answer.files_read = searcher.added();
  answer.truncated = answer.matches.size() > query.limit;
  if (answer.truncated) answer.matches.resize(query.limit);
  ENGRAM_TRY(skipped, skipped_files(*db, query));
  answer.skipped = std::move(skipped);
  return answer;
}

}  // namespace engram
