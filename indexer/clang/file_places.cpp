#include "indexer/clang/file_places.h"

#include <clang/Basic/FileManager.h>
#include <clang/Lex/Lexer.h>
#include <llvm/Support/Path.h>

#include <algorithm>

namespace engram {

std::string clean_path(const clang::SourceManager& sources, llvm::StringRef name) {
  llvm::SmallString<256> path(name);
  sources.getFileManager().makeAbsolutePath(path);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return path.str().str();
}

FilePlaces::FilePlaces(const clang::SourceManager& sources, const clang::LangOptions& language)
    : sources_(sources), language_(language) {
  if (!file(sources.getMainFileID())) files_.emplace_back();
}

bool FilePlaces::set_main_file(clang::FileID id) {
  const clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(id);
  if (!entry || !by_entry_.try_emplace(&entry->getFileEntry(), 0).second) return false;
  files_[0] = {.path = clean_path(sources_, entry->getName()), .content = {}};
  return file(id).has_value();
}

std::uint32_t FilePlaces::file(clang::FileEntryRef entry) {
  const auto [at, added] =
      by_entry_.try_emplace(&entry.getFileEntry(), static_cast<std::uint32_t>(files_.size()));
  if (added) files_.push_back({.path = clean_path(sources_, entry.getName()), .content = {}});
  return at->second;
}

std::optional<std::uint32_t> FilePlaces::file(clang::FileID id) {
  if (const auto known = by_id_.find(id); known != by_id_.end()) {
    return known->second == kNoNumber ? std::nullopt : std::optional(known->second);
  }
  const clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(id);
  const std::uint32_t number = entry ? file(*entry) : kNoNumber;
  by_id_[id] = number;
  if (number == kNoNumber) return std::nullopt;
  UnitFile& read = files_[number];
  if (read.size == 0) {
    const llvm::StringRef text = sources_.getBufferData(id);
    read.size = static_cast<std::uint32_t>(text.size());
    read.content = sha256({text.data(), text.size()});
    read.system =
        clang::SrcMgr::isSystem(sources_.getFileCharacteristic(sources_.getLocForStartOfFile(id)));
  }
  return number;
}

FilePlaces::Landed FilePlaces::land(clang::SourceLocation location, bool at_end) const {
  Landed landed{location};
  while (landed.location.isMacroID()) {
    if (sources_.isMacroArgExpansion(landed.location)) {
      landed.location = sources_.getImmediateSpellingLoc(landed.location);
      continue;
    }
    const clang::CharSourceRange use = sources_.getImmediateExpansionRange(landed.location);
    landed.location = at_end ? use.getEnd() : use.getBegin();
    landed.from_macro = true;
  }
  return landed;
}

std::optional<FilePlace> FilePlaces::token(clang::SourceLocation location) {
  return tokens({location, location});
}

std::optional<FilePlace> FilePlaces::tokens(clang::SourceRange range) {
  if (range.isInvalid()) return std::nullopt;
  const Landed begin = land(range.getBegin(), false);
  // A single token that a macro made stands for the macro's name, not for all of its use.
  const bool one = range.getBegin() == range.getEnd();
  const Landed end = one ? begin : land(range.getEnd(), true);
  const auto [begin_id, begin_offset] = sources_.getDecomposedLoc(begin.location);
  const auto [end_id, end_offset] = sources_.getDecomposedLoc(end.location);
  const auto number = file(begin_id);
  if (!number || begin_id != end_id) return std::nullopt;
  const std::uint32_t size = files_[*number].size;
  const unsigned last = clang::Lexer::MeasureTokenLength(end.location, sources_, language_);
  FilePlace place;
  place.file = *number;
  place.begin = begin_offset;
  place.end = std::min(end_offset + last, size);
  place.from_macro = begin.from_macro || end.from_macro;
  place.location = begin.location;
  place.reading = begin_id;
  if (place.begin > place.end) return std::nullopt;
  return place;
}

std::optional<FilePlace> FilePlaces::characters(clang::CharSourceRange range) {
  if (range.isInvalid()) return std::nullopt;
  if (range.isTokenRange()) return tokens(range.getAsRange());
  const clang::SourceLocation begin = land(range.getBegin(), false).location;
  const clang::SourceLocation end = land(range.getEnd(), true).location;
  const auto [begin_id, begin_offset] = sources_.getDecomposedLoc(begin);
  const auto [end_id, end_offset] = sources_.getDecomposedLoc(end);
  const auto number = file(begin_id);
  if (!number || begin_id != end_id || begin_offset > end_offset) return std::nullopt;
  FilePlace place;
  place.file = *number;
  place.begin = begin_offset;
  place.end = std::min<std::uint32_t>(end_offset, files_[*number].size);
  place.location = begin;
  place.reading = begin_id;
  if (place.begin > place.end) return std::nullopt;
  return place;
}

std::string FilePlaces::path(clang::SourceLocation location) const {
  const clang::FileID id = sources_.getFileID(land(location, false).location);
  const clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(id);
  return entry ? clean_path(sources_, entry->getName()) : std::string();
}

bool FilePlaces::in_system_file(clang::SourceLocation file_location) const {
  return sources_.isInSystemHeader(file_location);
}

std::vector<UnitFile> FilePlaces::take_files() { return std::move(files_); }

}  // namespace engram
