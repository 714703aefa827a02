#include "core/json.h"

#include <fmt/format.h>

#include "core/text.h"

namespace engram {

Result<json::value> parse_json(std::string_view text, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::stream_parser parser({}, options);
  boost::system::error_code ec;
  const std::size_t consumed = parser.write_some(text.data(), text.size(), ec);
  std::size_t at = consumed;
  if (!ec) parser.finish(ec);
  if (!ec && consumed < text.size()) {
    at = text.find_first_not_of(" \t\r\n", consumed);
    if (at != std::string_view::npos) ec = json::error::extra_data;
  }
  if (ec) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("not valid JSON at byte {}: {}", at, ec.message())};
  }
  return parser.release();
}

std::string to_json(const json::value& value) { return json::serialize(value); }

namespace {

void write_pretty(const json::value& value, std::size_t indent, std::string& out) {
  const auto new_line = [&](std::size_t depth) { out += '\n' + std::string(2 * depth, ' '); };
  if (value.is_object() && !value.get_object().empty()) {
    out += '{';
    const char* separator = "";
    for (const auto& [key, member] : value.get_object()) {
      out += separator;
      new_line(indent + 1);
      out += json::serialize(json::string(key)) + ": ";
      write_pretty(member, indent + 1, out);
      separator = ",";
    }
    new_line(indent);
    out += '}';
  } else if (value.is_array() && !value.get_array().empty()) {
    out += '[';
    const char* separator = "";
    for (const auto& element : value.get_array()) {
      out += separator;
      new_line(indent + 1);
      write_pretty(element, indent + 1, out);
      separator = ",";
    }
    new_line(indent);
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string to_pretty_json(const json::value& value) {
  std::string out;
  write_pretty(value, 0, out);
  out += '\n';
  return out;
}

json::string json_string(std::string_view bytes) {
  if (is_valid_utf8(bytes)) return json::string(bytes);
  return json::string(to_valid_utf8(bytes));
}

const json::value* find(const json::value& object, std::string_view key) {
  return object.is_object() ? object.get_object().if_contains(key) : nullptr;
}

const json::object* find_object(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  return v != nullptr ? v->if_object() : nullptr;
}

const json::array* find_array(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  return v != nullptr ? v->if_array() : nullptr;
}

std::optional<std::string_view> find_string(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  if (v == nullptr || !v->is_string()) return std::nullopt;
  return std::string_view(v->get_string());
}

std::optional<std::int64_t> find_int(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  if (v == nullptr) return std::nullopt;
  boost::system::error_code ec;
  const auto n = v->to_number<std::int64_t>(ec);
  if (ec) return std::nullopt;
  return n;
}

std::optional<bool> find_bool(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  if (v == nullptr || !v->is_bool()) return std::nullopt;
  return v->get_bool();
}

}  // namespace engram
