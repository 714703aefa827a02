// lsp/json_rpc.h: JSON-RPC 2.0 messages as values, and the error codes LSP gives them.
//
// parse_message never throws and never guesses: what is no request, notification or response is
// a ParseFault with the code to answer. Strings with lone surrogates or stray bytes, which some
// editors send for broken text, are taken with U+FFFD in their place (still one UTF-16 unit), since
// refusing a didChange would put the document out of step.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/json.h"

namespace engram::lsp {

enum class ErrorCode : int {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kInternalError = -32603,
  kServerNotInitialized = -32002,
  kRequestFailed = -32803,
  kServerCancelled = -32802,
  kContentModified = -32801,
  kRequestCancelled = -32800,
};

using RpcId = std::variant<std::int64_t, std::string>;

struct RpcRequest {
  RpcId id;
  std::string method;
  json::value params;
};

struct RpcNotification {
  std::string method;
  json::value params;
};

struct RpcResponse {  // to a request of ours
  RpcId id;
  json::value result;
  std::optional<std::string> error;  // its message, when the client refused
};

struct ParseFault {
  json::value id;  // null when it cannot be known
  ErrorCode code = ErrorCode::kInvalidRequest;
  std::string message;
};

using RpcMessage = std::variant<RpcRequest, RpcNotification, RpcResponse, ParseFault>;

RpcMessage parse_message(std::string_view body);

json::value to_json(const RpcId& id);

std::string make_request(const RpcId& id, std::string_view method, json::value params);
std::string make_notification(std::string_view method, json::value params);
std::string make_result(const json::value& id, json::value result);
std::string make_error(const json::value& id, ErrorCode code, std::string_view message);

}  // namespace engram::lsp
