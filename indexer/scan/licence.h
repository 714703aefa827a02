// indexer/scan/licence.h: under which licence a text says it is.
//
// An SPDX-License-Identifier line is believed; otherwise the well-known heads and full texts are
// recognised by sentences of their own. What is not recognised is empty, never guessed.
//
// Threads: pure functions; LicenceMap immutable after construction.  Errors: none.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/scan/workspace_file.h"
#include "memory/facts.h"

namespace engram {

// SPDX expression, or empty. Looks at the first 16 KB.
std::string licence_of_text(std::string_view text);
bool is_licence_file(std::string_view path);  // LICENSE, COPYING.LIB, LICENSE-MIT.txt, ...

// Which licence holds in which directory, by the licence files found there.
class LicenceMap {
 public:
  void add(std::string_view path, std::string_view text);  // of a licence file
  // Of the nearest directory upwards that has one; empty when none has.
  std::string_view licence_at(std::string_view path) const;
  // Is a file under `licence` (its own, or empty: its directory's) under other terms than the
  // workspace? False when either is unknown.
  bool is_other(std::string_view path, std::string_view licence) const;
  bool has_directory(std::string_view directory) const { return by_directory_.contains(directory); }

 private:
  std::map<std::string, std::string, std::less<>> by_directory_;  // "" or "a/b" -> expression
};

// From the licence files among `files`.
LicenceMap read_licences(const WorkspaceRoot& root, const std::vector<FileEntry>& files);
// Adds those in the directories above one path, unless they are in the map already.
void add_licences_above(const WorkspaceRoot& root, std::string_view path, LicenceMap& map);

}  // namespace engram
