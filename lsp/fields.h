// lsp/fields.h: reading typed members out of a JSON object, with errors that name the member.
//
//   Fields f(value, "params");
//   f.required("version", params.version);
//   return f.finish();          // the first fault: "params.version: an integer was expected"
//
// Threads: confined.  Errors: kInvalidArgument from finish(); reading never throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace engram::lsp {

class Fields {
 public:
  Fields(const json::value& object, std::string path);

  void required(std::string_view name, std::string& out);
  void required(std::string_view name, std::int64_t& out);
  void required(std::string_view name, std::size_t& out);  // and not negative
  void optional(std::string_view name, std::optional<std::string>& out);
  void optional(std::string_view name, std::int64_t& out);
  void optional(std::string_view name, bool& out);

  // The member as it is, for structures inside; nullptr when absent (a fault if required).
  const json::value* member(std::string_view name);
  const json::value* required_object(std::string_view name);
  const json::array* required_array(std::string_view name);
  std::string path_of(std::string_view name) const;

  void fail(std::string_view name, std::string_view expected);  // the first one is kept
  void absorb(const Result<void>& inner);
  Result<void> finish() const;

 private:
  const json::value& object_;
  std::string path_;
  std::string fault_;
};

}  // namespace engram::lsp
