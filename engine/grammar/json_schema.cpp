#include "engine/grammar/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/json.h"
#include "engine/grammar/json_grammar.h"
#include "engine/grammar/pattern.h"
#include "engine/grammar/schema_place.h"

namespace engram {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr NodeId kReturn = GrammarBuilder::kReturn;

class Compiler {
 public:
  explicit Compiler(const json::value& document) : document_(document), json_(builder_) {}
  Result<Grammar> compile();

 private:
  Result<RuleId> rule(const json::value& schema, const std::string& path);
  Result<NodeId> entry(const json::value& schema, const std::string& path);
  Result<NodeId> reference(SchemaPlace at);
  Result<NodeId> alternatives(SchemaPlace at, std::string_view keyword);
  Result<NodeId> typed(SchemaPlace at, std::string_view type);
  Result<NodeId> string(SchemaPlace at);
  Result<NodeId> matching_string(SchemaPlace at);
  Result<NodeId> number(SchemaPlace at, bool integer);
  Result<NodeId> array(SchemaPlace at);
  Result<NodeId> object(SchemaPlace at);
  Result<std::optional<RuleId>> additional(SchemaPlace at);

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
    ENGRAM_TRY(target, resolve_pointer(document_, pointer, pointer));
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
    if (!*allowed) return schema_error(path, "false allows nothing");
    return builder_.call(json_.any(), kReturn);
  }
  const json::object* members = schema.if_object();
  if (members == nullptr) return schema_error(path, "a schema is an object, true or false");
  const SchemaPlace at{*members, path};
  ENGRAM_TRY_VOID(check_keywords(at));
  if (members->contains("$ref")) return reference(at);
  if (members->contains("const") || members->contains("enum")) {
    ENGRAM_TRY(texts, values_of(at));
    return builder_.any_literal(std::move(texts), kReturn);
  }
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

Result<NodeId> Compiler::reference(SchemaPlace at) {
  ENGRAM_TRY_VOID(stands_alone(at, "$ref"));
  const json::string* target = at.schema.at("$ref").if_string();
  if (target == nullptr) return schema_error(at.path, "'$ref' is not a string");
  const std::string pointer(view_of(*target));
  const auto known = references_.find(pointer);
  if (known != references_.end()) return builder_.call(known->second, kReturn);
  ENGRAM_TRY_VOID(resolve_pointer(document_, at.path, pointer));
  const RuleId id = builder_.declare(pointer);
  references_.emplace(pointer, id);
  open_.emplace_back(pointer, id);
  return builder_.call(id, kReturn);
}

Result<NodeId> Compiler::alternatives(SchemaPlace at, std::string_view keyword) {
  ENGRAM_TRY_VOID(stands_alone(at, keyword));
  const json::array* schemas = at.schema.at(keyword).if_array();
  if (schemas == nullptr || schemas->empty()) {
    return schema_error(at.path, fmt::format("'{}' is not an array of schemas", keyword));
  }
  if (keyword == "allOf" && schemas->size() > 1) {
    return schema_error(at.path, "'allOf' with more than one schema is not supported; merge them");
  }
  std::set<std::string_view> types;
  std::vector<NodeId> ways;
  for (std::size_t i = 0; i < schemas->size(); ++i) {
    const std::string path = fmt::format("{}/{}/{}", at.path, keyword, i);
    if (keyword == "oneOf") {
      const auto type = find_string((*schemas)[i], "type");
      if (!type || !types.insert(*type == "integer" ? "number" : *type).second) {
        return schema_error(path,
                            "'oneOf' needs schemas of different types; use anyOf where they "
                            "exclude each other");
      }
    }
    ENGRAM_TRY(way, rule((*schemas)[i], path));
    ways.push_back(builder_.call(way, kReturn));
  }
  return builder_.any_of(ways);
}

Result<NodeId> Compiler::typed(SchemaPlace at, std::string_view type) {
  if (type == "object") return object(at);
  if (type == "array") return array(at);
  if (type == "string") return string(at);
  if (type == "number" || type == "integer") return number(at, type == "integer");
  if (type == "null") return builder_.literal("null", kReturn);
  return builder_.any_literal({"true", "false"}, kReturn);
}

Result<NodeId> Compiler::string(SchemaPlace at) {
  ENGRAM_TRY(least, count_of(at, "minLength", 0));
  ENGRAM_TRY(most, count_of(at, "maxLength", GrammarBuilder::kUnbounded));
  if (most < least) return schema_error(at.path, "'maxLength' is below 'minLength'");
  if (at.schema.contains("pattern")) return matching_string(at);
  return json_.string(least, most, kReturn);
}

Result<NodeId> Compiler::matching_string(SchemaPlace at) {
  for (const std::string_view keyword : {"minLength", "maxLength"}) {
    if (!at.schema.contains(keyword)) continue;
    return schema_error(at.path,
                        fmt::format("'{}' beside 'pattern' is not supported; say the length in "
                                    "the pattern",
                                    keyword));
  }
  const json::string* pattern = at.schema.at("pattern").if_string();
  if (pattern == nullptr) return schema_error(at.path, "'pattern' is not a string");
  const auto any = [this](NodeId next) { return json_.character(next); };
  const auto text =
      text_of_pattern(builder_, view_of(*pattern), any, builder_.literal("\"", kReturn));
  if (!text) return schema_error(at.path, text.error().message);
  return builder_.literal("\"", *text);
}

Result<NodeId> Compiler::number(SchemaPlace at, bool integer) {
  ENGRAM_TRY(bounds, bounds_of(at));
  const auto node = integer ? json_.integer(bounds, kReturn) : json_.number(bounds, kReturn);
  if (!node) return schema_error(at.path, "no number of at most 18 digits lies within the bounds");
  return *node;
}

Result<NodeId> Compiler::array(SchemaPlace at) {
  ENGRAM_TRY(least, count_of(at, "minItems", 0));
  ENGRAM_TRY(most, count_of(at, "maxItems", GrammarBuilder::kUnbounded));
  std::vector<RuleId> first;
  if (const json::value* prefix = at.schema.if_contains("prefixItems")) {
    if (!prefix->is_array()) return schema_error(at.path, "'prefixItems' is not an array");
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
  if (most < least)
    return schema_error(at.path, "an array cannot have as many items as 'minItems' asks");
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
Result<std::optional<RuleId>> Compiler::additional(SchemaPlace at) {
  const json::value* schema = at.schema.if_contains("additionalProperties");
  if (schema == nullptr) {
    const bool free = !at.schema.contains("properties");
    return free ? std::optional(json_.any()) : std::nullopt;
  }
  if (schema->is_bool() && !schema->get_bool()) return std::optional<RuleId>();
  ENGRAM_TRY(id, rule(*schema, at.path + "/additionalProperties"));
  return std::optional(id);
}

Result<NodeId> Compiler::object(SchemaPlace at) {
  struct Property {
    std::string name;
    RuleId value;
    bool required = false;
  };
  std::vector<Property> properties;
  std::set<std::string> names;
  if (const json::value* given = at.schema.if_contains("properties")) {
    if (!given->is_object()) return schema_error(at.path, "'properties' is not an object");
    for (const auto& member : given->get_object()) {
      const std::string name(member.key());
      ENGRAM_TRY(id, rule(member.value(), fmt::format("{}/properties/{}", at.path, name)));
      properties.push_back({name, id});
      names.insert(name);
    }
  }
  ENGRAM_TRY(others, additional(at));
  if (const json::value* required = at.schema.if_contains("required")) {
    if (!required->is_array()) return schema_error(at.path, "'required' is not an array");
    for (const json::value& item : required->get_array()) {
      if (!item.is_string()) return schema_error(at.path, "'required' lists what is not a string");
      const std::string name(view_of(item.get_string()));
      auto known = std::find_if(properties.begin(), properties.end(),
                                [&](const Property& p) { return p.name == name; });
      if (known == properties.end()) {
        const bool forbidden = at.schema.contains("additionalProperties") && !others;
        if (forbidden)
          return schema_error(at.path, fmt::format("'{}' is required but not allowed", name));
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
