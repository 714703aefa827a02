// assist/models/known_models.h: the models that have a name, from models.toml.
//
// The built-in list with the user's config_home()/models.toml laid over it: user sources come
// first, and a user's table may add a model but cannot change the hash, size or file of a built-in
// one.
//
// Threads: pure functions.  Errors: kInvalidArgument naming the file and the key at fault.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

struct ModelSource {
  enum class Kind : std::uint8_t { kPath, kUrl, kPip };
  Kind kind = Kind::kPath;
  std::string location;                   // path or URL
  std::string package, version, member;   // pip; patterns with {n} and {nn}
  std::size_t parts = 1;                  // pip
  std::vector<std::string> wheel_sha256;  // pip; empty, or one a part
  std::string describe() const;           // for a person: "the file X", "pip packages X"
};

struct KnownModel {
  std::string name, file, sha256, licence, origin;
  std::uint64_t bytes = 0;
  std::int64_t rank = 0;
  bool built_in = false;
  std::vector<ModelSource> sources;  // in the order to try
};

struct KnownModels {
  std::vector<KnownModel> models;                       // built-in first
  std::optional<std::string> default_name;              // the user's choice: a name or a path
  const KnownModel* find(std::string_view name) const;  // nullptr: unknown
  std::string names() const;                            // "a, b, c"
};

Result<KnownModels> known_models();

// Lays the tables of `text` over `models`. `trusted`: the built-in list itself.
Result<void> overlay_models(KnownModels& models, std::string_view text, std::string_view where,
                            bool built_in);

// "part{n}" with n = 7 -> "part7"; {nn} -> "07".
std::string expand_part(std::string_view pattern, std::size_t n);

}  // namespace engram
