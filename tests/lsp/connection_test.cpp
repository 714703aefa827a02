#include "lsp/connection.h"

#include <stdexcept>

#include "core/log.h"
#include "lsp/protocol.h"
#include "tests/lsp/scripted_client.h"

namespace engram::lsp {

namespace {

const char* const kAsk = R"({"jsonrpc":"2.0","id":1,"method":"ask","params":{}})";

}  // namespace

TEST_CASE("connection: a request gets the answer of its handler, once", "[lsp]") {
  ScriptedClient client;
  Connection connection(client);
  connection.on_request<NoParams>("ask", [](const NoParams&, const Reply& reply) {
    reply.result(42);
    reply.result(43);
    reply.error(ErrorCode::kInternalError, "too late");
  });
  connection.receive(message(kAsk));
  REQUIRE(client.received().size() == 1);
  CHECK(find_int(client.received()[0], "result") == 42);
}

TEST_CASE("connection: every way to fail has its code, and the connection lives on", "[lsp]") {
  set_log_level(LogLevel::kOff);
  ScriptedClient client;
  Connection connection(client);
  connection.on_request<NoParams>(
      "throw", [](const NoParams&, const Reply&) { throw std::runtime_error("inside"); });
  connection.on_request<NoParams>("drop", [](const NoParams&, const Reply&) {});
  connection.on_request<CancelParams>(
      "typed", [](const CancelParams&, const Reply& reply) { reply.result(nullptr); });
  connection.receive({Frame::Kind::kFault, "framing"});
  connection.receive(message("{nonsense"));
  connection.receive(message(R"({"jsonrpc":"2.0","id":2,"method":"nobody"})"));
  connection.receive(message(R"({"jsonrpc":"2.0","id":3,"method":"throw"})"));
  connection.receive(message(R"({"jsonrpc":"2.0","id":4,"method":"drop"})"));
  connection.receive(message(R"({"jsonrpc":"2.0","id":5,"method":"typed","params":{"id":[]}})"));
  connection.receive(message(R"({"jsonrpc":"2.0","id":6,"method":"typed","params":{"id":1}})"));
  set_log_level(LogLevel::kWarn);

  CHECK(find_int(*find(client.received()[0], "error"), "code") == -32700);
  CHECK(find_int(*find(client.received()[1], "error"), "code") == -32700);
  CHECK(client.error_code(2) == -32601);
  CHECK(client.error_code(3) == -32603);
  CHECK(client.error_code(4) == -32603);
  CHECK(client.error_code(5) == -32602);
  CHECK(client.error_code(6) == 0);
  CHECK(client.received().size() == 7);
}

TEST_CASE("connection: a cancelled request is answered at once and its worker's answer ignored",
          "[lsp]") {
  ScriptedClient client;
  Connection connection(client);
  std::optional<Reply> kept;
  connection.on_request<NoParams>("ask",
                                  [&](const NoParams&, const Reply& reply) { kept = reply; });
  connection.receive(message(kAsk));
  CHECK_FALSE(kept->stop_token().stop_requested());
  connection.receive(message(kAsk));  // the same id again while in flight
  CHECK(client.error_code(1) == -32600);
  client.forget();

  connection.cancel(RpcId(std::int64_t{1}));
  CHECK(kept->stop_token().stop_requested());
  CHECK(client.error_code(1) == -32800);
  kept->result(1);
  connection.cancel(RpcId(std::int64_t{1}));
  connection.cancel(RpcId(std::string("unknown")));
  CHECK(client.received().size() == 1);
}

TEST_CASE("connection: a reply that outlives its connection is silent, and its work is stopped",
          "[lsp]") {
  ScriptedClient client;
  std::optional<Reply> kept;
  {
    Connection connection(client);
    connection.on_request<NoParams>("ask",
                                    [&](const NoParams&, const Reply& reply) { kept = reply; });
    connection.receive(message(kAsk));
  }
  CHECK(kept->stop_token().stop_requested());
  kept->result(1);
  kept.reset();
  CHECK(client.received().empty());
}

TEST_CASE("connection: our own requests meet their replies, and strangers' replies are dropped",
          "[lsp]") {
  ScriptedClient client;
  Connection connection(client);
  int answers = 0;
  connection.request("window/workDoneProgress/create", {{"token", 1}},
                     [&](const RpcResponse& r) { answers += r.error ? 100 : 1; });
  const auto id = find_int(client.received()[0], "id");
  REQUIRE(id);
  connection.receive(message(R"({"jsonrpc":"2.0","id":999,"result":null})"));
  connection.receive(message(R"({"jsonrpc":"2.0","id":"x","result":null})"));
  CHECK(answers == 0);
  const std::string reply =
      R"({"jsonrpc":"2.0","id":)" + std::to_string(*id) + R"(,"result":null})";
  connection.receive(message(reply));
  connection.receive(message(reply));
  CHECK(answers == 1);
}

TEST_CASE("connection: refused methods get the refusal's code; refused notifications are dropped",
          "[lsp]") {
  ScriptedClient client;
  Connection connection(client);
  int heard = 0;
  connection.on_notification<NoParams>("tell", [&](const NoParams&) { ++heard; });
  connection.set_admission([](std::string_view) -> std::optional<Connection::Refusal> {
    return Connection::Refusal{ErrorCode::kServerNotInitialized, "not yet"};
  });
  connection.receive(message(kAsk));
  connection.receive(message(R"({"jsonrpc":"2.0","method":"tell"})"));
  CHECK(client.error_code(1) == -32002);
  CHECK(heard == 0);
}

TEST_CASE("connection: a notification that cannot be read is complained about once each", "[lsp]") {
  set_log_level(LogLevel::kOff);
  ScriptedClient client;
  Connection connection(client);
  std::string complaint;
  connection.set_complaint([&](const std::string& line) { complaint = line; });
  connection.on_notification<DidCloseParams>("textDocument/didClose", [](const DidCloseParams&) {});
  connection.receive(message(
      R"({"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{}}})"));
  set_log_level(LogLevel::kWarn);
  CHECK(complaint ==
        "textDocument/didClose was ignored: params.textDocument.uri: a string was expected");
  CHECK(client.received().empty());
}

}  // namespace engram::lsp
