#include "bench/lsp/lsp_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace engram {

namespace {

constexpr int kPatienceMs = 60'000;

[[noreturn]] void give_up(std::string_view why) {
  fmt::print(stderr, "bench_lsp: {}\n", why);
  std::exit(3);
}

json::value position(std::size_t line, std::size_t column) {
  return {{"line", line}, {"character", column}};
}

}  // namespace

LspClient::LspClient(const std::vector<std::string>& command) {
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> to{};
  std::array<int, 2> from{};
  if (::pipe(to.data()) != 0 || ::pipe(from.data()) != 0) give_up("no pipes");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(to[0], STDIN_FILENO);
    ::dup2(from[1], STDOUT_FILENO);
    for (const int fd : {to[0], to[1], from[0], from[1]}) ::close(fd);
    std::vector<char*> arguments;
    for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(to[0]);
  ::close(from[1]);
  in_ = from[0];
  out_ = to[1];
}

LspClient::~LspClient() {
  request("shutdown", nullptr);
  notify("exit", nullptr);
  ::close(out_);
  ::close(in_);
  ::waitpid(pid_, nullptr, 0);
}

void LspClient::write(const std::string& body) {
  const std::string message = lsp::frame(body);
  for (std::size_t at = 0; at < message.size();) {
    const ssize_t n = ::write(out_, message.data() + at, message.size() - at);
    if (n <= 0) give_up("the server no longer reads");
    at += static_cast<std::size_t>(n);
  }
}

json::value LspClient::next_message() {
  while (true) {
    if (const auto frame = frames_.next()) {
      auto parsed = parse_json(frame->text);
      if (!parsed) give_up(parsed.error().message);
      return *std::move(parsed);
    }
    if (!read_more(kPatienceMs)) give_up("the server is silent");
  }
}

bool LspClient::read_more(int timeout_ms) {
  pollfd ready{in_, POLLIN, 0};
  if (::poll(&ready, 1, timeout_ms) <= 0) return false;
  std::array<char, 65536> portion;
  const ssize_t n = ::read(in_, portion.data(), portion.size());
  if (n <= 0) give_up("the server ended");
  frames_.feed({portion.data(), static_cast<std::size_t>(n)});
  return true;
}

// Answers what the server asks of us by the way: agreed.
bool LspClient::is_reply(const json::value& message, std::int64_t id) {
  if (find(message, "method") == nullptr) return find_int(message, "id") == id;
  if (const json::value* asked = find(message, "id")) {
    write(to_json(json::value{{"jsonrpc", "2.0"}, {"id", *asked}, {"result", nullptr}}));
  }
  return false;
}

std::int64_t LspClient::send_request(std::string_view method, json::value params) {
  const std::int64_t id = ++last_id_;
  write(to_json(json::value{
      {"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}));
  return id;
}

json::value LspClient::request(std::string_view method, json::value params) {
  const std::int64_t id = send_request(method, std::move(params));
  while (true) {
    const json::value message = next_message();
    if (!is_reply(message, id)) continue;
    if (const json::value* error = find(message, "error")) {
      give_up(fmt::format("{}: {}", method, to_json(*error)));
    }
    return *find(message, "result");
  }
}

void LspClient::notify(std::string_view method, json::value params) {
  write(
      to_json(json::value{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}}));
}

void LspClient::initialize(const std::string& root_uri) {
  request("initialize",
          {{"processId", ::getpid()},
           {"rootUri", root_uri},
           {"capabilities", {{"general", {{"positionEncodings", json::array{"utf-8"}}}}}}});
  notify("initialized", json::object{});
}

void LspClient::open(const std::string& uri, const std::string& language, const std::string& text) {
  notify("textDocument/didOpen",
         {{"textDocument",
           {{"uri", uri}, {"languageId", language}, {"version", 1}, {"text", json_string(text)}}}});
}

void LspClient::insert(const std::string& uri, std::size_t line, std::size_t column,
                       std::string_view text) {
  const json::value change{
      {"range", {{"start", position(line, column)}, {"end", position(line, column)}}},
      {"text", json_string(text)}};
  notify("textDocument/didChange", {{"textDocument", {{"uri", uri}, {"version", ++version_}}},
                                    {"contentChanges", json::array{change}}});
}

std::string LspClient::complete(const std::string& uri, std::size_t line, std::size_t column,
                                bool invoked) {
  const json::value result =
      request("textDocument/inlineCompletion", {{"textDocument", {{"uri", uri}}},
                                                {"position", position(line, column)},
                                                {"context", {{"triggerKind", invoked ? 1 : 2}}}});
  const json::array* items = find_array(result, "items");
  if (items == nullptr) give_up("inlineCompletion: the answer has no items");
  if (items->empty()) return {};
  return std::string(find_string((*items)[0], "insertText").value_or(""));
}

std::int64_t LspClient::start_completion(const std::string& uri, std::size_t line,
                                         std::size_t column) {
  return send_request("textDocument/inlineCompletion", {{"textDocument", {{"uri", uri}}},
                                                        {"position", position(line, column)},
                                                        {"context", {{"triggerKind", 1}}}});
}

std::optional<json::value> LspClient::poll_reply(std::int64_t id) {
  while (read_more(0)) continue;
  while (const auto frame = frames_.next()) {
    auto parsed = parse_json(frame->text);
    if (!parsed) give_up(parsed.error().message);
    if (is_reply(*parsed, id)) return *std::move(parsed);
  }
  return std::nullopt;
}

}  // namespace engram
