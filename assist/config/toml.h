// assist/config/toml.h: TOML 1.0 text as the JSON value that says the same.
//
// The only place that includes <toml++/toml.h>. Settings are read as JSON values so that
// core/json.h has the only look-ups. Dates and times become strings. Input is hostile: nesting is
// bounded (by toml++, 256 levels), nothing throws.
//
// Threads: pure functions.  Errors: kInvalidArgument as "name:line:column: why".
#pragma once

#include <filesystem>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace engram {

// The result is always an object. `name` stands in messages (a path, usually).
Result<json::value> parse_toml(std::string_view text, std::string_view name);

// kNotFound when there is no such file; files above 1 MiB are refused.
Result<json::value> read_toml(const std::filesystem::path& file);

}  // namespace engram
