// assist/recall/known_names.h: which names there are where somebody writes: those of the repository
// and of the buffer.
//
// Threads: immutable, thread-safe.  Errors: none; what cannot be read knows nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memory/catalogue.h"
#include "memory/identifiers/identifiers.h"

namespace engram {

class KnownNames {
 public:
  // `repository` may be null. `gone`: names that only files have which do not count here.
  KnownNames(std::shared_ptr<const Identifiers> repository, std::vector<std::string> buffer,
             std::vector<std::string> gone);

  bool knows(std::string_view name) const;
  bool empty() const { return repository_ == nullptr; }  // of the repository nothing is known

 private:
  std::shared_ptr<const Identifiers> repository_;
  std::vector<std::string> buffer_, gone_;  // sorted
};

// Distinct names in a text, sorted.
std::vector<std::string> names_in_text(std::string_view text);

// Names of these files that `text` lacks and that no other file of the catalogue has.
std::vector<std::string> names_only_in(CatalogueReader& catalogue, const Identifiers& repository,
                                       const std::vector<std::string>& paths,
                                       const std::vector<std::string>& text);

}  // namespace engram
