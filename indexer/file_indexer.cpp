#include "indexer/file_indexer.h"

#include <fmt/format.h>
#include <time.h>

#include <exception>
#include <utility>

#include "core/text.h"
#include "indexer/syntax/chunker.h"
#include "indexer/syntax/language.h"

namespace engram {

namespace {

// A file written while we read it, or within the clock's granularity after, may keep its mtime:
// such a young mtime is not trusted next time.
constexpr std::int64_t kRacyNanoseconds = 20'000'000;

constexpr const char* kDecoded =
    "stored and searchable: UTF-16 text, read as UTF-8; columns count in that";

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::int64_t trusted_mtime(std::int64_t mtime_ns, std::int64_t read_at) {
  return mtime_ns > read_at - kRacyNanoseconds ? 0 : mtime_ns;
}

void leave_out(FileOutcome& out, std::string reason, std::string detail) {
  out.kind = FileOutcome::Kind::kLeftOut;
  out.listed = SkippedFile{out.entry.path, std::move(reason), std::move(detail)};
}

// Text that no grammar claims: lines to show, words to find.
FileFacts facts_of_plain_text(std::string_view text, std::size_t chunk_bytes) {
  constexpr std::size_t kMaxWordBytes = 256 << 10;
  FileFacts facts;
  facts.certainty = Certainty::kTextual;
  facts.chunks = chunk_lines(text, chunk_bytes);
  const LineIndex lines(text);
  name_scopes(text, lines, {}, facts.chunks);
  facts.comments.emplace_back(text.substr(0, utf8_floor(text, kMaxWordBytes)));
  facts.lines = static_cast<std::uint32_t>(lines.line_count());
  return facts;
}

std::string describe_limit(std::string_view reason) {
  return fmt::format("stored and searchable, but without symbols: the parser stopped at a cap ({})",
                     reason);
}

std::size_t memory_of(const TermList& list) {
  return list.bytes.size() + list.terms.size() * sizeof(TermList::Term) +
         list.postings.size() * sizeof(TermList::Posting);
}

}  // namespace

std::size_t FileOutcome::memory() const {
  return sizeof(FileOutcome) + prepared.stored_bytes() + prepared.identifier_words.size() +
         prepared.comment_words.size() + memory_of(prepared.names) + memory_of(prepared.words);
}

FileIndexer::FileIndexer(const WorkspaceRoot& root, const LicenceMap& licences,
                         std::uint64_t max_file_bytes, const ExtractLimits& limits,
                         IsKnown is_known)
    : root_(root),
      licences_(licences),
      max_file_bytes_(max_file_bytes),
      limits_(limits),
      is_known_(std::move(is_known)) {}

FileOutcome FileIndexer::index_file(const WorkItem& item, std::stop_token stop) const {
  FileOutcome out;
  out.entry = item.entry;
  out.scanned_bytes = item.entry.size;
  try {
    read_and_judge(item, out, std::move(stop));
  } catch (const std::exception& e) {  // worker boundary: it costs this file only
    leave_out(out, "internal_error", e.what());
  }
  return out;
}

void FileIndexer::read_and_judge(const WorkItem& item, FileOutcome& out,
                                 std::stop_token stop) const {
  using Kind = FileOutcome::Kind;
  const std::int64_t started = now_ns();
  auto read = root_.read(item.entry.path, max_file_bytes_);
  if (!read) {
    if (read.error().code == Errc::kNotFound) {
      out.kind = Kind::kGone;
    } else if (read.error().code == Errc::kInvalidArgument) {
      leave_out(
          out,
          read.error().message.find("larger") != std::string::npos ? "too_large" : "not_regular",
          read.error().message);
    } else {
      leave_out(out, "unreadable", read.error().message);
    }
    return;
  }
  if (auto decoded = utf8_from_utf16(read->text)) {
    read->text = *std::move(decoded);
    out.listed = SkippedFile{item.entry.path, "utf16", kDecoded};
  }
  const std::string& text = read->text;
  out.entry.size = read->size;
  out.entry.mtime_ns = trusted_mtime(read->mtime_ns, started);
  Inspection seen = inspect_contents(item.entry.path, text);
  if (!seen.skip_reason.empty()) {
    return leave_out(out, std::move(seen.skip_reason), std::move(seen.skip_detail));
  }
  out.content = sha256(text);
  out.entry.language = language_of(item.entry.path, text);
  out.entry.licence = std::move(seen.licence);
  out.entry.flags = combine_flags(item.entry.flags, seen.flags, licences_, out.entry);
  if (item.before && item.before->content == out.content &&
      item.before->entry.language == out.entry.language) {
    out.kind = Kind::kSame;
  } else if (is_known_(out.content, out.entry.language)) {
    out.kind = Kind::kKnown;
  } else {
    extract(text, out, std::move(stop));
  }
}

void FileIndexer::extract(std::string_view text, FileOutcome& out, std::stop_token stop) const {
  if (out.entry.language.empty()) {
    out.prepared = prepare_file(facts_of_plain_text(text, limits_.chunk_bytes), text);
    out.kind = FileOutcome::Kind::kParsed;
    return;
  }
  auto extraction = extract_facts(out.entry.language, text, limits_, std::move(stop));
  if (!extraction) {
    if (extraction.error().code == Errc::kCancelled) return;
    return leave_out(out, "internal_error", extraction.error().message);
  }
  if (!extraction->limited_by.empty()) {
    out.listed =
        SkippedFile{out.entry.path, extraction->limited_by, describe_limit(extraction->limited_by)};
  }
  out.prepared = prepare_file(extraction->facts, text);
  out.kind = FileOutcome::Kind::kParsed;
}

}  // namespace engram
