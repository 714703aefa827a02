// indexer/clang/header_views.h: which view of each header this unit has, and whether another unit
// has told it.
//
// What stands in a header is decided by its text, the language, the macros it met, what its
// conditions came to, which views its inclusions gave, and, for what a template's unresolved calls
// may mean, the overloads declared before it. All of that is hashed into its key (ViewKey): macros
// with their definitions and the files of those, inclusions with the keys of what they read or had
// read before. A header read several times in a unit has one view, of all its readings. __COUNTER__
// makes names no other unit has: a header using it is told by every unit.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/Basic/SourceManager.h>
#include <clang/Lex/MacroInfo.h>
#include <llvm/ADT/DenseMap.h>

#include <cstring>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "indexer/clang/file_places.h"

namespace engram {

// The views that other units have told; grows with every request.
class HeldViews {
 public:
  void add(const std::vector<ViewKey>& keys);
  bool has(const ViewKey& key) const { return keys_.contains(key); }

 private:
  struct Hash {  // a key is a hash already
    std::size_t operator()(const ViewKey& key) const {
      std::size_t hash = 0;
      std::memcpy(&hash, key.bytes.data() + 4, sizeof hash);
      return hash;
    }
  };
  std::unordered_set<ViewKey, Hash> keys_;
};

class HeaderViews {
 public:
  // `held` may be nullptr: then there are no views, and all is told here. `context` is what else
  // decides: the language, the target, what was asked for.
  HeaderViews(const clang::SourceManager& sources, FilePlaces& places, const HeldViews* held,
              std::string root, std::string context);

  // As the preprocessor goes.
  enum class Event : std::uint8_t { kExpanded, kTested, kUndefined, kCondition, kIncluded };
  void enter(clang::FileID id);
  void leave(bool sound);  // no error so far
  void macro(Event event, llvm::StringRef name, const clang::MacroInfo* definition);
  void outcome(Event event, std::uint64_t value);
  void defined() { changed_something(); }
  void included(std::uint32_t offset);                   // an inclusion stands here
  void skipped_again(const clang::FileEntry& included);  // it was read before, and is not again
  void left_out() {
    if (!open_.empty()) readings_[open_.back()].left_out = true;
  }

  // Of a file's readings up to here; REQUIRES: there is one.
  FileView so_far(const clang::FileEntry& file) const;
  // Another unit has told, as a view that is held, what this one alone would have read.
  void rely_on(const clang::FileEntry& file, const ViewKey& key) { relied_on_[&file] = key; }

  // After the parse: what an unresolved name at `offset` may mean; then settle().
  void guess(clang::FileID id, std::uint32_t offset, std::uint64_t candidates);
  void settle();
  bool told_elsewhere(clang::FileID id) const;
  // Whether an inclusion stands between the offsets.
  bool includes_within(clang::FileID id, std::uint32_t begin, std::uint32_t end) const;
  std::uint64_t place_hash(clang::SourceLocation file_location);
  // After settle(). complete: no bodies were left out on request.
  std::vector<FileView> take(bool complete);

 private:
  struct Reading {
    clang::FileID id;
    const clang::FileEntry* entry = nullptr;  // nullptr: built-in text
    std::uint32_t file = kNoNumber;
    ViewKey key;  // the file part at first
    std::string events;
    std::vector<std::uint32_t> inclusions;
    std::uint64_t guesses = 0;
    bool sound = true, unique = false, has_effect = false, left_out = false;
    bool held = false;
  };
  FileView view_of(const std::vector<const Reading*>& readings) const;  // of one file
  void changed_something();
  void append(std::uint64_t event);
  ViewKey key_of(const Reading& reading) const;
  std::uint64_t definition_hash(const clang::MacroInfo& macro);
  const Reading* reading_of(clang::FileID id) const;
  std::string short_path(const std::string& path) const;

  const clang::SourceManager& sources_;
  FilePlaces& places_;
  const HeldViews* const held_;
  const std::string root_, context_;
  std::deque<Reading> readings_;
  std::vector<FileView> views_;
  std::vector<std::size_t> open_;  // into readings_, innermost last
  llvm::DenseMap<clang::FileID, std::size_t> by_id_;
  llvm::DenseMap<const clang::FileEntry*, ViewKey> latest_, relied_on_;
  llvm::DenseMap<const clang::MacroInfo*, std::uint64_t> definitions_;
  llvm::DenseMap<clang::FileID, std::uint64_t> paths_;
};

}  // namespace engram
