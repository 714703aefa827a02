#include "engine/grammar/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/json.h"
#include "engine/grammar/json_grammar.h"
#include "engine/grammar/pattern.h"

namespace engram {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr NodeId kReturn = GrammarBuilder::kReturn;

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

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

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

class Compiler {
 public:
  explicit Compiler(const json::value& document) : document_(document), json_(builder_) {}
  Result<Grammar> compile();

 private:
  struct Place {
    const json::object& schema;
    const std::string& path;  // "#/properties/a"
  };
  static Error fail(std::string_view path, std::string_view what) {
    return {Errc::kInvalidArgument,
            fmt::format("cannot follow the JSON schema at '{}': {}", path, what)};
  }

  Result<RuleId> rule(const json::value& schema, const std::string& path);
  Result<NodeId> entry(const json::value& schema, const std::string& path);
  Result<void> check_keywords(Place at) const;
  Result<void> stands_alone(Place at, std::string_view keyword) const;
  Result<NodeId> reference(Place at);
  Result<const json::value*> resolve(Place at, std::string_view pointer) const;
  Result<NodeId> one_of_values(Place at);
  Result<NodeId> alternatives(Place at, std::string_view keyword);
  Result<std::vector<std::string_view>> types_of(Place at) const;
  Result<NodeId> typed(Place at, std::string_view type);
  Result<NodeId> string(Place at);
  Result<NodeId> matching_string(Place at);
  Result<NodeId> number(Place at, bool integer);
  Result<NodeId> array(Place at);
  Result<NodeId> object(Place at);
  Result<std::optional<RuleId>> additional(Place at);
  Result<std::size_t> count(Place at, std::string_view keyword, std::size_t otherwise) const;

  const json::value& document_;
  GrammarBuilder builder_;
  JsonGrammar json_;
  std::map<std::string, RuleId> references_;
  std::vector<std::pair<std::string, RuleId>> open_;  // referred to, not compiled yet
};

Result<Grammar> Compiler::compile() {
  ENGRAM_TRY(root, rule(document_, "#"));
  while (!open_.empty()) {
    const auto [pointer, id] = std::move(open_.back());
    open_.pop_back();
    ENGRAM_TRY(target, resolve({{}, pointer}, pointer));
    ENGRAM_TRY(body, entry(*target, pointer));
    builder_.define(id, body);
  }
  auto grammar = builder_.finish(root);
  if (grammar) return grammar;
  return Error{Errc::kInvalidArgument, "cannot follow the JSON schema: " + grammar.error().message};
}

Result<RuleId> Compiler::rule(const json::value& schema, const std::string& path) {
  const RuleId id = builder_.declare(path);
  ENGRAM_TRY(body, entry(schema, path));
  builder_.define(id, body);
  return id;
}

Result<NodeId> Compiler::entry(const json::value& schema, const std::string& path) {
  if (const bool* allowed = schema.if_bool()) {
    if (!*allowed) return fail(path, "false allows nothing");
    return builder_.call(json_.any(), kReturn);
  }
  const json::object* members = schema.if_object();
  if (members == nullptr) return fail(path, "a schema is an object, true or false");
  const Place at{*members, path};
  ENGRAM_TRY_VOID(check_keywords(at));
  if (members->contains("$ref")) return reference(at);
  if (members->contains("const") || members->contains("enum")) return one_of_values(at);
  for (const std::string_view keyword : {"anyOf", "oneOf", "allOf"}) {
    if (members->contains(keyword)) return alternatives(at, keyword);
  }
  ENGRAM_TRY(types, types_of(at));
  std::vector<NodeId> ways;
  for (const std::string_view type : types) {
    ENGRAM_TRY(way, typed(at, type));
    ways.push_back(way);
  }
  if (ways.empty()) return builder_.call(json_.any(), kReturn);
  return builder_.any_of(ways);
}

Result<void> Compiler::check_keywords(Place at) const {
  for (const auto& member : at.schema) {
    const std::string_view name = member.key();
    if (is_one_of(kAnnotations, name) || is_one_of(kKeywords, name)) continue;
    return fail(at.path, fmt::format("the keyword '{}' is not supported (supported: {})", name,
                                     fmt::join(kKeywords, ", ")));
  }
  return {};
}

Result<void> Compiler::stands_alone(Place at, std::string_view keyword) const {
  for (const auto& member : at.schema) {
    const std::string_view name = member.key();
    if (name == keyword || is_one_of(kAnnotations, name)) continue;
    return fail(at.path, fmt::format("'{}' beside '{}' is not supported", name, keyword));
  }
  return {};
}

Result<NodeId> Compiler::reference(Place at) {
  ENGRAM_TRY_VOID(stands_alone(at, "$ref"));
  const json::string* target = at.schema.at("$ref").if_string();
  if (target == nullptr) return fail(at.path, "'$ref' is not a string");
  const std::string pointer(view(*target));
  const auto known = references_.find(pointer);
  if (known != references_.end()) return builder_.call(known->second, kReturn);
  ENGRAM_TRY_VOID(resolve(at, pointer));
  const RuleId id = builder_.declare(pointer);
  references_.emplace(pointer, id);
  open_.emplace_back(pointer, id);
  return builder_.call(id, kReturn);
}

// A JSON pointer within the document: "#", "#/$defs/a".
Result<const json::value*> Compiler::resolve(Place at, std::string_view pointer) const {
  if (!pointer.starts_with('#')) {
    return fail(at.path, fmt::format("'$ref' to '{}' leads out of the document", pointer));
  }
  const json::value* value = &document_;
  for (std::string_view rest = pointer.substr(1); !rest.empty();) {
    if (rest.front() != '/') return fail(at.path, fmt::format("'{}' is no JSON pointer", pointer));
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
    if (value == nullptr) return fail(at.path, fmt::format("'{}' is not in the document", pointer));
  }
  return value;
}

Result<NodeId> Compiler::one_of_values(Place at) {
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
    if (at.schema.contains("enum")) return fail(at.path, "'enum' beside 'const' is not supported");
    add(*value);
  } else {
    const json::array* values = at.schema.at("enum").if_array();
    if (values == nullptr) return fail(at.path, "'enum' is not an array");
    for (const auto& item : *values) add(item);
  }
  if (texts.empty()) return fail(at.path, "no value of 'enum' or 'const' has the type asked for");
  return builder_.any_literal(std::move(texts), kReturn);
}

Result<NodeId> Compiler::alternatives(Place at, std::string_view keyword) {
  ENGRAM_TRY_VOID(stands_alone(at, keyword));
  const json::array* schemas = at.schema.at(keyword).if_array();
  if (schemas == nullptr || schemas->empty()) {
    return fail(at.path, fmt::format("'{}' is not an array of schemas", keyword));
  }
  if (keyword == "allOf" && schemas->size() > 1) {
    return fail(at.path, "'allOf' with more than one schema is not supported; merge them");
  }
  std::set<std::string_view> types;
  std::vector<NodeId> ways;
  for (std::size_t i = 0; i < schemas->size(); ++i) {
    const std::string path = fmt::format("{}/{}/{}", at.path, keyword, i);
    if (keyword == "oneOf") {
      const auto type = find_string((*schemas)[i], "type");
      if (!type || !types.insert(*type == "integer" ? "number" : *type).second) {
        return fail(path,
                    "'oneOf' needs schemas of different types; use anyOf where they "
                    "exclude each other");
      }
    }
    ENGRAM_TRY(way, rule((*schemas)[i], path));
    ways.push_back(builder_.call(way, kReturn));
  }
  return builder_.any_of(ways);
}

// What 'type' lists, or else what the other keywords are about; empty: anything.
Result<std::vector<std::string_view>> Compiler::types_of(Place at) const {
  std::vector<std::string_view> types;
  const json::value* given = at.schema.if_contains("type");
  if (given != nullptr && given->is_string()) types.push_back(view(given->get_string()));
  if (given != nullptr && given->is_array()) {
    for (const json::value& item : given->get_array()) {
      if (!item.is_string()) return fail(at.path, "'type' lists what is not a string");
      types.push_back(view(item.get_string()));
    }
  }
  if (given != nullptr && types.empty()) return fail(at.path, "'type' is no string or array");
  for (const std::string_view type : types) {
    if (is_one_of(kTypes, type)) continue;
    return fail(at.path,
                fmt::format("the type '{}' is unknown (known: {})", type, fmt::join(kTypes, ", ")));
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

Result<NodeId> Compiler::typed(Place at, std::string_view type) {
  if (type == "object") return object(at);
  if (type == "array") return array(at);
  if (type == "string") return string(at);
  if (type == "number" || type == "integer") return number(at, type == "integer");
  if (type == "null") return builder_.literal("null", kReturn);
  return builder_.any_literal({"true", "false"}, kReturn);
}

Result<std::size_t> Compiler::count(Place at, std::string_view keyword,
                                    std::size_t otherwise) const {
  const json::value* value = at.schema.if_contains(keyword);
  if (value == nullptr) return otherwise;
  const bool whole = value->is_number() && value->to_number<double>() >= 0 &&
                     std::floor(value->to_number<double>()) == value->to_number<double>();
  if (!whole) return fail(at.path, fmt::format("'{}' is no whole number from 0", keyword));
  if (value->to_number<double>() > static_cast<double>(GrammarBuilder::kMaxRepeats)) {
    return fail(at.path, fmt::format("'{}' is above {}", keyword, GrammarBuilder::kMaxRepeats));
  }
  return static_cast<std::size_t>(value->to_number<double>());
}

Result<NodeId> Compiler::string(Place at) {
  ENGRAM_TRY(least, count(at, "minLength", 0));
  ENGRAM_TRY(most, count(at, "maxLength", GrammarBuilder::kUnbounded));
  if (most < least) return fail(at.path, "'maxLength' is below 'minLength'");
  if (at.schema.contains("pattern")) return matching_string(at);
  return json_.string(least, most, kReturn);
}

Result<NodeId> Compiler::matching_string(Place at) {
  for (const std::string_view keyword : {"minLength", "maxLength"}) {
    if (!at.schema.contains(keyword)) continue;
    return fail(at.path, fmt::format("'{}' beside 'pattern' is not supported; say the length in "
                                     "the pattern",
                                     keyword));
  }
  const json::string* pattern = at.schema.at("pattern").if_string();
  if (pattern == nullptr) return fail(at.path, "'pattern' is not a string");
  const auto any = [this](NodeId next) { return json_.character(next); };
  const auto text = text_of_pattern(builder_, view(*pattern), any, builder_.literal("\"", kReturn));
  if (!text) return fail(at.path, text.error().message);
  return builder_.literal("\"", *text);
}

Result<NodeId> Compiler::number(Place at, bool integer) {
  JsonGrammar::Bounds bounds;
  constexpr auto kMost = static_cast<double>(JsonGrammar::Bounds::kMost);
  for (const std::string_view keyword :
       {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}) {
    const json::value* value = at.schema.if_contains(keyword);
    if (value == nullptr) continue;
    if (!value->is_number()) return fail(at.path, fmt::format("'{}' is no number", keyword));
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
  const auto node = integer ? json_.integer(bounds, kReturn) : json_.number(bounds, kReturn);
  if (!node) return fail(at.path, "no number of at most 18 digits lies within the bounds");
  return *node;
}

Result<NodeId> Compiler::array(Place at) {
  ENGRAM_TRY(least, count(at, "minItems", 0));
  ENGRAM_TRY(most, count(at, "maxItems", GrammarBuilder::kUnbounded));
  std::vector<RuleId> first;
  if (const json::value* prefix = at.schema.if_contains("prefixItems")) {
    if (!prefix->is_array()) return fail(at.path, "'prefixItems' is not an array");
    for (const json::value& item : prefix->get_array()) {
      ENGRAM_TRY(id, rule(item, fmt::format("{}/prefixItems/{}", at.path, first.size())));
      first.push_back(id);
    }
  }
  RuleId rest = json_.any();
  const json::value* items = at.schema.if_contains("items");
  if (items != nullptr && items->is_bool() && !items->get_bool()) {
    most = std::min(most, first.size());
  } else if (items != nullptr) {
    ENGRAM_TRY(id, rule(*items, at.path + "/items"));
    rest = id;
  }
  if (most < least) return fail(at.path, "an array cannot have as many items as 'minItems' asks");
  const auto item_at = [&](std::size_t i) { return i < first.size() ? first[i] : rest; };

  const NodeId close = builder_.call(json_.space(), builder_.literal("]", kReturn));
  const bool unbounded = most == GrammarBuilder::kUnbounded;
  const std::size_t spelled = unbounded ? std::max({least, first.size(), std::size_t{1}}) : most;
  const auto more = [&](NodeId next) { return json_.comma(builder_.call(rest, next)); };
  NodeId node = unbounded ? builder_.repeat(more, 0, GrammarBuilder::kUnbounded, close) : close;
  for (std::size_t i = spelled; i-- > 0;) {
    const NodeId item = builder_.call(item_at(i), node);
    const NodeId element = i > 0 ? json_.comma(item) : item;
    node = i >= least ? builder_.either(element, close) : element;
  }
  return builder_.literal("[", builder_.call(json_.space(), node));
}

// The rule of undeclared properties, when they are asked for.
Result<std::optional<RuleId>> Compiler::additional(Place at) {
  const json::value* schema = at.schema.if_contains("additionalProperties");
  if (schema == nullptr) {
    const bool free = !at.schema.contains("properties");
    return free ? std::optional(json_.any()) : std::nullopt;
  }
  if (schema->is_bool() && !schema->get_bool()) return std::optional<RuleId>();
  ENGRAM_TRY(id, rule(*schema, at.path + "/additionalProperties"));
  return std::optional(id);
}

Result<NodeId> Compiler::object(Place at) {
  struct Property {
    std::string name;
    RuleId value;
    bool required = false;
  };
  std::vector<Property> properties;
  std::set<std::string> names;
  if (const json::value* given = at.schema.if_contains("properties")) {
    if (!given->is_object()) return fail(at.path, "'properties' is not an object");
    for (const auto& member : given->get_object()) {
      const std::string name(member.key());
      ENGRAM_TRY(id, rule(member.value(), fmt::format("{}/properties/{}", at.path, name)));
      properties.push_back({name, id});
      names.insert(name);
    }
  }
  ENGRAM_TRY(others, additional(at));
  if (const json::value* required = at.schema.if_contains("required")) {
    if (!required->is_array()) return fail(at.path, "'required' is not an array");
    for (const json::value& item : required->get_array()) {
      if (!item.is_string()) return fail(at.path, "'required' lists what is not a string");
      const std::string name(view(item.get_string()));
      auto known = std::find_if(properties.begin(), properties.end(),
                                [&](const Property& p) { return p.name == name; });
      if (known == properties.end()) {
        const bool forbidden = at.schema.contains("additionalProperties") && !others;
        if (forbidden) return fail(at.path, fmt::format("'{}' is required but not allowed", name));
        names.insert(name);
        known = properties.insert(properties.end(), {name, others.value_or(json_.any())});
      }
      known->required = true;
    }
  }

  // From the end: what may follow when no property, and when one, has been written.
  const NodeId close = builder_.call(json_.space(), builder_.literal("}", kReturn));
  NodeId none = close, some = close;
  if (others) {
    const auto other = [&](NodeId next) {
      return json_.other_key(names, builder_.call(*others, next));
    };
    some = builder_.repeat([&](NodeId next) { return json_.comma(other(next)); }, 0,
                           GrammarBuilder::kUnbounded, close);
    none = builder_.either(other(some), close);
  }
  for (auto property = properties.rbegin(); property != properties.rend(); ++property) {
    const NodeId written = json_.key(property->name, builder_.call(property->value, some));
    none = property->required ? written : builder_.either(written, none);
    const NodeId after = json_.comma(written);
    some = property->required ? after : builder_.either(after, some);
  }
  return builder_.literal("{", builder_.call(json_.space(), none));
}

}  // namespace

Result<Grammar> grammar_of_json_schema(std::string_view text) {
  if (text.size() > kMaxText) {
    return Error{Errc::kInvalidArgument, "cannot follow the JSON schema: it is longer than 1 MiB"};
  }
  const auto document = parse_json(text);
  if (!document) {
    return Error{Errc::kInvalidArgument,
                 "cannot follow the JSON schema: " + document.error().message};
  }
  return Compiler(*document).compile();
}

}  // namespace engram
