#include "lsp/fields.h"

#include <fmt/format.h>

namespace engram::lsp {

Fields::Fields(const json::value& object, std::string path)
    : object_(object), path_(std::move(path)) {
  if (!object_.is_object()) fault_ = fmt::format("{}: an object was expected", path_);
}

const json::value* Fields::member(std::string_view name) {
  const json::value* v = find(object_, name);
  return v != nullptr && !v->is_null() ? v : nullptr;
}

void Fields::required(std::string_view name, std::string& out) {
  const json::value* v = member(name);
  if (v == nullptr || !v->is_string()) return fail(name, "a string");
  out = std::string(v->get_string());
}

void Fields::required(std::string_view name, std::int64_t& out) {
  const auto n = find_int(object_, name);
  if (!n) return fail(name, "an integer");
  out = *n;
}

void Fields::required(std::string_view name, std::size_t& out) {
  const auto n = find_int(object_, name);
  if (!n || *n < 0) return fail(name, "an integer of at least 0");
  out = static_cast<std::size_t>(*n);
}

void Fields::optional(std::string_view name, std::optional<std::string>& out) {
  const json::value* v = member(name);
  if (v == nullptr) return;
  if (!v->is_string()) return fail(name, "a string");
  out = std::string(v->get_string());
}

void Fields::optional(std::string_view name, std::int64_t& out) {
  if (member(name) != nullptr) required(name, out);
}

void Fields::optional(std::string_view name, bool& out) {
  const json::value* v = member(name);
  if (v == nullptr) return;
  if (!v->is_bool()) return fail(name, "a boolean");
  out = v->get_bool();
}

const json::value* Fields::required_object(std::string_view name) {
  const json::value* v = member(name);
  if (v != nullptr && v->is_object()) return v;
  fail(name, "an object");
  return nullptr;
}

const json::array* Fields::required_array(std::string_view name) {
  const json::value* v = member(name);
  if (v != nullptr && v->is_array()) return &v->get_array();
  fail(name, "an array");
  return nullptr;
}

std::string Fields::path_of(std::string_view name) const {
  return fmt::format("{}.{}", path_, name);
}

void Fields::fail(std::string_view name, std::string_view expected) {
  if (fault_.empty()) fault_ = fmt::format("{}: {} was expected", path_of(name), expected);
}

void Fields::absorb(const Result<void>& inner) {
  if (!inner && fault_.empty()) fault_ = inner.error().message;
}

Result<void> Fields::finish() const {
  if (fault_.empty()) return {};
  return Error{Errc::kInvalidArgument, fault_};
}

}  // namespace engram::lsp
