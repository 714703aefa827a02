#include "assist/config/toml.h"

#define TOML_EXCEPTIONS 0
#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>
#include <string>

#include "core/atomic_file.h"

namespace engram {

namespace {

constexpr std::size_t kMaxFileBytes = 1u << 20;

json::value to_value(const toml::node& node);

json::object to_object(const toml::table& table) {
  json::object object;
  for (const auto& [key, node] : table) object[std::string_view(key)] = to_value(node);
  return object;
}

json::value to_value(const toml::node& node) {
  if (const auto* table = node.as_table()) return to_object(*table);
  if (const auto* array = node.as_array()) {
    json::array values;
    for (const auto& item : *array) values.push_back(to_value(item));
    return values;
  }
  if (const auto* s = node.as_string()) return json::string(s->get());
  if (const auto* i = node.as_integer()) return i->get();
  if (const auto* d = node.as_floating_point()) return d->get();
  if (const auto* b = node.as_boolean()) return b->get();
  std::ostringstream text;  // dates and times
  if (const auto* d = node.as_date()) text << d->get();
  if (const auto* t = node.as_time()) text << t->get();
  if (const auto* t = node.as_date_time()) text << t->get();
  return json::string(text.str());
}

}  // namespace

Result<json::value> parse_toml(std::string_view text, std::string_view name) {
  const auto parsed = toml::parse(text);
  if (!parsed) {
    const auto& error = parsed.error();
    std::string why(error.description());
    for (char& c : why) c = c == '\n' ? ' ' : c;
    return Error{Errc::kInvalidArgument,
                 fmt::format("{}:{}:{}: cannot read as TOML: {}", name, error.source().begin.line,
                             error.source().begin.column, why)};
  }
  return json::value(to_object(parsed.table()));
}

Result<json::value> read_toml(const std::filesystem::path& file) {
  ENGRAM_TRY(text, read_file(file, kMaxFileBytes));
  return parse_toml(text, file.string());
}

}  // namespace engram
