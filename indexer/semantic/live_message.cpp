#include "indexer/semantic/live_message.h"

#include "indexer/semantic/module_codec.h"
#include "indexer/semantic/unit_codec.h"

namespace engram {

namespace {

Error damaged_live(const char* what) {
  return {Errc::kCorrupt, std::string(what) + " between engram and engram-clang-worker is damaged"};
}

bool read_flag(ByteReader& in) {
  const std::uint8_t value = in.byte();
  if (value > 1) in.fail();
  return value == 1;
}

template <class Enum>
Enum read_sort(ByteReader& in, Enum last) {
  const std::uint8_t value = in.byte();
  if (value > static_cast<std::uint8_t>(last)) in.fail();
  return in.ok() ? static_cast<Enum>(value) : Enum{};
}

template <class T, class Read>
std::vector<T> read_list(ByteReader& in, std::size_t min_bytes, Read read) {
  std::vector<T> items;
  const std::size_t count = in.count(min_bytes);
  for (std::size_t i = 0; i < count && in.ok(); ++i) items.push_back(read());
  return items;
}

// A span [begin, end) below `limit`.
template <class Place>
void append_place(std::string& out, const Place& place) {
  append_varint(out, place.begin);
  append_varint(out, place.end);
}
template <class Place>
void read_place(ByteReader& in, Place& place, std::size_t limit) {
  place.begin = in.varint32();
  place.end = in.varint32();
  if (place.begin > place.end || place.end > limit) in.fail();
}

void append_name(std::string& out, const LiveName& name) {
  out.push_back(static_cast<char>(name.sort));
  out.push_back(static_cast<char>(name.kind));
  out.push_back(name.deprecated ? 1 : 0);
  append_varint(out, name.priority);
  for (const std::string* text : {&name.name, &name.remark, &name.result, &name.scope,
                                  &name.qualifier, &name.doc, &name.header}) {
    append_bytes(out, *text);
  }
  append_varint(out, name.after.size());
  for (const LivePiece& piece : name.after) {
    append_bytes(out, piece.text);
    out.push_back(piece.to_fill_in ? 1 : 0);
  }
  append_varint(out, name.edits.size());
  for (const LiveEdit& edit : name.edits) {
    append_place(out, edit);
    append_bytes(out, edit.text);
  }
}

LiveName read_name(ByteReader& in, std::size_t file_bytes) {
  LiveName name;
  name.sort = read_sort(in, LiveNameSort::kFile);
  name.kind = read_sort(in, SymbolKind::kElement);
  name.deprecated = read_flag(in);
  name.priority = in.varint32();
  for (std::string* text : {&name.name, &name.remark, &name.result, &name.scope, &name.qualifier,
                            &name.doc, &name.header}) {
    *text = in.bytes();
  }
  name.after = read_list<LivePiece>(in, 2, [&] {
    LivePiece piece;
    piece.text = in.bytes();
    piece.to_fill_in = read_flag(in);
    return piece;
  });
  name.edits = read_list<LiveEdit>(in, 3, [&] {
    LiveEdit edit;
    read_place(in, edit, file_bytes);
    edit.text = in.bytes();
    return edit;
  });
  return name;
}

void append_signature(std::string& out, const LiveSignature& signature) {
  append_bytes(out, signature.label);
  append_bytes(out, signature.doc);
  append_varint(out, signature.parameters.size());
  for (const auto& parameter : signature.parameters) append_place(out, parameter);
}

LiveSignature read_signature(ByteReader& in) {
  LiveSignature signature;
  signature.label = in.bytes();
  signature.doc = in.bytes();
  signature.parameters = read_list<LiveSignature::Parameter>(in, 2, [&] {
    LiveSignature::Parameter parameter;
    read_place(in, parameter, signature.label.size());
    return parameter;
  });
  return signature;
}

// Absent is 0.
void append_number(std::string& out, std::optional<std::uint64_t> number) {
  append_varint(out, number ? *number + 1 : 0);
}
std::optional<std::uint64_t> read_number(ByteReader& in) {
  const std::uint64_t value = in.varint();
  return value == 0 ? std::nullopt : std::optional<std::uint64_t>(value - 1);
}

void append_details(std::string& out, const LiveDetails& details) {
  append_place(out, details);
  for (const std::string* text :
       {&details.head, &details.doc, &details.value, &details.expansion}) {
    append_bytes(out, *text);
  }
  for (const auto& number : {details.size, details.alignment, details.offset}) {
    append_number(out, number);
  }
}

LiveDetails read_details(ByteReader& in, std::size_t file_bytes) {
  LiveDetails details;
  read_place(in, details, file_bytes);
  for (std::string* text : {&details.head, &details.doc, &details.value, &details.expansion}) {
    *text = in.bytes();
  }
  for (auto* number : {&details.size, &details.alignment, &details.offset}) {
    *number = read_number(in);
  }
  return details;
}

}  // namespace

std::string encode_live_request(const LiveRequest& request) {
  std::string out;
  out.push_back(static_cast<char>(request.question));
  append_bytes(out, request.directory);
  append_strings(out, request.arguments);
  append_varint(out, request.unsaved.size());
  for (const UnsavedFile& file : request.unsaved) {
    append_bytes(out, file.path);
    append_bytes(out, file.contents);
  }
  append_place(out, request);
  append_varint(out, request.most);
  append_varint(out, request.cpu_seconds);
  append_varint(out, request.candidates.size());
  for (const LiveCandidate& candidate : request.candidates) {
    append_bytes(out, candidate.name);
    append_bytes(out, candidate.scope);
    out.push_back(static_cast<char>(candidate.kind));
    append_bytes(out, candidate.path);
  }
  append_modules(out, request.modules);
  return out;
}

Result<LiveRequest> decode_live_request(std::string_view body) {
  ByteReader in(body);
  LiveRequest request;
  request.question = read_sort(in, LiveQuestion::kDescribe);
  request.directory = in.bytes();
  request.arguments = read_strings(in);
  request.unsaved = read_list<UnsavedFile>(in, 2, [&] {
    UnsavedFile file;
    file.path = in.bytes();
    file.contents = in.bytes();
    return file;
  });
  read_place(in, request, UINT32_MAX);
  request.most = in.varint32();
  request.cpu_seconds = in.varint32();
  request.candidates = read_list<LiveCandidate>(in, 4, [&] {
    LiveCandidate candidate;
    candidate.name = in.bytes();
    candidate.scope = in.bytes();
    candidate.kind = read_sort(in, SymbolKind::kElement);
    candidate.path = in.bytes();
    return candidate;
  });
  request.modules = read_modules(in);
  if (!in.ok() || !in.at_end()) return damaged_live("a request");
  return request;
}

std::string encode_live_reply(const LiveReply& reply) {
  std::string out;
  append_bytes(out, reply.failure);
  out.push_back(reply.given_up ? 1 : 0);
  out.push_back(reply.new_preamble ? 1 : 0);
  append_unit(out, reply.facts);
  append_strings(out, reply.missing_headers);
  append_place(out, reply);
  append_varint(out, reply.names.size());
  for (const LiveName& name : reply.names) append_name(out, name);
  out.push_back(reply.more_names ? 1 : 0);
  append_varint(out, reply.signatures.size());
  for (const LiveSignature& signature : reply.signatures) append_signature(out, signature);
  append_varint(out, reply.active_signature);
  append_varint(out, reply.active_parameter);
  append_details(out, reply.details);
  return out;
}

Result<LiveReply> decode_live_reply(std::string_view body, std::size_t file_bytes) {
  ByteReader in(body);
  LiveReply reply;
  reply.failure = in.bytes();
  reply.given_up = read_flag(in);
  reply.new_preamble = read_flag(in);
  reply.facts = read_unit(in);
  if (!reply.facts.files.empty() && reply.facts.files[0].size > file_bytes) in.fail();
  reply.missing_headers = read_strings(in);
  read_place(in, reply, file_bytes);
  reply.names = read_list<LiveName>(in, 13, [&] { return read_name(in, file_bytes); });
  reply.more_names = read_flag(in);
  reply.signatures = read_list<LiveSignature>(in, 3, [&] { return read_signature(in); });
  reply.active_signature = in.varint32();
  reply.active_parameter = in.varint32();
  reply.details = read_details(in, file_bytes);
  if (!in.ok() || !in.at_end()) return damaged_live("a reply");
  return reply;
}

}  // namespace engram
