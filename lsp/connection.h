// lsp/connection.h: one JSON-RPC peer: what arrives finds its handler, every request gets exactly
// one answer, and what we ask gets its reply back.
//
// A handler that throws costs an InternalError reply, a request dropped without an answer too. A
// cancelled request is answered at once (RequestCancelled); what its worker says later is ignored.
//
// Threads: confined to the io thread, Reply included; only the stop_token of a Reply travels.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/result.h"
#include "lsp/framing.h"
#include "lsp/json_rpc.h"

namespace engram::lsp {

class MessageSink {  // where messages to the client go: a stream, or a test's list
 public:
  virtual ~MessageSink() = default;
  virtual void send(std::string body) = 0;
};

// The answer to one request, to be given once; copies share it.
class Reply {
 public:
  void result(json::value value) const;
  void error(ErrorCode code, std::string_view message) const;
  bool answered() const;
  std::stop_token stop_token() const;  // stops once the request is answered, by whomever

 private:
  friend class Connection;
  struct State;
  explicit Reply(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

class Connection {
 public:
  struct Refusal {
    ErrorCode code;
    std::string message;
  };
  using Admission = std::function<std::optional<Refusal>(std::string_view method)>;
  using ResponseHandler = std::function<void(const RpcResponse&)>;
  using Complaint = std::function<void(const std::string&)>;

  explicit Connection(MessageSink& out);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Handlers take their parameters parsed: P has `Result<void> read(const json::value&, P&)`.
  template <class P>
  void on_request(std::string method, std::function<void(const P&, const Reply&)> handler) {
    add_request(std::move(method), [handler](const json::value& value, const Reply& reply) {
      P params;
      const Result<void> ok = read(value, params);
      ok ? handler(params, reply) : reply.error(ErrorCode::kInvalidParams, ok.error().message);
    });
  }
  template <class P>
  void on_notification(std::string method, std::function<void(const P&)> handler) {
    add_notification(std::move(method), [handler](const json::value& value) -> Result<void> {
      P params;
      ENGRAM_TRY_VOID(read(value, params));
      handler(params);
      return {};
    });
  }
  void set_admission(Admission admission) { admission_ = std::move(admission); }
  // Told, in one line, about notifications that could not be handled.
  void set_complaint(Complaint complaint) { complaint_ = std::move(complaint); }

  void receive(const Frame& frame);
  void cancel(const RpcId& id);  // a request unknown or answered: nothing happens

  void notify(std::string_view method, json::value params);
  void request(std::string_view method, json::value params, ResponseHandler on_response);

 private:
  friend class Reply;
  using RequestHandler = std::function<void(const json::value&, const Reply&)>;
  using NotificationHandler = std::function<Result<void>(const json::value&)>;

  void add_request(std::string method, RequestHandler handler);
  void add_notification(std::string method, NotificationHandler handler);
  void handle(RpcRequest request);
  void handle(const RpcNotification& notification);
  void handle(const RpcResponse& response);
  void handle(const ParseFault& fault);
  void complain(const std::string& message);

  struct Table;  // requests in flight; Replies outlive the connection safely
  std::shared_ptr<Table> table_;
  MessageSink& out_;
  Admission admission_;
  Complaint complaint_;
  std::map<std::string, RequestHandler, std::less<>> requests_;
  std::map<std::string, NotificationHandler, std::less<>> notifications_;
  std::map<std::int64_t, ResponseHandler> asked_;
  std::int64_t next_id_ = 1;
};

}  // namespace engram::lsp
