// engine/tokenizer/code_point.h: UTF-8 code points with the classes pre-tokenizers split on.
//
// Classes follow Unicode 16, the version behind Hugging Face `tokenizers`' regular expressions,
// whatever version the system's utf8proc has. Bytes that start no valid UTF-8 sequence count one
// by one as kOther: neither letter, number nor space.
//
// Threads: thread-safe; the table is built at first use (a few milliseconds).  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace engram {

enum class CodePointClass : std::uint8_t {
  kEnd,      // past the text
  kOther,    // what OtherClass tells apart
  kLetter,   // \p{L}
  kNumber,   // \p{N}
  kSpace,    // \s without the next
  kNewline,  // '\r' and '\n'
};

enum class OtherClass : std::uint8_t {
  kNone,         // controls, unassigned, stray bytes; also all that is not kOther
  kMark,         // \p{M}
  kPunctuation,  // \p{P}
  kSymbol,       // \p{S}
};

struct CodePoint {
  CodePointClass kind = CodePointClass::kEnd;
  OtherClass other = OtherClass::kNone;
  std::uint8_t length = 0;  // bytes; 0 at the end
  std::uint32_t value = 0;  // of a stray byte: kStrayByte
  static constexpr std::uint32_t kStrayByte = 0x110000;
};

// Two-level table: 256 code points a block, equal blocks stored once.
class CodePointClasses {
 public:
  static const CodePointClasses& get();

  CodePoint at(std::string_view text, std::size_t position) const {
    if (position >= text.size()) return {};
    const auto byte = static_cast<unsigned char>(text[position]);
    if (byte < 0x80) return point(byte, 1);
    return decode(text, position);
  }

 private:
  struct Classes {
    CodePointClass kind;
    OtherClass other;
    friend bool operator==(const Classes&, const Classes&) = default;
  };

  CodePointClasses();
  static Classes classify(std::uint32_t code_point);
  CodePoint point(std::uint32_t value, std::uint8_t length) const {
    const Classes& classes = blocks_[index_[value >> 8]][value & 0xFF];
    return {classes.kind, classes.other, length, value};
  }
  CodePoint decode(std::string_view text, std::size_t position) const;

  static constexpr std::size_t kBlocks = 0x110000 / 256;
  static constexpr std::size_t kMaxDistinct = 512;
  std::uint16_t index_[kBlocks];
  Classes blocks_[kMaxDistinct][256];
};

}  // namespace engram
