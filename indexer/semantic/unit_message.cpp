#include "indexer/semantic/unit_message.h"

#include <algorithm>

#include "indexer/semantic/module_codec.h"
#include "indexer/semantic/unit_codec.h"

namespace engram {

namespace {

// Four letters, then the length in little-endian order. The last letter is the format's version.
constexpr std::string_view kMark = "EGU5";

Error damaged_unit(const char* what) {
  return {Errc::kCorrupt, std::string(what) + " between engram and engram-clang-worker is damaged"};
}

}  // namespace

namespace {

void append_prefix(std::string& out, const std::vector<std::vector<std::string>>& prefix) {
  append_varint(out, prefix.size());
  for (const auto& names : prefix) {
    append_varint(out, names.size());
    for (const std::string& name : names) append_bytes(out, name);
  }
}

// A name is written into a line of its own: nothing in it may end the line or the name.
std::vector<std::vector<std::string>> read_prefix(ByteReader& in) {
  std::vector<std::vector<std::string>> prefix(in.count());
  for (auto& names : prefix) {
    const std::size_t count = in.count();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
      const std::string_view name = in.bytes();
      if (name.empty() || name.find_first_of(std::string_view("\n\r>\0", 4)) != name.npos)
        in.fail();
      names.emplace_back(name);
    }
  }
  return prefix;
}

}  // namespace

std::string encode_request(const UnitRequest& request) {
  std::string out;
  append_bytes(out, request.root);
  append_bytes(out, request.directory);
  append_strings(out, request.arguments);
  append_varint(out, request.unsaved.size());
  for (const UnsavedFile& file : request.unsaved) {
    append_bytes(out, file.path);
    append_bytes(out, file.contents);
  }
  out.push_back(static_cast<char>(request.best_certainty));
  out.push_back(request.skip_bodies ? 1 : 0);
  out.push_back(static_cast<char>(request.system_headers));
  append_varint(out, request.cpu_seconds);
  out.push_back(request.each_header_once ? 1 : 0);
  append_varint(out, request.newly_held.size());
  for (const ViewKey& key : request.newly_held) {
    out.append(key.bytes.begin(), key.bytes.end());
  }
  append_prefix(out, request.prefix);
  append_modules(out, request.modules);
  return out;
}

Result<UnitRequest> decode_request(std::string_view body) {
  ByteReader in(body);
  UnitRequest request;
  request.root = in.bytes();
  request.directory = in.bytes();
  request.arguments = read_strings(in);
  const std::size_t unsaved = in.count(2);
  for (std::size_t i = 0; i < unsaved && in.ok(); ++i) {
    UnsavedFile file;
    file.path = in.bytes();
    file.contents = in.bytes();
    request.unsaved.push_back(std::move(file));
  }
  const std::uint8_t certainty = in.byte(), skip_bodies = in.byte(), system = in.byte();
  if (certainty > static_cast<std::uint8_t>(Certainty::kSemantic) || skip_bodies > 1 ||
      system > static_cast<std::uint8_t>(SystemHeaders::kAll)) {
    in.fail();
  }
  request.cpu_seconds = in.varint32();
  const std::uint8_t once = in.byte();
  if (once > 1) in.fail();
  request.each_header_once = once == 1;
  const std::size_t held = in.count(sizeof(ViewKey));
  for (std::size_t i = 0; i < held && in.ok(); ++i) {
    const std::string_view bytes = in.take(sizeof(ViewKey));
    if (in.ok())
      std::copy(bytes.begin(), bytes.end(), request.newly_held.emplace_back().bytes.begin());
  }
  request.prefix = read_prefix(in);
  request.modules = read_modules(in);
  if (!in.ok() || !in.at_end()) return damaged_unit("a request");
  request.best_certainty = static_cast<Certainty>(certainty);
  request.skip_bodies = skip_bodies == 1;
  request.system_headers = static_cast<SystemHeaders>(system);
  return request;
}

std::string encode_reply(const UnitReply& reply) {
  std::string out;
  append_bytes(out, reply.failure);
  if (reply.failure.empty()) append_unit(out, reply.facts);
  return out;
}

Result<UnitReply> decode_reply(std::string_view body) {
  ByteReader in(body);
  UnitReply reply;
  reply.failure = in.bytes();
  if (in.ok() && reply.failure.empty()) reply.facts = read_unit(in);
  if (!in.ok() || !in.at_end()) return damaged_unit("a reply");
  return reply;
}

std::string message_head(std::uint32_t body_bytes) {
  std::string head(kMark);
  for (int shift = 0; shift < 32; shift += 8) {
    head.push_back(static_cast<char>((body_bytes >> shift) & 0xff));
  }
  return head;
}

Result<std::uint32_t> body_bytes(std::string_view head, std::uint32_t limit) {
  if (head.size() != kMessageHeadBytes || !head.starts_with(kMark))
    return damaged_unit("a message");
  std::uint32_t bytes = 0;
  for (unsigned i = 0; i < 4; ++i) {
    bytes |= std::uint32_t{static_cast<std::uint8_t>(head[kMark.size() + i])} << (8 * i);
  }
  if (bytes > limit) {
    return Error{Errc::kCorrupt, "a message of " + std::to_string(bytes) +
                                     " bytes, more than the " + std::to_string(limit) + " allowed"};
  }
  return bytes;
}

}  // namespace engram
