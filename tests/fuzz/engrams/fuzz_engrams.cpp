// Segments of the engram memory and of the vocabulary, from hostile bytes: the input patches a
// sound one (offset, offset, offset, byte), and checksums are put right, so that what they protect
// gets read; or it is the whole segment. Then everything that reads segments is asked. Only a
// crash, a sanitizer report or an answer beyond its caps is a finding.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "memory/engrams/lookup.h"
#include "memory/engrams/segment.h"
#include "memory/engrams/segment_builder.h"
#include "memory/engrams/snapshot.h"
#include "memory/identifiers/identifier_sync.h"

namespace engram {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr EngramToken kVocabulary = 40;

std::shared_ptr<const EngramVocabulary> vocabulary() {
  static const auto made = [] {
    std::vector<std::string> bytes;
    for (EngramToken i = 0; i < kVocabulary; ++i) {
      bytes.push_back(i % 10 == 9 ? "\n" : "t" + std::to_string(i) + " ");
    }
    const std::vector<std::string_view> views(bytes.begin(), bytes.end());
    return std::make_shared<const EngramVocabulary>("fuzz", views);
  }();
  return made;
}

// Repetitive enough that some contexts have summaries.
std::string sound_segment() {
  SegmentBuilder builder(*vocabulary(), false);
  for (std::uint8_t c = 0; c < 3; ++c) {
    std::vector<EngramToken> tokens;
    std::uint32_t state = 7 + c;
    for (int i = 0; i < 900; ++i) {
      state = state * 1664525 + 1013904223;
      tokens.push_back(i % 97 == 96
                           ? kEngramCut
                           : static_cast<EngramToken>((state >> 20) % (i % 3 == 0 ? 40 : 3)));
    }
    EngramContentInfo info;
    info.sha256.bytes[0] = c;
    require(static_cast<bool>(builder.add_content(info, tokens)));
    builder.add_path({"dir/file" + std::to_string(c), info.sha256, 1, 0, false});
  }
  std::string image;
  require(static_cast<bool>(builder.write(*make_string_sink(image))));
  return image;
}

std::string patched(std::string bytes, std::string_view patches) {
  for (; patches.size() >= 4; patches.remove_prefix(4)) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < 3; ++i) at = at << 8 | static_cast<unsigned char>(patches[i]);
    bytes[at % bytes.size()] = patches[3];
  }
  return bytes;
}

// Checksums of tables and header as if the bytes had been written like this.
void mend_segment(std::string& bytes) {
  SegmentHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.file_bytes = bytes.size();
  for (SectionRecord& s : header.sections) {
    if (s.offset <= bytes.size() && s.size <= bytes.size() - s.offset) {
      s.checksum = xxh3(std::string_view(bytes).substr(s.offset, s.size));
    }
  }
  std::memcpy(bytes.data(), &header, sizeof(header));
  const std::size_t checked = offsetof(SegmentHeader, checksum);
  header.checksum = xxh3(std::string_view(bytes).substr(0, checked));
  std::memcpy(bytes.data(), &header, sizeof(header));
}

void ask_segment(std::shared_ptr<const EngramSegment> segment) {
  (void)segment->verify();
  const auto snapshot = std::make_shared<const EngramSnapshot>(std::span(&segment, 1));
  (void)snapshot->live_tokens();
  const EngramView view(snapshot, vocabulary(), {}, {});
  LookupAnswer answer;
  for (const std::vector<EngramToken>& context : {std::vector<EngramToken>{0},
                                                  {1, 2},
                                                  {2, 0, 1},
                                                  {0, 1, 2, 0, 1, 39},
                                                  {kEngramCut, 1},
                                                  {9}}) {
    view.look_up(context, answer);
    for (const ContextMatch& match : answer.matches()) {
      require(match.next.size() <= ContextMatch::kMaxNext);
      const auto places = view.positions(context, match.length);
      require(places.size() <= ContextMatch::kMaxPositions);
      for (const EngramPosition& place : places) {
        require(view.tokens_at(place, 30).size() <= 30);
        (void)view.source(place);
      }
    }
    int left = 50;
    view.for_each(context, [&](EngramPosition) { return --left > 0; });
    (void)continuations(view, context, "t1", {.looked_at = 32});
  }
}

void fuzz_segment(std::string_view data) {
  static const std::string sound = sound_segment();
  std::string bytes = patched(sound, data);
  mend_segment(bytes);
  if (auto segment = EngramSegment::from_image(std::move(bytes), *vocabulary())) {
    ask_segment(*segment);
  }
}

std::string sound_identifiers() {
  IdentifierTables tables;
  for (std::size_t t = 0; t < kIdentifierTables; ++t) {
    IdentifierTableWriter writer;
    for (int i = 1000; i < 1600; ++i) {
      IdentifierCounts counts;
      counts.uses = i * 7919 % 500;
      if (i % 2 == 0) counts.add(SymbolKind::kMethod, 1);
      std::string key = t == 1 ? std::string("Type\0", 5) : "";
      writer.add(key += "n" + std::to_string(i), counts);
    }
    tables.tables[t] = writer.take();
  }
  std::string image;
  require(static_cast<bool>(write_identifier_segment(*make_string_sink(image), tables)));
  return image;
}

// docs/formats/identifiers.md: nine sections of 24 bytes after 32 bytes, then the checksum.
void mend_identifiers(std::string& bytes) {
  constexpr std::size_t kChecked = 32 + 9 * 24;
  const std::uint64_t size = bytes.size();
  std::memcpy(bytes.data() + 16, &size, sizeof(size));
  const std::uint64_t checksum = xxh3(std::string_view(bytes).substr(0, kChecked));
  std::memcpy(bytes.data() + kChecked, &checksum, sizeof(checksum));
}

void fuzz_identifiers(std::string_view data) {
  static const std::string sound = sound_identifiers();
  std::string bytes = patched(sound, data);
  mend_identifiers(bytes);
  const auto segment = IdentifierSegment::from_image(std::move(bytes));
  if (!segment) return;
  (void)(*segment)->verify();
  const std::vector both = {*segment, *segment};
  const Identifiers identifiers(both);
  (void)identifiers.find("n1234");
  require(identifiers.complete("n1", 9).size() <= 9);
  require(identifiers.members("ns::Type", "n", 9).size() <= 9);
  if (const auto merged = merged_identifiers(both)) {
    std::string image;
    require(static_cast<bool>(write_identifier_segment(*make_string_sink(image), *merged)));
    require(static_cast<bool>(IdentifierSegment::from_image(std::move(image))));
  }
}

void fuzz_whole(std::string_view data) {
  if (auto segment = EngramSegment::from_image(std::string(data), *vocabulary())) {
    ask_segment(*segment);
  }
  (void)IdentifierSegment::from_image(std::string(data));
}

}  // namespace
}  // namespace engram

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      engram::fuzz_whole(input);
      break;
    case 1:
    case 2:
    case 3:
      engram::fuzz_identifiers(input);
      break;
    default:
      engram::fuzz_segment(input);
      break;
  }
  return 0;
}
