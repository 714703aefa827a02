// memory/engrams/lookup.h: what followed a context everywhere else in the repository.
//
// An EngramView is what one request sees: the segments of one snapshot of the store, the buffers
// open in the editor in place of their saved files (text below the cursor included, the bytes
// being replaced left out), and the path being written. Asked with the tokens before a place, it
// answers for the longest context that occurs and for each shorter one down to a single token:
//
//   occurrences C   how often the context is followed by a token of its own content
//   distinct T      how many different tokens follow it
//   next            which, with counts, most frequent first, at most kMaxNext
//   positions       where, those in the same file first
//
// `exact` tells exact numbers from estimates. What a segment has at most 256 places of is read and
// exact; where it has contents that do not count (or that a buffer hides) up to 1,024 places, those
// included, are read, and beyond that a number is an estimate. T is one, too, when several segments
// have it with more than kMaxNext different next tokens; same_file counts buffers and what is read.
// Nothing is found across the border of a content, nor across a cut.
//
// Vendored and differently licensed code lies in segments of its own, which a view leaves out
// unless asked for.
//
// Threads: a view is immutable and thread-safe; an EngramCursor is confined to one thread.
// Errors: none; what does not occur is an empty answer. When a mapped segment was truncated by
// another program the view reads zeros and damaged() becomes true: give the answers up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/engrams/tokens.h"

namespace engram {

class EngramSegment;   // memory/engrams/segment.h
class EngramSnapshot;  // memory/engrams/snapshot.h

struct NextToken {
  EngramToken token = 0;
  std::uint32_t count = 0;      // of all occurrences
  std::uint32_t same_file = 0;  // of those, in the file being written
};

// The place of a token: the one that follows the context.
struct EngramPosition {
  std::uint32_t part = 0;  // of the view
  std::uint32_t token = 0;
  friend bool operator==(const EngramPosition&, const EngramPosition&) = default;
};

struct EngramSource {
  std::string path;
  std::uint32_t line = 0;   // 1-based
  std::uint32_t flags = 0;  // FileFlag bits
};

struct ContextMatch {
  static constexpr std::size_t kMaxNext = 64;
  static constexpr std::size_t kMaxPositions = 64;

  std::uint32_t length = 0;       // tokens of context that matched
  std::uint64_t occurrences = 0;  // C
  std::uint64_t distinct = 0;     // T
  bool exact = true;
  std::vector<NextToken> next;  // by count, then id
};

// One answer, meant to be used again and again: vectors keep their room.
class LookupAnswer {
 public:
  // Longest context first; empty when not even the last token occurs.
  std::span<const ContextMatch> matches() const { return {matches_.data(), size_}; }
  const ContextMatch* longest() const { return size_ == 0 ? nullptr : matches_.data(); }

 private:
  friend class EngramView;
  std::array<ContextMatch, kMaxEngramContext> matches_;
  std::size_t size_ = 0;
};

// A buffer of the editor as it stands, in the ids of the view's tokenizer.
struct EngramBuffer {
  struct Piece {                   // no context reaches from one piece into another
    std::uint32_t first_line = 1;  // 1-based line on which the piece begins
    std::vector<EngramToken> tokens;
  };
  std::string path;                             // hides the saved file of this path
  std::vector<Piece> pieces;                    // above the cursor, below what is being replaced
  std::shared_ptr<const EngramSegment> made{};  // segment_of() it, where views share it
};
// Null where the pieces have ids of another tokenizer.
std::shared_ptr<const EngramSegment> segment_of(const EngramBuffer& buffer,
                                                const EngramVocabulary& vocabulary);

class EngramView {
 public:
  struct Options {
    std::string path;              // being written: "same file"
    bool include_foreign = false;  // vendored and differently licensed code
  };
  // `snapshot` may be null: then only buffers are remembered.
  EngramView(std::shared_ptr<const EngramSnapshot> snapshot,
             std::shared_ptr<const EngramVocabulary> vocabulary,
             std::span<const EngramBuffer> buffers, Options options);
  ~EngramView();
  EngramView(const EngramView&) = delete;
  EngramView& operator=(const EngramView&) = delete;

  // Only the last kMaxEngramContext tokens of `context` count. Contexts longer than `longest` are
  // not looked for; of those that occur the `matches` longest are answered.
  void look_up(std::span<const EngramToken> context, LookupAnswer& answer,
               std::size_t longest = kMaxEngramContext,
               std::size_t matches = kMaxEngramContext) const;

  // Where the last `length` tokens of `context` occur: same file first, then newest segment first;
  // of more than `limit`, ones spread evenly over them.
  std::vector<EngramPosition> positions(std::span<const EngramToken> context, std::size_t length,
                                        std::size_t limit = ContextMatch::kMaxPositions) const;
  // Every occurrence of the whole of `context` (1 to kMaxEngramContext tokens), until `visit`
  // answers false. No cap: for tests and tools.
  void for_each(std::span<const EngramToken> context,
                const std::function<bool(EngramPosition)>& visit) const;

  // At most `limit` tokens from `position` on, to the end of the content or the next cut.
  std::vector<EngramToken> tokens_at(EngramPosition position, std::size_t limit) const;
  EngramSource source(EngramPosition position) const;

  const EngramVocabulary& vocabulary() const { return *vocabulary_; }
  bool empty() const;    // remembers nothing
  bool damaged() const;  // a mapped segment lost bytes while in use

 private:
  struct Part;
  struct Scratch;
  void add_buffer(const EngramBuffer& buffer, bool same_file);
  void add_snapshot(std::span<const EngramBuffer> buffers, const Options& options);
  std::shared_ptr<const EngramSnapshot> snapshot_;
  std::shared_ptr<const EngramVocabulary> vocabulary_;
  std::vector<Part> parts_;
};

// Follows a decode token by token. Answers are those of the view for the tokens so far.
class EngramCursor {
 public:
  explicit EngramCursor(std::shared_ptr<const EngramView> view) : view_(std::move(view)) {}

  void append(std::span<const EngramToken> tokens);  // keeps only what a lookup can need
  const LookupAnswer& answer() const;                // computed when first asked for
  std::span<const EngramToken> context() const { return context_; }
  const EngramView& view() const { return *view_; }

 private:
  std::shared_ptr<const EngramView> view_;
  std::vector<EngramToken> context_;
  mutable LookupAnswer answer_;
  mutable bool answered_ = false;
};

// What followed, as text: for `engram recall` and for completion without a model.
struct Continuation {
  std::string text;                // begins with the bytes already typed
  std::uint64_t count = 0;         // occurrences that go on like this, among those looked at
  std::uint32_t match_length = 0;  // tokens of context before it
  std::vector<EngramSource> sources;
};
struct ContinuationOptions {
  std::size_t max_tokens = 24;  // of each
  bool stop_at_line_end = true;
  std::size_t limit = 8;         // continuations
  std::size_t max_sources = 8;   // of each
  std::size_t looked_at = 1024;  // occurrences, spread evenly where there are more
};
// `typed`: the bytes of a half-written token after `context`; every answer begins with them. The
// longest context with an answer gives all of them, ranked by count.
std::vector<Continuation> continuations(const EngramView& view,
                                        std::span<const EngramToken> context,
                                        std::string_view typed,
                                        const ContinuationOptions& options = {});

}  // namespace engram
