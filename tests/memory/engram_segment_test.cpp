// Numbers of a segment that could lead outside it: refused when it is opened, or held against the
// bounds when they are read again.

#include <cstddef>
#include <cstring>
#include <fstream>

#include "memory/engrams/packed_array.h"
#include "tests/memory/engram_fixture.h"
#include "tests/support/temporary_directory.h"

namespace engram {
namespace {

constexpr EngramToken kIds = 24;

SectionRecord& section_of(SegmentHeader& header, SegmentSection which) {
  return header.sections[static_cast<std::size_t>(which)];
}

// Of two contents, a line end among each ten tokens.
void write_segment(ByteSink& sink, const EngramVocabulary& vocabulary) {
  std::mt19937 random(101);
  SegmentBuilder builder(vocabulary, false);
  for (const char* path : {"a", "b"}) {
    const Tokens tokens = random_tokens(random, 2000, kIds);
    EngramContentInfo info;
    info.sha256 = content_of(tokens);
    REQUIRE(builder.add_content(info, tokens));
    builder.add_path({path, info.sha256, 1, 0, false});
  }
  REQUIRE(builder.write(sink));
}

}  // namespace

TEST_CASE("segment: one with more positions than a writer puts into one is refused", "[memory]") {
  const auto vocabulary = numbered_vocabulary(kIds);
  for (const std::uint32_t more : {0u, 1u}) {
    std::string image;
    write_segment(*make_string_sink(image), *vocabulary);
    image.resize((image.size() + 7) / 8 * 8);
    SegmentHeader header;
    std::memcpy(&header, image.data(), sizeof(header));
    header.symbols = static_cast<std::uint32_t>(kMaxSegmentTokens) + more;
    header.symbol_bits = 1;
    const std::uint64_t lines = (header.symbols + kLineStep - 1) / kLineStep * 4;
    section_of(header, SegmentSection::kSymbols) = {image.size(), packed_bytes(header.symbols, 1),
                                                    0};
    section_of(header, SegmentSection::kLines) = {image.size(), lines, 0};
    image.resize(image.size() + packed_bytes(header.symbols, 1));
    header.file_bytes = image.size();
    const char* bytes = reinterpret_cast<const char*>(&header);
    header.checksum = xxh3({bytes, offsetof(SegmentHeader, checksum)});
    std::memcpy(image.data(), &header, sizeof(header));
    const auto segment = EngramSegment::from_image(std::move(image), *vocabulary);
    CHECK(static_cast<bool>(segment) == (more == 0));
  }
}

TEST_CASE("segment: what is overwritten while it is open leads nowhere outside", "[memory]") {
  const auto vocabulary = numbered_vocabulary(kIds);
  const TemporaryDirectory d;
  const auto path = d.path() / "000001.seg";
  write_segment(*make_file_sink(path), *vocabulary);
  const auto opened = EngramSegment::open(path, *vocabulary);
  REQUIRE(opened);
  const EngramSegment& segment = **opened;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  SegmentHeader header;
  file.read(reinterpret_cast<char*>(&header), sizeof(header));
  const auto write_word = [&](std::uint64_t at, std::uint32_t value) {
    file.seekp(static_cast<std::streamoff>(at));
    file.write(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  for (std::uint32_t s = 0; s < header.alphabet + 2; ++s) {
    write_word(section_of(header, SegmentSection::kFirst).offset + s * 4, 1000000 + s * 1000);
  }
  write_word(section_of(header, SegmentSection::kContents).offset + sizeof(ContentRecord) +
                 offsetof(ContentRecord, end),
             0xfffffff0);
  file.close();
  REQUIRE(segment.contents()[1].end == 0xfffffff0);
  for (std::uint32_t s = 1; s <= header.alphabet; ++s) {
    CHECK(segment.after(s).end <= segment.place_count());
  }
  const std::uint32_t outside = segment.position_count() + 100000000;
  CHECK(segment.content_at(segment.position_count()) == segment.contents().size());
  CHECK(segment.content_at(outside) == segment.contents().size());
  CHECK(segment.line_at(outside, *vocabulary) == 0);
}

}  // namespace engram
