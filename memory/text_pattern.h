// memory/text_pattern.h: what a text search looks for: finds it in a text, and says which texts
// cannot have it.
//
// A plain string folds ASCII letters with ignore_case; one with other bytes, and every regular
// expression (RE2 syntax, linear time on any input), folds Unicode. '^' and '$' match at lines,
// '.' matches no newline.
//
// Threads: thread-safe after creation.  Errors: kInvalidArgument, with RE2's reason.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "memory/text_search.h"

namespace engram {

class TextPattern {
 public:
  static Result<std::unique_ptr<TextPattern>> create(const TextQuery& query);
  virtual ~TextPattern() = default;

  struct Span {
    std::size_t begin = std::string_view::npos, end = 0;
    bool found() const { return begin != std::string_view::npos; }
  };
  virtual Span find(std::string_view text, std::size_t from) const = 0;
  virtual bool may_match(std::string_view trigram_filter) const = 0;
};

}  // namespace engram
