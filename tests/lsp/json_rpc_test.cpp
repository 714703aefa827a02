#include "lsp/json_rpc.h"

#include "tests/support/catch.h"

namespace engram::lsp {

TEST_CASE("json-rpc: requests, notifications and responses are told apart", "[lsp]") {
  const auto request = parse_message(R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"a":1}})");
  REQUIRE(std::holds_alternative<RpcRequest>(request));
  CHECK(std::get<RpcRequest>(request).id == RpcId(std::int64_t{7}));
  CHECK(find_int(std::get<RpcRequest>(request).params, "a") == 1);

  const auto notification = parse_message(R"({"jsonrpc":"2.0","method":"n"})");
  REQUIRE(std::holds_alternative<RpcNotification>(notification));
  CHECK(std::get<RpcNotification>(notification).params.is_null());

  const auto result = parse_message(R"({"jsonrpc":"2.0","id":"x","result":null})");
  REQUIRE(std::holds_alternative<RpcResponse>(result));
  CHECK_FALSE(std::get<RpcResponse>(result).error);

  const auto refused =
      parse_message(R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}})");
  CHECK(std::get<RpcResponse>(refused).error == "no");
}

TEST_CASE("json-rpc: what is no message gets the right error, with the id when there is one",
          "[lsp]") {
  struct Case {
    const char* body;
    ErrorCode code;
    const char* id;
  };
  const auto c = GENERATE(values<Case>({
      {"{", ErrorCode::kParseError, "null"},
      {"", ErrorCode::kParseError, "null"},
      {"{} {}", ErrorCode::kParseError, "null"},
      {"[]", ErrorCode::kInvalidRequest, "null"},
      {"3", ErrorCode::kInvalidRequest, "null"},
      {R"({"id":1,"method":"m"})", ErrorCode::kInvalidRequest, "1"},
      {R"({"jsonrpc":"1.0","id":1,"method":"m"})", ErrorCode::kInvalidRequest, "1"},
      {R"({"jsonrpc":"2.0","id":1})", ErrorCode::kInvalidRequest, "1"},
      {R"({"jsonrpc":"2.0","id":"a","method":3})", ErrorCode::kInvalidRequest, "\"a\""},
      {R"({"jsonrpc":"2.0","id":{},"method":"m"})", ErrorCode::kInvalidRequest, "null"},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"m"})", ErrorCode::kInvalidRequest, "1.5E0"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":3})", ErrorCode::kInvalidRequest, "1"},
      {R"({"jsonrpc":"2.0","result":1})", ErrorCode::kInvalidRequest, "null"},
  }));
  INFO(c.body);
  const auto message = parse_message(c.body);
  REQUIRE(std::holds_alternative<ParseFault>(message));
  CHECK(std::get<ParseFault>(message).code == c.code);
  CHECK(engram::to_json(std::get<ParseFault>(message).id) == c.id);
}

TEST_CASE("json-rpc: nesting is bounded", "[lsp]") {
  const std::string deep = R"({"jsonrpc":"2.0","method":"m","params":)" + std::string(100000, '[');
  CHECK(std::get<ParseFault>(parse_message(deep)).code == ErrorCode::kParseError);
}

TEST_CASE("json-rpc: lone surrogates and stray bytes become U+FFFD, pairs stay", "[lsp]") {
  const auto text = [](const std::string& escaped) {
    const auto m =
        parse_message(R"({"jsonrpc":"2.0","method":"m","params":{"t":")" + escaped + "\"}}");
    REQUIRE(std::holds_alternative<RpcNotification>(m));
    return std::string(find_string(std::get<RpcNotification>(m).params, "t").value());
  };
  CHECK(text("a\\uD800b") == "a\uFFFDb");
  CHECK(text("\\uDC00") == "\uFFFD");
  CHECK(text("\\ud83d\\ude00\\ud83d") == "\U0001F600\uFFFD");
  CHECK(text("\\\\uD800 \\uD800") == "\\uD800 \uFFFD");
  CHECK(text("x\xFFy") == "x\uFFFDy");
}

TEST_CASE("json-rpc: an error reply carries code and message", "[lsp]") {
  const auto reply = parse_json(make_error(3, ErrorCode::kRequestCancelled, "why"));
  REQUIRE(reply);
  CHECK(find_int(*reply, "id") == 3);
  CHECK(find_int(*find(*reply, "error"), "code") == -32800);
  CHECK(find_string(*find(*reply, "error"), "message") == "why");
}

}  // namespace engram::lsp
