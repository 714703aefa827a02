// core/json.h: JSON through Boost.JSON; the only file that includes it.
//
// Input is hostile: parse_json bounds depth and never throws. Strings written out are made valid
// UTF-8 first (json_string), since source bytes may not be.
//
// Threads: pure functions.  Errors: kInvalidArgument with the byte offset of the fault.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

namespace json = boost::json;

Result<json::value> parse_json(std::string_view text, std::size_t max_depth = 128);
std::string to_json(const json::value& value);         // one line
std::string to_pretty_json(const json::value& value);  // two-space indent, trailing newline

json::string json_string(std::string_view bytes);  // stray bytes become U+FFFD

// Typed look-ups that never throw: nullptr / nullopt when absent or of another type.
const json::value* find(const json::value& object, std::string_view key);
const json::object* find_object(const json::value& object, std::string_view key);
const json::array* find_array(const json::value& object, std::string_view key);
std::optional<std::string_view> find_string(const json::value& object, std::string_view key);
std::optional<std::int64_t> find_int(const json::value& object, std::string_view key);
std::optional<bool> find_bool(const json::value& object, std::string_view key);

}  // namespace engram
