#include "indexer/commands/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <string>
#include <utility>

namespace engram {

namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 100'000;

class YamlReader {
 public:
  YamlReader(std::string_view text, std::string_view name) : name_(name) {
    ok_ = yaml_parser_initialize(&parser_) == 1;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~YamlReader() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  Result<std::vector<json::value>> read() {
    std::vector<json::value> documents;
    while (next() && event_.type != YAML_STREAM_END_EVENT) {
      if (event_.type != YAML_DOCUMENT_START_EVENT) continue;
      if (!next()) break;
      json::value document = node(0);
      if (!why_.empty()) break;
      documents.push_back(std::move(document));
    }
    if (!why_.empty()) {
      return Error{Errc::kInvalidArgument, fmt::format("{}:{}: {}", name_, line_ + 1, why_)};
    }
    return documents;
  }

 private:
  bool fail(std::string_view why) {
    if (why_.empty()) {
      why_ = why;
      line_ = event_.start_mark.line;
    }
    return false;
  }

  bool next() {
    if (!ok_) return fail("no memory");
    if (!why_.empty()) return false;
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) != 1) {
      fail(parser_.problem != nullptr ? parser_.problem : "not YAML");
      line_ = parser_.problem_mark.line;
      return false;
    }
    if (++nodes_ > kMaxNodes) return fail("too many values");
    return true;
  }

  std::string scalar() const {
    return {reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length};
  }

  // The node that begins with the present event.
  json::value node(std::size_t depth) {
    if (depth > kMaxDepth) fail("nested too deeply");
    if (!why_.empty()) return nullptr;
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        if (event_.data.scalar.anchor != nullptr) fail("anchors are not read");
        return json::value(json::string(scalar()));
      case YAML_SEQUENCE_START_EVENT:
        if (event_.data.sequence_start.anchor != nullptr) fail("anchors are not read");
        return sequence(depth);
      case YAML_MAPPING_START_EVENT:
        if (event_.data.mapping_start.anchor != nullptr) fail("anchors are not read");
        return mapping(depth);
      default:
        fail(event_.type == YAML_ALIAS_EVENT ? "aliases are not read" : "not a value");
        return nullptr;
    }
  }

  json::value sequence(std::size_t depth) {
    json::array out;
    while (next() && event_.type != YAML_SEQUENCE_END_EVENT) out.push_back(node(depth + 1));
    return out;
  }

  json::value mapping(std::size_t depth) {
    json::object out;
    while (next() && event_.type != YAML_MAPPING_END_EVENT) {
      if (event_.type != YAML_SCALAR_EVENT) {
        fail("a key must be a word");
        break;
      }
      const std::string key = scalar();
      if (!next()) break;
      out.insert_or_assign(key, node(depth + 1));
    }
    return out;
  }

  std::string_view name_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool ok_ = false;
  std::size_t nodes_ = 0;
  std::size_t line_ = 0;
  std::string why_;
};

}  // namespace

Result<std::vector<json::value>> parse_yaml(std::string_view text, std::string_view name) {
  return YamlReader(text, name).read();
}

}  // namespace engram
