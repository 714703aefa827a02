// indexer/scan/ignore_file.h: the rules of one .gitignore-style file, and how files stack.
//
// Within a file the last rule that matches decides; between files the deepest directory's decides;
// a directory that is ignored hides everything below it (callers stop there). Semantics are
// gitignore(5)'s, tested against libgit2's answers.
//
// Threads: immutable after construction.  Errors: none; an unreadable file has no rules.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/scan/glob.h"

namespace engram {

struct IgnoreRule {
  Glob glob;
  bool negated = false;         // "!pattern": not ignored after all
  bool directory_only = false;  // "pattern/"
  bool by_name = false;         // no inner slash: compared with the last component only
  std::uint32_t line = 0;       // 1-based
  std::string text;             // as written
};

class IgnoreFile {
 public:
  struct Place {
    std::string base;    // directory of the file inside the tree: "" or "a/b/"
    std::string outer;   // for a file above the tree: the tree as seen from it, "x/y/"
    std::string source;  // its name in explanations
    bool ignore_case = false;
  };
  static IgnoreFile parse(std::string_view text, Place place);
  // Reads a regular file (no link is followed, no FIFO waited for), at most 1 MB of it; nullopt
  // when there is none, or it has no rules.
  static std::optional<IgnoreFile> load(int directory_fd, const char* name, Place place);

  // The rule that decides about a path of the tree, or null.
  const IgnoreRule* find_rule(std::string_view path, bool is_directory) const;
  bool empty() const { return rules_.empty(); }
  const std::string& source() const { return place_.source; }

 private:
  std::vector<IgnoreRule> rules_;
  Place place_;
};

// The ignore files that apply in one directory: its own, then its parents'.
struct IgnoreScope {
  std::shared_ptr<const IgnoreScope> parent;
  std::vector<IgnoreFile> files;  // later ones win
};

struct IgnoreVerdict {
  bool ignored = false;
  std::string why;  // ".gitignore:3: *.o", empty when no rule spoke
};

IgnoreVerdict is_ignored(const IgnoreScope* scope, std::string_view path, bool is_directory);

}  // namespace engram
