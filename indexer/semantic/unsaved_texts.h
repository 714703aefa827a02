// indexer/semantic/unsaved_texts.h: which open files say something else than what is on disk.
//
// Only those are sent along with a question: a worker reads the others by itself. Disk is looked at
// each time, and read only where it may have changed (file_hashes.h); a text is hashed once.
//
// Threads: confined to one thread at a time.  Errors: none; a file that cannot be read is unsaved.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "indexer/semantic/file_hashes.h"
#include "indexer/semantic/live_units.h"

namespace engram {

class UnsavedTexts {
 public:
  // Of `open`, without `but`. What is known of files that are not open any more is dropped.
  std::vector<UnsavedFile> among(const std::vector<OpenFile>& open, const std::string& but);

 private:
  struct Hashed {
    std::shared_ptr<const std::string> text;
    Sha256 content;
  };
  const Sha256& content_of(const OpenFile& file);

  FileHashes disk_;
  std::map<std::string, Hashed> texts_;
};

}  // namespace engram
