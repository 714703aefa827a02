// assist/evaluation/hidden_places.h: places of a repository to hide and complete, drawn by a seed.
//
// A line counts when it is code: enough characters, no comment, import or lone bracket. Whether it
// can be completed is never asked: the same seed draws the same places for every model.
//
//   line        the rest of a line, from its first character or a third in
//   identifier  the rest of a line, from inside a name
//   block       three to eight lines of one block, from the first one's first character
//
// Threads: pure functions.  Errors: kNotFound when there is no code; those of scan_workspace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

enum class PlaceKind : std::uint8_t { kLine, kIdentifier, kBlock };
std::string_view to_string(PlaceKind kind);
std::vector<PlaceKind> kinds_named(const std::vector<std::string>& names);  // unknown: kLine

// What is left of the file: kLineOut everything but the target; kFileOut nothing below the cursor,
// as in a new file.
enum class HideMode : std::uint8_t { kLineOut, kFileOut };
std::string_view to_string(HideMode mode);

struct HiddenPlace {
  PlaceKind kind = PlaceKind::kLine;
  std::string path;
  std::string language;
  std::shared_ptr<const std::string> text;  // the file without what is to be completed
  std::size_t offset = 0;                   // where the cursor stands
  std::size_t line = 0;                     // 1-based
  std::string truth;                        // what was taken away, without the last line's end
  // The target stands nowhere else: not in other files (copies of this one aside), nor in what is
  // left of this one. Of a block: most of its lines.
  bool novel = false;
  // Of the target's distinct names, a half-typed one as a whole: those that stand elsewhere in the
  // same sense, so that a vocabulary can have them.
  std::size_t names_known = 0;
  std::vector<std::string> copies;  // files that are this one again: memory must not use them

  std::string id() const;  // "path:line:column kind"
};

struct HideOptions {
  std::size_t samples = 40;
  std::uint64_t seed = 1;
  HideMode mode = HideMode::kLineOut;
  // Taken in turn; a kind may stand several times.
  std::vector<PlaceKind> kinds = {PlaceKind::kLine, PlaceKind::kIdentifier, PlaceKind::kLine,
                                  PlaceKind::kBlock};
  std::vector<std::string> languages;  // of the targets; empty: every one with a grammar
  bool vendored = false;               // targets in vendored code, too (looked up it always is)
};

// Fewer than asked for when the repository has no more.
Result<std::vector<HiddenPlace>> hide_places(const std::filesystem::path& root,
                                             const HideOptions& options);

}  // namespace engram
