#include "lsp/json_rpc.h"

#include "core/text.h"

namespace engram::lsp {

namespace {

// \uD800..\uDFFF escapes that do not pair up, replaced by \uFFFD. Backslashes are only special
// inside strings in JSON, and an escaped backslash is stepped over as a pair.
std::string without_lone_surrogates(std::string_view text) {
  const auto unit_at = [&](std::size_t i) -> int {  // of "\uXXXX" at i, or -1
    if (i + 6 > text.size() || text[i] != '\\' || text[i + 1] != 'u') return -1;
    int value = 0;
    for (std::size_t k = i + 2; k < i + 6; ++k) {
      const char c = text[k];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  };
  const auto is_high = [](int unit) { return unit >= 0xD800 && unit <= 0xDBFF; };
  const auto is_low = [](int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; };

  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const int unit = unit_at(i);
    std::size_t length = unit >= 0 ? 6 : text[i] == '\\' ? 2 : 1;
    length = std::min(length, text.size() - i);
    if (is_high(unit) && is_low(unit_at(i + 6))) {
      out.append(text.substr(i, 12));
      length = 12;
    } else if (is_high(unit) || is_low(unit)) {
      out += "\\uFFFD";
    } else {
      out.append(text.substr(i, length));
    }
    i += length;
  }
  return out;
}

Result<json::value> parse_leniently(std::string_view body) {
  auto parsed = parse_json(body);
  if (parsed) return parsed;
  const std::string repaired = without_lone_surrogates(to_valid_utf8(body));
  if (repaired == body) return parsed;
  return parse_json(repaired);
}

std::optional<RpcId> read_id(const json::value* id) {
  if (id == nullptr) return {};
  if (id->is_string()) return RpcId(std::string(id->get_string()));
  if (id->is_int64()) return RpcId(id->get_int64());
  return {};
}

json::value echo_id(const json::value* id) {
  if (id == nullptr || !(id->is_string() || id->is_number())) return nullptr;
  return *id;
}

RpcMessage read_response(const json::value& message, const json::value* id) {
  const auto known = read_id(id);
  if (!known) {  // an error reply to something that we sent and the client could not read
    return ParseFault{nullptr, ErrorCode::kInvalidRequest, "a response without a usable id"};
  }
  RpcResponse response{*known, nullptr, {}};
  if (const json::value* result = find(message, "result")) response.result = *result;
  if (const json::value* error = find(message, "error")) {
    response.error = std::string(find_string(*error, "message").value_or("unknown error"));
  }
  return response;
}

}  // namespace

RpcMessage parse_message(std::string_view body) {
  auto parsed = parse_leniently(body);
  if (!parsed) return ParseFault{nullptr, ErrorCode::kParseError, parsed.error().message};
  json::value& message = *parsed;
  const json::value* id = find(message, "id");
  const auto fault = [&](const char* why) {
    return ParseFault{echo_id(id), ErrorCode::kInvalidRequest, why};
  };
  if (message.is_array()) return fault("batches of messages are not part of LSP");
  if (!message.is_object()) return fault("a message must be a JSON object");
  if (find_string(message, "jsonrpc") != "2.0") return fault("'jsonrpc' must be \"2.0\"");

  const json::value* method = find(message, "method");
  if (method == nullptr) {
    if (find(message, "result") == nullptr && find(message, "error") == nullptr) {
      return fault("a message needs a 'method', a 'result' or an 'error'");
    }
    return read_response(message, id);
  }
  if (!method->is_string()) return fault("'method' must be a string");
  json::value* params = message.get_object().if_contains("params");
  json::value kept = params != nullptr ? std::move(*params) : json::value(nullptr);
  if (!kept.is_null() && !kept.is_structured()) return fault("'params' must be an object or array");
  if (id == nullptr) return RpcNotification{std::string(method->get_string()), std::move(kept)};
  const auto known = read_id(id);
  if (!known) return fault("'id' must be an integer or a string");
  return RpcRequest{*known, std::string(method->get_string()), std::move(kept)};
}

json::value to_json(const RpcId& id) {
  if (const auto* number = std::get_if<std::int64_t>(&id)) return *number;
  return json::value(std::get<std::string>(id));
}

namespace {

std::string finish(json::object message) {
  message["jsonrpc"] = "2.0";
  return engram::to_json(json::value(std::move(message)));
}

}  // namespace

std::string make_request(const RpcId& id, std::string_view method, json::value params) {
  return finish({{"id", to_json(id)}, {"method", method}, {"params", std::move(params)}});
}

std::string make_notification(std::string_view method, json::value params) {
  return finish({{"method", method}, {"params", std::move(params)}});
}

std::string make_result(const json::value& id, json::value result) {
  return finish({{"id", id}, {"result", std::move(result)}});
}

std::string make_error(const json::value& id, ErrorCode code, std::string_view message) {
  return finish({{"id", id},
                 {"error", {{"code", static_cast<int>(code)}, {"message", json_string(message)}}}});
}

}  // namespace engram::lsp
