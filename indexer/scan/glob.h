// indexer/scan/glob.h: one gitignore glob, matched in time linear in pattern x path.
//
// The pattern is split at '/' into components; inside one, `*`, `?` and `[...]` stop at '/', and a
// component of asterisks alone (`**`) stands for any number of components. A hostile pattern
// (`*a*a*a*...b`) cannot explode: only the last asterisk is ever retried, on both levels.
// Syntax: gitignore(5); an unfinished bracket or a lone backslash at the end matches nothing.
//
// Threads: immutable after construction.  Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engram {

class Glob {
 public:
  Glob(std::string_view pattern, bool ignore_case);

  // `path` has no leading slash.
  bool matches(std::string_view path) const;

 private:
  struct Component {
    enum class Kind { kLiteral, kSuffix, kPattern, kAnyDepth } kind = Kind::kPattern;
    std::string text;  // kLiteral: all of it; kSuffix: what follows the one leading '*'
  };
  bool component_matches(const Component& component, std::string_view name) const;

  std::vector<Component> components_;
  bool ignore_case_;
};

}  // namespace engram
