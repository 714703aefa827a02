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

}  // namespace engram
