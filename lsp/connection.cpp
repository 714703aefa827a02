#include "lsp/connection.h"

#include <fmt/format.h>

#include "core/log.h"

namespace engram::lsp {

// Requests whose answer is still due. `out` is null once the connection is gone.
struct Connection::Table {
  MessageSink* out = nullptr;
  std::map<RpcId, std::weak_ptr<Reply::State>> in_flight;
};

struct Reply::State {
  RpcId id;
  std::weak_ptr<Connection::Table> table;
  bool answered = false;
  std::stop_source stop;

  void answer(std::string message) {
    if (answered) return;
    answered = true;
    if (const auto t = table.lock(); t && t->out != nullptr) {
      t->in_flight.erase(id);
      t->out->send(std::move(message));
    }
    stop.request_stop();
  }
  void answer_error(ErrorCode code, std::string_view message) {
    answer(make_error(to_json(id), code, message));
  }
  ~State() {
    if (!answered) answer_error(ErrorCode::kInternalError, "the request was dropped");
  }
};

void Reply::result(json::value value) const {
  if (!state_->answered) state_->answer(make_result(to_json(state_->id), std::move(value)));
}
void Reply::error(ErrorCode code, std::string_view message) const {
  if (!state_->answered) state_->answer_error(code, message);
}
bool Reply::answered() const { return state_->answered; }
std::stop_token Reply::stop_token() const { return state_->stop.get_token(); }

Connection::Connection(MessageSink& out) : table_(std::make_shared<Table>()), out_(out) {
  table_->out = &out;
}

Connection::~Connection() {
  table_->out = nullptr;
  const auto left = std::move(table_->in_flight);
  for (const auto& [id, weak] : left) {
    if (const auto state = weak.lock()) state->stop.request_stop();
  }
}

void Connection::add_request(std::string method, RequestHandler handler) {
  requests_[std::move(method)] = std::move(handler);
}

void Connection::add_notification(std::string method, NotificationHandler handler) {
  notifications_[std::move(method)] = std::move(handler);
}

void Connection::receive(const Frame& frame) {
  if (frame.kind == Frame::Kind::kFault) {
    handle(ParseFault{nullptr, ErrorCode::kParseError, frame.text});
    return;
  }
  std::visit([this](auto&& message) { handle(std::forward<decltype(message)>(message)); },
             parse_message(frame.text));
}

void Connection::handle(RpcRequest request) {
  if (table_->in_flight.contains(request.id)) {
    out_.send(make_error(to_json(request.id), ErrorCode::kInvalidRequest,
                         "a request with this id is still being answered"));
    return;
  }
  const auto state = std::make_shared<Reply::State>();
  state->id = request.id;
  state->table = table_;
  table_->in_flight[request.id] = state;
  const Reply reply(state);

  if (admission_) {
    if (const auto refused = admission_(request.method)) {
      reply.error(refused->code, refused->message);
      return;
    }
  }
  const auto found = requests_.find(request.method);
  if (found == requests_.end()) {
    reply.error(ErrorCode::kMethodNotFound,
                fmt::format("the method '{}' is not supported", request.method));
    return;
  }
  try {
    found->second(request.params, reply);
  } catch (const std::exception& e) {
    log_error("{} failed: {}", request.method, e.what());
    reply.error(ErrorCode::kInternalError, fmt::format("{} failed: {}", request.method, e.what()));
  }
}

void Connection::handle(const RpcNotification& notification) {
  if (admission_ && admission_(notification.method)) return;  // the specification: dropped
  const auto found = notifications_.find(notification.method);
  if (found == notifications_.end()) {
    if (!notification.method.starts_with("$/")) {
      log_debug("the notification '{}' is not supported", notification.method);
    }
    return;
  }
  try {
    if (const auto ok = found->second(notification.params); !ok) {
      complain(fmt::format("{} was ignored: {}", notification.method, ok.error().message));
    }
  } catch (const std::exception& e) {
    complain(fmt::format("{} failed: {}", notification.method, e.what()));
  }
}

void Connection::handle(const RpcResponse& response) {
  const auto* id = std::get_if<std::int64_t>(&response.id);
  const auto found = id != nullptr ? asked_.find(*id) : asked_.end();
  if (found == asked_.end()) return;
  const ResponseHandler handler = std::move(found->second);
  asked_.erase(found);
  try {
    if (handler) handler(response);
  } catch (const std::exception& e) {
    complain(fmt::format("the client's answer could not be used: {}", e.what()));
  }
}

void Connection::handle(const ParseFault& fault) {
  out_.send(make_error(fault.id, fault.code, fault.message));
}

void Connection::cancel(const RpcId& id) {
  const auto found = table_->in_flight.find(id);
  if (found == table_->in_flight.end()) return;
  if (const auto state = found->second.lock()) {
    state->answer_error(ErrorCode::kRequestCancelled, "cancelled by the client");
  }
}

void Connection::notify(std::string_view method, json::value params) {
  out_.send(make_notification(method, std::move(params)));
}

void Connection::request(std::string_view method, json::value params, ResponseHandler on_response) {
  const std::int64_t id = next_id_++;
  asked_[id] = std::move(on_response);
  out_.send(make_request(RpcId(id), method, std::move(params)));
}

void Connection::complain(const std::string& message) {
  log_warn("{}", message);
  if (complaint_) complaint_(message);
}

}  // namespace engram::lsp
