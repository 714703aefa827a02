#include "engine/grammar/schema_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>

namespace engram {
namespace {

constexpr std::string_view kAnnotations[] = {
    "$schema", "$id",      "$comment",   "$defs",    "definitions", "title",  "description",
    "default", "examples", "deprecated", "readOnly", "writeOnly",   "format", "$anchor"};
constexpr std::string_view kKeywords[] = {"type",
                                          "properties",
                                          "required",
                                          "additionalProperties",
                                          "items",
                                          "prefixItems",
                                          "minItems",
                                          "maxItems",
                                          "minLength",
                                          "maxLength",
                                          "pattern",
                                          "minimum",
                                          "maximum",
                                          "enum",
                                          "exclusiveMinimum",
                                          "exclusiveMaximum",
                                          "const",
                                          "anyOf",
                                          "oneOf",
                                          "allOf",
                                          "$ref"};
constexpr std::string_view kTypes[] = {"object",  "array",   "string", "number",
                                       "integer", "boolean", "null"};

template <std::size_t n>
bool is_one_of(const std::string_view (&names)[n], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::string_view type_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::object:
      return "object";
    case json::kind::array:
      return "array";
    case json::kind::string:
      return "string";
    case json::kind::bool_:
      return "boolean";
    case json::kind::null:
      return "null";
    case json::kind::double_:
      return "number";
    case json::kind::int64:
    case json::kind::uint64:
      break;
  }
  return "integer";
}

}  // namespace

Error schema_error(std::string_view path, std::string_view what) {
  return {Errc::kInvalidArgument,
          fmt::format("cannot follow the JSON schema at '{}': {}", path, what)};
}

Result<void> check_keywords(SchemaPlace at) {
  for (const auto& member : at.schema) {
    const std::string_view name = member.key();
    if (is_one_of(kAnnotations, name) || is_one_of(kKeywords, name)) continue;
    return schema_error(at.path, fmt::format("the keyword '{}' is not supported (supported: {})",
                                             name, fmt::join(kKeywords, ", ")));
  }
  return {};
}

Result<void> stands_alone(SchemaPlace at, std::string_view keyword) {
  for (const auto& member : at.schema) {
    const std::string_view name = member.key();
    if (name == keyword || is_one_of(kAnnotations, name)) continue;
    return schema_error(at.path, fmt::format("'{}' beside '{}' is not supported", name, keyword));
  }
  return {};
}

Result<const json::value*> resolve_pointer(const json::value& document, std::string_view path,
                                           std::string_view pointer) {
  if (!pointer.starts_with('#')) {
    return schema_error(path, fmt::format("'$ref' to '{}' leads out of the document", pointer));
  }
  const json::value* value = &document;
  for (std::string_view rest = pointer.substr(1); !rest.empty();) {
    if (rest.front() != '/') {
      return schema_error(path, fmt::format("'{}' is no JSON pointer", pointer));
    }
    const std::size_t end = std::min(rest.find('/', 1), rest.size());
    std::string name(rest.substr(1, end - 1));
    for (std::size_t i = name.find('~'); i < name.size(); i = name.find('~', i + 1)) {
      if (name.compare(i, 2, "~1") == 0) name.replace(i, 2, "/");
      if (name.compare(i, 2, "~0") == 0) name.replace(i, 2, "~");
    }
    rest.remove_prefix(end);
    const json::array* items = value->if_array();
    if (items != nullptr && !name.empty() && name.size() < 8 &&
        name.find_first_not_of("0123456789") == std::string::npos &&
        std::stoul(name) < items->size()) {
      value = &(*items)[std::stoul(name)];
    } else {
      value = find(*value, name);
    }
    if (value == nullptr) {
      return schema_error(path, fmt::format("'{}' is not in the document", pointer));
    }
  }
  return value;
}

Result<std::vector<std::string>> values_of(SchemaPlace at) {
  std::vector<std::string> texts;
  ENGRAM_TRY(types, types_of(at));
  const auto add = [&](const json::value& value) {
    const std::string_view type = type_name(value);
    const bool fits = types.empty() || std::any_of(types.begin(), types.end(), [&](auto wanted) {
                        return wanted == type || (wanted == "number" && type == "integer");
                      });
    if (fits) texts.push_back(to_json(value));
  };
  if (const auto* value = at.schema.if_contains("const")) {
    if (at.schema.contains("enum")) {
      return schema_error(at.path, "'enum' beside 'const' is not supported");
    }
    add(*value);
  } else {
    const json::array* values = at.schema.at("enum").if_array();
    if (values == nullptr) return schema_error(at.path, "'enum' is not an array");
    for (const auto& item : *values) add(item);
  }
  if (texts.empty()) {
    return schema_error(at.path, "no value of 'enum' or 'const' has the type asked for");
  }
  return texts;
}

Result<std::vector<std::string_view>> types_of(SchemaPlace at) {
  std::vector<std::string_view> types;
  const json::value* given = at.schema.if_contains("type");
  if (given != nullptr && given->is_string()) types.push_back(view_of(given->get_string()));
  if (given != nullptr && given->is_array()) {
    for (const json::value& item : given->get_array()) {
      if (!item.is_string()) return schema_error(at.path, "'type' lists what is not a string");
      types.push_back(view_of(item.get_string()));
    }
  }
  if (given != nullptr && types.empty()) {
    return schema_error(at.path, "'type' is no string or array");
  }
  for (const std::string_view type : types) {
    if (is_one_of(kTypes, type)) continue;
    return schema_error(at.path, fmt::format("the type '{}' is unknown (known: {})", type,
                                             fmt::join(kTypes, ", ")));
  }
  if (given != nullptr) return types;
  const auto implies = [&](std::string_view type, std::initializer_list<std::string_view> names) {
    const bool found = std::any_of(names.begin(), names.end(),
                                   [&](auto name) { return at.schema.contains(name); });
    if (found) types.push_back(type);
  };
  implies("object", {"properties", "required", "additionalProperties"});
  implies("array", {"items", "prefixItems", "minItems", "maxItems"});
  implies("string", {"minLength", "maxLength", "pattern"});
  implies("number", {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"});
  return types;
}

Result<std::size_t> count_of(SchemaPlace at, std::string_view keyword, std::size_t otherwise) {
  const json::value* value = at.schema.if_contains(keyword);
  if (value == nullptr) return otherwise;
  const bool whole = value->is_number() && value->to_number<double>() >= 0 &&
                     std::floor(value->to_number<double>()) == value->to_number<double>();
  if (!whole) return schema_error(at.path, fmt::format("'{}' is no whole number from 0", keyword));
  if (value->to_number<double>() > static_cast<double>(GrammarBuilder::kMaxRepeats)) {
    return schema_error(at.path,
                        fmt::format("'{}' is above {}", keyword, GrammarBuilder::kMaxRepeats));
  }
  return static_cast<std::size_t>(value->to_number<double>());
}

Result<JsonGrammar::Bounds> bounds_of(SchemaPlace at) {
  JsonGrammar::Bounds bounds;
  constexpr auto kMost = static_cast<double>(JsonGrammar::Bounds::kMost);
  for (const std::string_view keyword :
       {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}) {
    const json::value* value = at.schema.if_contains(keyword);
    if (value == nullptr) continue;
    if (!value->is_number()) {
      return schema_error(at.path, fmt::format("'{}' is no number", keyword));
    }
    bounds.bounded = true;
    // 'least' and 'most' as if it were a minimum: a maximum is one of the negative.
    const bool is_minimum = keyword.ends_with("inimum");
    const double sign = is_minimum ? 1 : -1;
    const double bound = std::clamp(sign * value->to_number<double>(), -kMost, kMost);
    double least = std::ceil(bound);
    if (keyword.starts_with("exclusive") && least == bound) least += 1;
    const auto whole = static_cast<std::int64_t>(std::clamp(least, -kMost, kMost));
    if (is_minimum) {
      bounds.least = std::max(bounds.least, std::clamp(whole, -bounds.kMost, bounds.kMost));
      bounds.least_floor = bounds.least;
    } else {
      bounds.most = std::min(bounds.most, std::clamp(-whole, -bounds.kMost, bounds.kMost));
      bounds.most_ceil = bounds.most;
    }
  }
  return bounds;
}

}  // namespace engram
