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
  kOther,    // punctuation, symbols, marks, controls, unassigned, stray bytes
  kLetter,   // \p{L}
  kNumber,   // \p{N}
  kSpace,    // \s without the next
  kNewline,  // '\r' and '\n'
};

struct CodePoint {
  CodePointClass kind = CodePointClass::kEnd;
  std::uint8_t length = 0;  // bytes; 0 at the end
};

// Two-level table: 256 code points a block, equal blocks stored once.
class CodePointClasses {
 public:
  static const CodePointClasses& get();

  CodePoint at(std::string_view text, std::size_t position) const {
    if (position >= text.size()) return {};
    const auto byte = static_cast<unsigned char>(text[position]);
    if (byte < 0x80) return {of(byte), 1};
    return decode(text, position);
  }
  CodePointClass of(std::uint32_t code_point) const {
    return blocks_[index_[code_point >> 8]][code_point & 0xFF];
  }

 private:
  CodePointClasses();
  CodePoint decode(std::string_view text, std::size_t position) const;

  static constexpr std::size_t kBlocks = 0x110000 / 256;
  static constexpr std::size_t kMaxDistinct = 512;
  std::uint16_t index_[kBlocks];
  CodePointClass blocks_[kMaxDistinct][256];
};

}  // namespace engram
