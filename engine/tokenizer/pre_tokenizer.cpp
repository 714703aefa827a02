// The expressions, first alternative that matches wins:
//
//   gpt-2   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//   smollm  every \p{N} alone, then gpt-2 on what lies between
//   qwen2   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*
//           |\s*[\r\n]+|\s+(?!\S)|\s+
//   llama3  as qwen2, with \p{N}{1,3}
//   seed-coder  as qwen2, without [\r\n]*
//   default     [\p{P}$+<=>^~|]+, then gpt-2, then \p{N}+, then [0-9][0-9][0-9]
#include "engine/tokenizer/pre_tokenizer.h"

#include "engine/tokenizer/deepseek_pieces.h"
#include "engine/tokenizer/piece_scanner.h"
#include "engine/tokenizer/supported_tokenizers.h"

namespace engram {
namespace {

using Kind = CodePointClass;

struct Name {
  std::string_view name;
  PreTokenizerRules rules;
};
constexpr Name kNames[] = {
    {"gpt-2", {PreTokenizer::kGpt2}},
    {"phi-2", {PreTokenizer::kGpt2}},
    {"mellum", {PreTokenizer::kGpt2}},
    {"granite-docling", {PreTokenizer::kGpt2}},
    {"llama-bpe", {PreTokenizer::kLlama3, true}},
    {"llama3", {PreTokenizer::kLlama3, true}},
    {"llama-v3", {PreTokenizer::kLlama3, true}},
    {"falcon3", {PreTokenizer::kLlama3, true}},
    {"dbrx", {PreTokenizer::kLlama3}},
    {"smaug-bpe", {PreTokenizer::kLlama3}},
    {"qwen2", {PreTokenizer::kQwen2}},
    {"deepseek-r1-qwen", {PreTokenizer::kQwen2}},
    {"smollm", {PreTokenizer::kSmollm}},
    {"starcoder", {PreTokenizer::kSmollm}},
    {"refact", {PreTokenizer::kSmollm}},
    {"codeshell", {PreTokenizer::kSmollm}},
    {"command-r", {PreTokenizer::kSmollm}},
    {"mellum2", {PreTokenizer::kSmollm}},
    {"seed-coder", {PreTokenizer::kSeedCoder}},
    {"deepseek-llm", {PreTokenizer::kDeepseekLlm}},
    {"deepseek-coder", {PreTokenizer::kDeepseekCoder}},
    {"deepseek-v3", {PreTokenizer::kDeepseekV3}},
    {"default", {PreTokenizer::kDefault}},
};

bool is_number(const CodePoint& point) { return point.kind == Kind::kNumber; }

std::size_t gpt2_piece_end(const PieceScanner& scan, std::size_t begin) {
  if (const std::size_t length = scan.contraction(begin, false)) return begin + length;
  const std::size_t word = scan.byte(begin) == ' ' ? begin + 1 : begin;
  const CodePoint first = scan.at(word);
  if (first.kind == Kind::kLetter || first.kind == Kind::kNumber || first.kind == Kind::kOther) {
    return scan.run(word, first.kind);
  }
  return scan.spaces(begin);
}

struct QwenShape {
  std::size_t max_digits = 1;
  bool newlines_after_symbols = true;
};

std::size_t qwen2_piece_end(const PieceScanner& scan, std::size_t begin, QwenShape shape) {
  if (const std::size_t length = scan.contraction(begin, true)) return begin + length;
  const CodePoint first = scan.at(begin);
  if (first.kind == Kind::kLetter) return scan.run(begin, Kind::kLetter);
  if (first.kind == Kind::kNumber) return scan.run(begin, Kind::kNumber, shape.max_digits);
  const CodePoint second = scan.at(begin + first.length);
  if (first.kind != Kind::kNewline && second.kind == Kind::kLetter) {
    return scan.run(begin + first.length, Kind::kLetter);
  }
  if (first.kind == Kind::kOther || (scan.byte(begin) == ' ' && second.kind == Kind::kOther)) {
    const std::size_t end = scan.run(begin + first.length, Kind::kOther);
    return shape.newlines_after_symbols ? scan.run(end, Kind::kNewline) : end;
  }
  const std::size_t after_newline = scan.spaces_through_newline(begin);
  return after_newline > begin ? after_newline : scan.spaces(begin);
}

std::size_t smollm_piece_end(std::string_view text, std::size_t begin) {
  const CodePoint first = PieceScanner(text).at(begin);
  if (is_number(first)) return begin + first.length;
  return gpt2_piece_end(PieceScanner(text, is_number), begin);
}

bool cut_by_default(const CodePoint& point) {
  return point.other == OtherClass::kPunctuation ||
         (point.value < 0x80 && std::string_view("$+<=>^~|").find(static_cast<char>(point.value)) !=
                                    std::string_view::npos);
}

// Three ASCII digits together; what is left between such groups stays one piece.
std::size_t digits_by_default(const PieceScanner& scan, std::size_t begin) {
  const auto three_at = [&](std::size_t position) {
    const auto digit = [&](std::size_t i) {
      const char c = scan.byte(position + i);
      return c >= '0' && c <= '9';
    };
    return digit(0) && digit(1) && digit(2);
  };
  if (three_at(begin)) return begin + 3;
  std::size_t end = begin;
  while (is_number(scan.at(end)) && !three_at(end)) end += scan.at(end).length;
  return end;
}

std::size_t default_piece_end(std::string_view text, std::size_t begin) {
  const PieceScanner whole(text);
  if (cut_by_default(whole.at(begin))) return whole.run_of(begin, cut_by_default);
  const PieceScanner scan(text, cut_by_default);
  if (is_number(scan.at(begin))) return digits_by_default(scan, begin);
  if (scan.byte(begin) == ' ' && is_number(scan.at(begin + 1))) return begin + 1;
  return gpt2_piece_end(scan, begin);
}

}  // namespace

std::optional<PreTokenizerRules> find_pre_tokenizer(std::string_view name) {
  for (const Name& known : kNames) {
    if (known.name == name) return known.rules;
  }
  return std::nullopt;
}

std::vector<std::string_view> supported_pre_tokenizers() {
  std::vector<std::string_view> names;
  for (const Name& known : kNames) names.push_back(known.name);
  return names;
}

std::size_t piece_end(PreTokenizer kind, std::string_view text, std::size_t begin) {
  switch (kind) {
    case PreTokenizer::kGpt2:
      return gpt2_piece_end(PieceScanner(text), begin);
    case PreTokenizer::kSmollm:
      return smollm_piece_end(text, begin);
    case PreTokenizer::kQwen2:
      return qwen2_piece_end(PieceScanner(text), begin, {});
    case PreTokenizer::kLlama3:
      return qwen2_piece_end(PieceScanner(text), begin, {.max_digits = 3});
    case PreTokenizer::kSeedCoder:
      return qwen2_piece_end(PieceScanner(text), begin, {.newlines_after_symbols = false});
    case PreTokenizer::kDeepseekLlm:
      return deepseek_llm_piece_end(text, begin);
    case PreTokenizer::kDeepseekCoder:
      return deepseek_coder_piece_end(text, begin);
    case PreTokenizer::kDeepseekV3:
      return deepseek_v3_piece_end(text, begin);
    case PreTokenizer::kDefault:
      return default_piece_end(text, begin);
  }
  return text.size();
}

}  // namespace engram
