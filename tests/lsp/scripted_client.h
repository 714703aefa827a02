// tests/lsp/scripted_client.h: the other end of a Connection, in memory: what it was sent, in
// order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "lsp/connection.h"
#include "tests/support/catch.h"

namespace engram::lsp {

class ScriptedClient final : public MessageSink {
 public:
  void send(std::string body) override {
    auto parsed = parse_json(body);
    REQUIRE(parsed);
    received_.push_back(*std::move(parsed));
  }

  const std::vector<json::value>& received() const { return received_; }
  void forget() { received_.clear(); }

  // The reply to request `id`, or null.
  const json::value* reply(std::int64_t id) const {
    for (const json::value& m : received_) {
      if (find_int(m, "id") == id && find(m, "method") == nullptr) return &m;
    }
    return nullptr;
  }
  std::int64_t error_code(std::int64_t id) const {
    const json::value* r = reply(id);
    const json::value* error = r != nullptr ? find(*r, "error") : nullptr;
    return error != nullptr ? find_int(*error, "code").value_or(0) : 0;
  }
  // Notifications and requests of the server, by method.
  std::vector<json::value> calls(std::string_view method) const {
    std::vector<json::value> out;
    for (const json::value& m : received_) {
      if (find_string(m, "method") == method) out.push_back(m);
    }
    return out;
  }

 private:
  std::vector<json::value> received_;
};

inline Frame message(std::string body) { return {Frame::Kind::kMessage, std::move(body)}; }

}  // namespace engram::lsp
