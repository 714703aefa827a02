// The expressions. Those of LLM and Coder apply in sequence, each to the pieces before it:
//
//   LLM, V2   [\r\n]   \s?[kLetters]+   \s?[!-/:-~！-／：-～‘-‟　-。]+   \s+$
//             [一-龥ࠀ-一가-퟿]+   each \p{N} alone
//   Coder     [\r\n]   \s?\p{L}+   \s?\p{P}+   [一-龥ࠀ-一가-퟿]+   each \p{N} alone
//   V3, R1    \p{N}{1,3}   [一-龥぀-ゟ゠-ヿ]+
//             [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
//             | ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// For LLM and Coder, whether a cut lies between two code points depends on them and the next two
// alone, but for \s+$.
#include "engine/tokenizer/deepseek_pieces.h"

#include <algorithm>
#include <iterator>

#include "engine/tokenizer/piece_scanner.h"

namespace engram {
namespace {

using Belongs = bool (*)(const CodePoint&);

struct Range {
  std::uint32_t first, last;
};

// Cased letters as the tokenizer's authors listed them: about \p{Lu}, \p{Ll} and \p{Lt} of
// Unicode 11, so neither later letters nor Georgian's lower case.
constexpr Range kLetters[] = {
    {0x41, 0x5A},       {0x61, 0x7A},       {0xB5, 0xB5},       {0xC0, 0xD6},
    {0xD8, 0xF6},       {0xF8, 0x1BA},      {0x1BC, 0x1BF},     {0x1C4, 0x293},
    {0x295, 0x2AF},     {0x370, 0x373},     {0x376, 0x377},     {0x37B, 0x37D},
    {0x37F, 0x37F},     {0x386, 0x386},     {0x388, 0x38A},     {0x38C, 0x38C},
    {0x38E, 0x3A1},     {0x3A3, 0x3F5},     {0x3F7, 0x481},     {0x48A, 0x52F},
    {0x531, 0x556},     {0x10A0, 0x10C5},   {0x13A0, 0x13F5},   {0x13F8, 0x13FD},
    {0x1C90, 0x1CBA},   {0x1CBD, 0x1CBF},   {0x1D00, 0x1D2B},   {0x1D6B, 0x1D77},
    {0x1D79, 0x1D9A},   {0x1E00, 0x1F15},   {0x1F18, 0x1F1D},   {0x1F20, 0x1F45},
    {0x1F48, 0x1F4D},   {0x1F50, 0x1F57},   {0x1F59, 0x1F59},   {0x1F5B, 0x1F5B},
    {0x1F5D, 0x1F5D},   {0x1F5F, 0x1F7D},   {0x1F80, 0x1FB4},   {0x1FB6, 0x1FBC},
    {0x1FBE, 0x1FBE},   {0x1FC2, 0x1FC4},   {0x1FC6, 0x1FCC},   {0x1FD0, 0x1FD3},
    {0x1FD6, 0x1FDB},   {0x1FE0, 0x1FEC},   {0x1FF2, 0x1FF4},   {0x1FF6, 0x1FFC},
    {0x2102, 0x2102},   {0x2107, 0x2107},   {0x210A, 0x2113},   {0x2115, 0x2115},
    {0x2119, 0x211D},   {0x2124, 0x2124},   {0x2126, 0x2126},   {0x2128, 0x2128},
    {0x212A, 0x212D},   {0x212F, 0x2134},   {0x2139, 0x2139},   {0x213C, 0x213F},
    {0x2145, 0x2149},   {0x214E, 0x214E},   {0x2183, 0x2184},   {0x2C00, 0x2C7B},
    {0x2C7E, 0x2CE4},   {0x2CEB, 0x2CEE},   {0x2CF2, 0x2CF3},   {0xA640, 0xA66D},
    {0xA680, 0xA69B},   {0xA722, 0xA76F},   {0xA771, 0xA787},   {0xA78B, 0xA78E},
    {0xAB70, 0xABBF},   {0xFB00, 0xFB06},   {0xFB13, 0xFB17},   {0xFF21, 0xFF3A},
    {0xFF41, 0xFF5A},   {0x10400, 0x1044F}, {0x104B0, 0x104D3}, {0x104D8, 0x104FB},
    {0x10C80, 0x10CB2}, {0x10CC0, 0x10CF2}, {0x118A0, 0x118DF}, {0x1E900, 0x1E943},
};

bool is_listed_letter(const CodePoint& point) {
  const Range* range =
      std::lower_bound(std::begin(kLetters), std::end(kLetters), point.value,
                       [](const Range& r, std::uint32_t value) { return r.last < value; });
  return point.length > 0 && range != std::end(kLetters) && range->first <= point.value;
}

bool is_listed_symbol(const CodePoint& point) {
  const std::uint32_t c = point.value;
  const auto within = [c](std::uint32_t first, std::uint32_t last) {
    return first <= c && c <= last;
  };
  return within('!', '/') || within(':', '~') || within(0xFF01, 0xFF0F) || within(0xFF1A, 0xFF5E) ||
         within(0x2018, 0x201F) || within(0x3000, 0x3002);
}

bool is_letter(const CodePoint& point) { return point.kind == CodePointClass::kLetter; }
bool is_punctuation(const CodePoint& point) { return point.other == OtherClass::kPunctuation; }
bool is_newline(const CodePoint& point) { return point.kind == CodePointClass::kNewline; }
bool is_number(const CodePoint& point) { return point.kind == CodePointClass::kNumber; }

// [一-龥ࠀ-一가-퟿]
bool is_eastern(const CodePoint& point) {
  return (0x800 <= point.value && point.value <= 0x9FA5) ||
         (0xAC00 <= point.value && point.value <= 0xD7FF);
}

// The second and third expression of LLM and Coder.
struct Stages {
  Belongs letters, symbols;
  bool cuts_trailing_spaces;
};

// Four code points in a row; what lies past the text has no length and belongs to nothing.
struct Window {
  CodePoint a, b, c, d;
};

// Whether \s?[belongs]+ has an end or a beginning between a and b.
bool cut_at_run(Belongs belongs, const CodePoint& a, const CodePoint& b, bool c_belongs) {
  if (belongs(a)) return !belongs(b);
  if (belongs(b)) return !is_space(a);
  return is_space(b) && c_belongs;
}

bool cut_by_stages(const Stages& stages, const Window& w) {
  if (cut_at_run(stages.letters, w.a, w.b, stages.letters(w.c))) return true;
  const bool joined = !cut_at_run(stages.letters, w.b, w.c, stages.letters(w.d));
  return cut_at_run(stages.symbols, w.a, w.b, joined && stages.symbols(w.c));
}

class StageScanner {
 public:
  StageScanner(const Stages& stages, std::string_view text)
      : stages_(stages), scan_(text, is_newline) {}

  std::size_t piece_end(std::size_t begin) const {
    std::size_t end = begin;
    for (Window w = window(begin);; w = window(end)) {
      end += w.a.length;
      if (w.b.length == 0 || cut_by_stages(stages_, w)) return end;
      if (is_eastern(w.a) != is_eastern(w.b) || is_number(w.a) || is_number(w.b)) return end;
      if (stages_.cuts_trailing_spaces && !is_space(w.a) && is_space(w.b) && only_spaces(end)) {
        return end;
      }
    }
  }

 private:
  Window window(std::size_t position) const {
    Window w;
    w.a = scan_.at(position);
    w.b = scan_.at(position += w.a.length);
    w.c = scan_.at(position += w.b.length);
    w.d = scan_.at(position += w.c.length);
    return w;
  }

  // From here to the next cut.
  bool only_spaces(std::size_t position) const {
    for (Window w = window(position);; w = window(position)) {
      if (!is_space(w.a)) return false;
      if (w.b.length == 0 || cut_by_stages(stages_, w)) return true;
      position += w.a.length;
    }
  }

  const Stages& stages_;
  PieceScanner scan_;
};

std::size_t staged_piece_end(const Stages& stages, std::string_view text, std::size_t begin) {
  const CodePoint first = PieceScanner(text).at(begin);
  if (is_newline(first)) return begin + first.length;
  return StageScanner(stages, text).piece_end(begin);
}

// [一-龥぀-ゟ゠-ヿ]
bool is_han_or_kana(const CodePoint& point) {
  return (0x4E00 <= point.value && point.value <= 0x9FA5) ||
         (0x3040 <= point.value && point.value <= 0x30FF);
}
bool is_no_han_or_kana(const CodePoint& point) { return !is_han_or_kana(point); }
bool is_number_or_han_or_kana(const CodePoint& point) {
  return is_number(point) || is_han_or_kana(point);
}

bool is_ascii_letter(const CodePoint& point) {
  const std::uint32_t lower = point.value | 0x20;
  return 'a' <= lower && lower <= 'z';
}
bool is_ascii_symbol(const CodePoint& point) {
  return '!' <= point.value && point.value <= '~' && point.kind == CodePointClass::kOther;
}
bool is_word(const CodePoint& point) {
  return is_letter(point) || point.other == OtherClass::kMark;
}
bool is_symbol(const CodePoint& point) {
  return is_punctuation(point) || point.other == OtherClass::kSymbol;
}

// V3's third expression at `begin`; `begin` itself where no alternative matches.
std::size_t v3_match(const PieceScanner& scan, std::size_t begin) {
  const CodePoint first = scan.at(begin);
  const std::size_t next = begin + first.length;
  const CodePoint second = scan.at(next);
  if (first.length == 0) return begin;
  if (is_ascii_symbol(first) && is_ascii_letter(second)) return scan.run_of(next, is_ascii_letter);
  if (is_word(first)) return scan.run_of(begin, is_word);
  if (!is_newline(first) && !is_symbol(first) && is_word(second)) return scan.run_of(next, is_word);
  if (is_symbol(first) || (first.value == ' ' && is_symbol(second))) {
    return scan.run(scan.run_of(next, is_symbol), CodePointClass::kNewline);
  }
  const std::size_t after_newline = scan.spaces_through_newline(begin);
  return after_newline > begin ? after_newline : scan.spaces(begin);
}

}  // namespace

std::size_t deepseek_llm_piece_end(std::string_view text, std::size_t begin) {
  return staged_piece_end({is_listed_letter, is_listed_symbol, true}, text, begin);
}

std::size_t deepseek_coder_piece_end(std::string_view text, std::size_t begin) {
  return staged_piece_end({is_letter, is_punctuation, false}, text, begin);
}

std::size_t deepseek_v3_piece_end(std::string_view text, std::size_t begin) {
  const CodePoint first = PieceScanner(text).at(begin);
  if (is_number(first)) return PieceScanner(text).run(begin, CodePointClass::kNumber, 3);
  const PieceScanner scan(text,
                          is_han_or_kana(first) ? is_no_han_or_kana : is_number_or_han_or_kana);
  if (const std::size_t end = v3_match(scan, begin); end > begin) return end;
  // No alternative takes this: all before the next match is one piece.
  std::size_t end = begin + first.length;
  while (scan.at(end).length > 0 && v3_match(scan, end) == end) end += scan.at(end).length;
  return end;
}

}  // namespace engram
