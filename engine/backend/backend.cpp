#include "engine/backend/backend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <vector>

namespace engram {
namespace {

std::vector<const BackendKind*>& kinds() {
  static std::vector<const BackendKind*> all = {&kHostBackend};
  return all;
}

}  // namespace

void add_backend_kind(const BackendKind& kind) { kinds().push_back(&kind); }

Result<const BackendKind*> find_backend_kind(std::string_view name) {
  const char* forced = std::getenv("ENGRAM_BACKEND");
  if (name.empty()) name = forced != nullptr ? forced : kHostBackend.name;
  std::vector<std::string_view> names;
  for (const BackendKind* kind : kinds()) {
    if (kind->name == name) return kind;
    names.push_back(kind->name);
  }
  return Error{Errc::kInvalidArgument,
               fmt::format("cannot use backend '{}': there is {}", name, fmt::join(names, ", "))};
}

}  // namespace engram
