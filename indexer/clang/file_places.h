// indexer/clang/file_places.h: Clang's source locations as files and byte offsets.
//
// Files are numbered as they are met, the main file first; a file included several times has one
// number. What came out of a macro's body is placed at the macro's use and says so; a macro's
// argument is placed where it is written.
//
// Threads: confined to the parse.  Errors: no place (built-in and command-line text).
#pragma once

#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/DenseMap.h>

#include <optional>
#include <string>
#include <vector>

#include "memory/semantic/unit_facts.h"

namespace engram {

struct FilePlace {
  std::uint32_t file = 0;
  std::uint32_t begin = 0, end = 0;
  bool from_macro = false;
  clang::SourceLocation location;  // of `begin`, in the file
  clang::FileID reading;           // a file included twice is read twice
};

class FilePlaces {
 public:
  FilePlaces(const clang::SourceManager& sources, const clang::LangOptions& language);
  // Where there was no main file at first: this is it. False: it was read as a header already.
  bool set_main_file(clang::FileID id);

  // The token at `location`.
  std::optional<FilePlace> token(clang::SourceLocation location);
  // From the first byte of the first token to the last of the last; empty when it spans files.
  std::optional<FilePlace> tokens(clang::SourceRange range);
  std::optional<FilePlace> characters(clang::CharSourceRange range);
  // A file that was named, read or not.
  std::uint32_t file(clang::FileEntryRef entry);
  std::optional<std::uint32_t> number(clang::FileID id) { return file(id); }
  std::size_t count() const { return files_.size(); }
  const UnitFile& read_file(std::uint32_t number) const { return files_[number]; }
  std::string path(clang::SourceLocation location) const;  // "" for built-in text
  // Where token() places it.
  clang::SourceLocation file_location(clang::SourceLocation location) const {
    return land(location, false).location;
  }
  bool in_system_file(clang::SourceLocation file_location) const;

  // What was read of each file; call once, at the end.
  std::vector<UnitFile> take_files();

 private:
  struct Landed {
    clang::SourceLocation location;
    bool from_macro = false;
  };
  Landed land(clang::SourceLocation location, bool at_end) const;
  std::optional<std::uint32_t> file(clang::FileID id);

  const clang::SourceManager& sources_;
  const clang::LangOptions& language_;
  llvm::DenseMap<clang::FileID, std::uint32_t> by_id_;
  llvm::DenseMap<const clang::FileEntry*, std::uint32_t> by_entry_;
  std::vector<UnitFile> files_;
};

// Absolute, without "." and "..".
std::string clean_path(const clang::SourceManager& sources, llvm::StringRef name);

}  // namespace engram
