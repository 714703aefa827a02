// The expressions, first alternative that matches wins:
//
//   gpt-2   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//   smollm  every \p{N} alone, then gpt-2 on what lies between
//   qwen2   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*
//           |\s*[\r\n]+|\s+(?!\S)|\s+
//   llama3  as qwen2, with \p{N}{1,3}
#include "engine/tokenizer/pre_tokenizer.h"

#include "engine/tokenizer/code_point.h"

namespace engram {
namespace {

using Kind = CodePointClass;

struct Name {
  std::string_view name;
  PreTokenizer kind;
};
constexpr Name kNames[] = {
    {"gpt-2", PreTokenizer::kGpt2},
    {"llama-bpe", PreTokenizer::kLlama3},
    {"qwen2", PreTokenizer::kQwen2},
    {"smollm", PreTokenizer::kSmollm},
    {"codeshell", PreTokenizer::kSmollm},
    {"command-r", PreTokenizer::kSmollm},
    {"refact", PreTokenizer::kSmollm},
    {"starcoder", PreTokenizer::kSmollm},
    {"deepseek-r1-qwen", PreTokenizer::kQwen2},
};

bool is_space(Kind kind) { return kind == Kind::kSpace || kind == Kind::kNewline; }

// Reads classes of one text. With numbers_alone (smollm), a number ends the text: what the
// expression sees stops before it.
class Scanner {
 public:
  Scanner(std::string_view text, bool numbers_alone)
      : text_(text), classes_(CodePointClasses::get()), numbers_alone_(numbers_alone) {}

  CodePoint at(std::size_t position) const {
    const CodePoint point = classes_.at(text_, position);
    return numbers_alone_ && point.kind == Kind::kNumber ? CodePoint{} : point;
  }
  char byte(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

  // End of the run of `kind` from `position`, of at most `limit` code points.
  std::size_t run(std::size_t position, Kind kind, std::size_t limit = SIZE_MAX) const {
    for (; limit > 0; --limit) {
      const CodePoint point = at(position);
      if (point.kind != kind) break;
      position += point.length;
    }
    return position;
  }

  // Bytes of a contraction such as "'ll" at `position`; 0 when there is none. Folding case, the
  // long s (U+017F) is an s too.
  std::size_t contraction(std::size_t position, bool fold_case) const {
    if (byte(position) != '\'') return 0;
    const auto letter = [&](std::size_t i) {
      const char c = byte(position + i);
      return fold_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const char first = letter(1);
    const char second = letter(2);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
    if ((first == 'r' || first == 'v') && second == 'e') return 3;
    if (first == 'l' && second == 'l') return 3;
    if (fold_case && first == '\xC5' && second == '\xBF') return 3;
    return 0;
  }

  // \s+(?!\S)|\s+ : a run of spaces leaves its last one to the word that follows.
  std::size_t spaces(std::size_t begin) const {
    std::size_t end = begin;
    std::size_t last = begin;
    for (CodePoint point = at(end); is_space(point.kind); point = at(end)) {
      last = end;
      end += point.length;
    }
    return at(end).kind == Kind::kEnd || last == begin ? end : last;
  }

  // \s*[\r\n]+ : through the last line end of a run of spaces; `begin` when it has none.
  std::size_t spaces_through_newline(std::size_t begin) const {
    std::size_t end = begin;
    std::size_t after_newline = begin;
    for (CodePoint point = at(end); is_space(point.kind); point = at(end)) {
      end += point.length;
      if (point.kind == Kind::kNewline) after_newline = end;
    }
    return after_newline;
  }

 private:
  std::string_view text_;
  const CodePointClasses& classes_;
  bool numbers_alone_;
};

std::size_t gpt2_piece_end(const Scanner& scan, std::size_t begin) {
  if (const std::size_t length = scan.contraction(begin, false)) return begin + length;
  const std::size_t word = scan.byte(begin) == ' ' ? begin + 1 : begin;
  const CodePoint first = scan.at(word);
  if (first.kind == Kind::kLetter || first.kind == Kind::kNumber || first.kind == Kind::kOther) {
    return scan.run(word, first.kind);
  }
  return scan.spaces(begin);
}

std::size_t qwen2_piece_end(const Scanner& scan, std::size_t begin, std::size_t max_digits) {
  if (const std::size_t length = scan.contraction(begin, true)) return begin + length;
  const CodePoint first = scan.at(begin);
  if (first.kind == Kind::kLetter) return scan.run(begin, Kind::kLetter);
  if (first.kind == Kind::kNumber) return scan.run(begin, Kind::kNumber, max_digits);
  const CodePoint second = scan.at(begin + first.length);
  if (first.kind != Kind::kNewline && second.kind == Kind::kLetter) {
    return scan.run(begin + first.length, Kind::kLetter);
  }
  if (first.kind == Kind::kOther || (scan.byte(begin) == ' ' && second.kind == Kind::kOther)) {
    return scan.run(scan.run(begin + first.length, Kind::kOther), Kind::kNewline);
  }
  const std::size_t after_newline = scan.spaces_through_newline(begin);
  return after_newline > begin ? after_newline : scan.spaces(begin);
}

}  // namespace

std::optional<PreTokenizer> find_pre_tokenizer(std::string_view name) {
  for (const Name& known : kNames) {
    if (known.name == name) return known.kind;
  }
  return std::nullopt;
}

std::string supported_pre_tokenizers() {
  std::string names;
  for (const Name& known : kNames) {
    if (!names.empty()) names += ", ";
    names += known.name;
  }
  return names;
}

std::size_t piece_end(PreTokenizer kind, std::string_view text, std::size_t begin) {
  switch (kind) {
    case PreTokenizer::kGpt2:
      return gpt2_piece_end(Scanner(text, false), begin);
    case PreTokenizer::kSmollm: {
      const CodePoint first = CodePointClasses::get().at(text, begin);
      if (first.kind == Kind::kNumber) return begin + first.length;
      return gpt2_piece_end(Scanner(text, true), begin);
    }
    case PreTokenizer::kQwen2:
      return qwen2_piece_end(Scanner(text, false), begin, 1);
    case PreTokenizer::kLlama3:
      return qwen2_piece_end(Scanner(text, false), begin, 3);
  }
  return text.size();
}

}  // namespace engram
