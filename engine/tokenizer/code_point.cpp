#include "engine/tokenizer/code_point.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "core/check.h"
#include "core/text.h"

namespace engram {
namespace {

struct Range {
  std::uint32_t first, last;
};

// Assigned in Unicode 15.1 and 16; Debian 12's utf8proc knows 15.
constexpr Range kNewerLetters[] = {
    {0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3},
    {0x10D4A, 0x10D65}, {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389},
    {0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113B7},
    {0x113D1, 0x113D1}, {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0}, {0x13460, 0x143FA},
    {0x16100, 0x1611D}, {0x16D40, 0x16D6C}, {0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED},
    {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D},
};
constexpr Range kNewerNumbers[] = {
    {0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9}, {0x16130, 0x16139},
    {0x16D70, 0x16D79}, {0x1CCF0, 0x1CCF9}, {0x1E5F1, 0x1E5FA},
};
constexpr Range kNewerMarks[] = {
    {0x897, 0x897},     {0x10D69, 0x10D6D}, {0x10EFC, 0x10EFC}, {0x113B8, 0x113C0},
    {0x113C2, 0x113C2}, {0x113C5, 0x113C5}, {0x113C7, 0x113CA}, {0x113CC, 0x113D0},
    {0x113D2, 0x113D2}, {0x113E1, 0x113E2}, {0x11F5A, 0x11F5A}, {0x1611E, 0x1612F},
    {0x1E5EE, 0x1E5EF},
};
constexpr Range kNewerPunctuation[] = {
    {0x1B4E, 0x1B4F},   {0x1B7F, 0x1B7F},   {0x10D6E, 0x10D6E}, {0x113D4, 0x113D5},
    {0x113D7, 0x113D8}, {0x11BE1, 0x11BE1}, {0x16D6D, 0x16D6F}, {0x1E5FF, 0x1E5FF},
};
constexpr Range kNewerSymbols[] = {
    {0x2427, 0x2429},   {0x2FFC, 0x2FFF},   {0x31E4, 0x31E5},   {0x31EF, 0x31EF},
    {0x10D8E, 0x10D8F}, {0x1CC00, 0x1CCEF}, {0x1CD00, 0x1CEB3}, {0x1F8B2, 0x1F8BB},
    {0x1F8C0, 0x1F8C1}, {0x1FA89, 0x1FA89}, {0x1FA8F, 0x1FA8F}, {0x1FABE, 0x1FABE},
    {0x1FAC6, 0x1FAC6}, {0x1FADC, 0x1FADC}, {0x1FADF, 0x1FADF}, {0x1FAE9, 0x1FAE9},
    {0x1FBCB, 0x1FBEF},
};
// White_Space, which \s means.
constexpr Range kWhiteSpace[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

template <std::size_t n>
bool contains(const Range (&ranges)[n], std::uint32_t code_point) {
  return std::any_of(std::begin(ranges), std::end(ranges), [=](const Range& range) {
    return range.first <= code_point && code_point <= range.last;
  });
}

}  // namespace

CodePointClasses::Classes CodePointClasses::classify(std::uint32_t code_point) {
  using Class = CodePointClass;
  constexpr Classes kLetter{Class::kLetter, OtherClass::kNone};
  constexpr Classes kNumber{Class::kNumber, OtherClass::kNone};
  constexpr Classes kMark{Class::kOther, OtherClass::kMark};
  constexpr Classes kPunctuation{Class::kOther, OtherClass::kPunctuation};
  constexpr Classes kSymbol{Class::kOther, OtherClass::kSymbol};
  constexpr Classes kOther{Class::kOther, OtherClass::kNone};
  if (code_point == '\n' || code_point == '\r') return {Class::kNewline, OtherClass::kNone};
  if (contains(kWhiteSpace, code_point)) return {Class::kSpace, OtherClass::kNone};
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
  if (category == UTF8PROC_CATEGORY_CN) {
    return contains(kNewerLetters, code_point)       ? kLetter
           : contains(kNewerNumbers, code_point)     ? kNumber
           : contains(kNewerMarks, code_point)       ? kMark
           : contains(kNewerPunctuation, code_point) ? kPunctuation
           : contains(kNewerSymbols, code_point)     ? kSymbol
                                                     : kOther;
  }
  switch (*utf8proc_category_string(static_cast<utf8proc_int32_t>(code_point))) {
    case 'L':
      return kLetter;
    case 'N':
      return kNumber;
    case 'M':
      return kMark;
    case 'P':
      return kPunctuation;
    case 'S':
      return kSymbol;
    default:
      return kOther;
  }
}

CodePointClasses::CodePointClasses() {
  std::size_t distinct = 0;
  for (std::size_t block = 0; block < kBlocks; ++block) {
    Classes classes[256];
    for (std::uint32_t i = 0; i < 256; ++i) {
      classes[i] = classify(static_cast<std::uint32_t>(block * 256 + i));
    }
    std::size_t same = 0;
    while (same < distinct && !std::equal(classes, classes + 256, blocks_[same])) ++same;
    if (same == distinct) {
      ENGRAM_CHECK(distinct < kMaxDistinct, "more distinct Unicode blocks than foreseen");
      std::copy(classes, classes + 256, blocks_[distinct++]);
    }
    index_[block] = static_cast<std::uint16_t>(same);
  }
}

const CodePointClasses& CodePointClasses::get() {
  static const CodePointClasses classes;
  return classes;
}

CodePoint CodePointClasses::decode(std::string_view text, std::size_t position) const {
  const std::size_t length = utf8_sequence_length(text, position);
  if (length == 1) {  // a stray byte
    return {CodePointClass::kOther, OtherClass::kNone, 1, CodePoint::kStrayByte};
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[position + i]));
  };
  std::uint32_t value = byte(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte(i) & 0x3FU);
  return point(value, static_cast<std::uint8_t>(length));
}

}  // namespace engram
