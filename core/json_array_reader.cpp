#include "core/json_array_reader.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>

namespace engram {

namespace {

// What Boost.JSON's parser tells of; gathers one element at a time on a value_stack.
struct ElementHandler {
  // NOLINTBEGIN(readability-identifier-naming): the names that basic_parser looks for
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  // NOLINTEND(readability-identifier-naming)
  using Ec = boost::system::error_code;
  using Text = json::string_view;

  ElementHandler(std::function<void(const json::value&)> callback, std::size_t limit)
      : on_element(std::move(callback)), max_bytes(limit) {}

  bool on_document_begin(Ec&) {
    stack.reset();
    return true;
  }
  bool on_document_end(Ec&) { return true; }
  bool on_array_begin(Ec& ec) {
    ++depth;
    return grow(16, ec);
  }
  bool on_array_end(std::size_t n, Ec&) {
    if (--depth > 0) {
      stack.push_array(n);
      completed();
    }
    return true;
  }
  bool on_object_begin(Ec& ec) {
    if (depth == 0) return no_array(ec);
    ++depth;
    return grow(16, ec);
  }
  bool on_object_end(std::size_t n, Ec&) {
    --depth;
    stack.push_object(n);
    completed();
    return true;
  }
  bool on_key_part(Text s, std::size_t, Ec& ec) { return chars(s, ec); }
  bool on_key(Text s, std::size_t, Ec& ec) {
    stack.push_key(s);
    return grow(s.size(), ec);
  }
  bool on_string_part(Text s, std::size_t, Ec& ec) {
    return depth == 0 ? no_array(ec) : chars(s, ec);
  }
  bool on_string(Text s, std::size_t, Ec& ec) {
    if (depth == 0) return no_array(ec);
    stack.push_string(s);
    return scalar(s.size(), ec);
  }
  bool on_number_part(Text, Ec&) { return true; }
  bool on_int64(std::int64_t i, Text, Ec& ec) {
    if (depth == 0) return no_array(ec);
    stack.push_int64(i);
    return scalar(8, ec);
  }
  bool on_uint64(std::uint64_t u, Text, Ec& ec) {
    if (depth == 0) return no_array(ec);
    stack.push_uint64(u);
    return scalar(8, ec);
  }
  bool on_double(double d, Text, Ec& ec) {
    if (depth == 0) return no_array(ec);
    stack.push_double(d);
    return scalar(8, ec);
  }
  bool on_bool(bool b, Ec& ec) {
    if (depth == 0) return no_array(ec);
    stack.push_bool(b);
    return scalar(8, ec);
  }
  bool on_null(Ec& ec) {
    if (depth == 0) return no_array(ec);
    stack.push_null();
    return scalar(8, ec);
  }
  bool on_comment_part(Text, Ec&) { return true; }
  bool on_comment(Text, Ec&) { return true; }

  bool grow(std::size_t bytes, Ec& ec) {
    element_bytes += bytes;
    if (element_bytes <= max_bytes) return true;
    fault = fmt::format("an element of more than {} bytes", max_bytes);
    ec = json::error::array_too_large;
    return false;
  }
  bool chars(Text s, Ec& ec) {
    stack.push_chars(s);
    return grow(s.size(), ec);
  }
  bool scalar(std::size_t bytes, Ec& ec) {
    const bool ok = grow(bytes + 16, ec);
    if (ok) completed();
    return ok;
  }
  bool no_array(Ec& ec) {
    fault = "an array is expected";
    ec = json::error::not_array;
    return false;
  }
  void completed() {
    if (depth != 1) return;
    const json::value element = stack.release();
    stack.reset();
    element_bytes = 0;
    on_element(element);
  }

  std::function<void(const json::value&)> on_element;
  std::size_t max_bytes;
  std::size_t element_bytes = 0;
  std::size_t depth = 0;
  std::string fault;
  json::value_stack stack;
};

json::parse_options tolerant(std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  options.allow_invalid_utf8 = true;
  return options;
}

}  // namespace

struct JsonArrayReader::Parser {
  Parser(std::function<void(const json::value&)> on_element, Limits limits)
      : parser(tolerant(limits.max_depth), std::move(on_element), limits.max_element_bytes) {}

  Result<void> fail(std::size_t at, const boost::system::error_code& ec) const {
    const std::string& fault = parser.handler().fault;
    return Error{Errc::kInvalidArgument, fmt::format("not valid JSON at byte {}: {}", at,
                                                     fault.empty() ? ec.message() : fault)};
  }

  json::basic_parser<ElementHandler> parser;
  std::size_t offset = 0;
};

JsonArrayReader::JsonArrayReader(std::function<void(const json::value&)> on_element, Limits limits)
    : parser_(std::make_unique<Parser>(std::move(on_element), limits)) {}

JsonArrayReader::~JsonArrayReader() = default;

Result<void> JsonArrayReader::feed(std::string_view portion) {
  auto& [parser, offset] = *parser_;
  std::size_t consumed = 0;
  if (!parser.done()) {
    boost::system::error_code ec;
    consumed = parser.write_some(true, portion.data(), portion.size(), ec);
    if (ec) return parser_->fail(offset + consumed, ec);
  }
  const std::size_t extra = portion.find_first_not_of(" \t\r\n", consumed);
  if (parser.done() && extra != std::string_view::npos) {
    return parser_->fail(offset + extra, make_error_code(json::error::extra_data));
  }
  offset += portion.size();
  return {};
}

Result<void> JsonArrayReader::finish() {
  boost::system::error_code ec;
  if (!parser_->parser.done()) parser_->parser.write_some(false, nullptr, 0, ec);
  if (ec) return parser_->fail(parser_->offset, ec);
  return {};
}

}  // namespace engram
