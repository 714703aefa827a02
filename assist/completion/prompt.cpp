#include "assist/completion/prompt.h"

#include <algorithm>

#include "core/text.h"

namespace engram {

namespace {

using Kind = PromptPart::Kind;

class PromptWriter {
 public:
  void mark(const std::string& name) {
    if (!name.empty()) parts_.push_back({Kind::kSpecial, name});
  }
  void text(std::string_view text) {
    if (text.empty()) return;
    if (parts_.empty() || parts_.back().kind != Kind::kText) parts_.push_back({Kind::kText, {}});
    parts_.back().value += text;
  }
  void line(std::string_view line) {
    text(line);
    if (!line.ends_with('\n')) text("\n");
  }
  std::vector<PromptPart> take() { return std::move(parts_); }

 private:
  std::vector<PromptPart> parts_;
};

void write_file(PromptWriter& out, const ModelFormat& format, std::string_view path,
                std::string_view contents) {
  out.mark(format.file);
  out.line(path);
  out.line(contents);
}

void write_repository(PromptWriter& out, const ModelFormat& format, const PromptText& text) {
  if (!format.repository.empty() && !text.repository.empty()) {
    out.mark(format.repository);
    out.line(text.repository);
  }
  if (format.file.empty()) return;
  for (const auto& snippet : text.snippets) write_file(out, format, snippet.path, snippet.text);
}

void write_commented(PromptWriter& out, const std::string& comment, const PromptSnippet& snippet) {
  out.line(comment + " " + snippet.path);
  std::string_view rest = snippet.text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    out.line(comment + " " + std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

std::size_t count(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text).size();
}

}  // namespace

std::vector<PromptPart> build_prompt(const ModelFormat& format, const PromptText& text) {
  PromptWriter out;
  switch (format.layout) {
    case PromptLayout::kFillInTheMiddle:
      write_repository(out, format, text);
      if (!format.file.empty()) {
        out.mark(format.file);
        out.line(text.path);
      }
      out.mark(format.prefix);
      out.text(text.prefix);
      out.mark(format.suffix);
      out.text(text.suffix);
      out.mark(format.middle);
      break;
    case PromptLayout::kRepository:
      write_repository(out, format, text);
      if (!text.suffix.empty()) write_file(out, format, text.path, text.suffix);
      out.mark(format.file);
      out.line(text.path);
      out.text(text.prefix);
      break;
    case PromptLayout::kPlain: {
      const std::string comment = text.line_comment.empty() ? "#" : text.line_comment;
      for (const auto& snippet : text.snippets) write_commented(out, comment, snippet);
      out.line(comment + " " + text.path);
      out.text(text.prefix);
      break;
    }
  }
  return out.take();
}

std::vector<TokenId> encode_prompt(const Tokenizer& tokenizer,
                                   const std::vector<PromptPart>& prompt) {
  std::vector<TokenId> ids;
  for (const auto& part : prompt) {
    if (part.kind == Kind::kSpecial) {
      if (const auto id = tokenizer.special(part.value)) ids.push_back(*id);
      continue;
    }
    const auto more = tokenizer.encode(part.value);
    ids.insert(ids.end(), more.begin(), more.end());
  }
  return ids;
}

std::string_view last_lines(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens) {
  std::size_t begin = text.size(), used = 0;
  while (begin > 0) {
    const auto newline = begin >= 2 ? text.rfind('\n', begin - 2) : std::string_view::npos;
    const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    const std::string_view line = text.substr(start, begin - start);
    // Four bytes a token on average: a line far beyond that is not worth encoding.
    const bool huge = line.size() > 16 * (tokens + 1);
    const std::size_t n = huge ? tokens + 1 : count(tokenizer, line);
    if (used + n > tokens) {
      if (begin == text.size()) begin -= std::min(line.size(), 2 * tokens);
      break;
    }
    used += n;
    begin = start;
  }
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) ++begin;
  return text.substr(begin);
}

std::string_view first_lines(const Tokenizer& tokenizer, std::string_view text,
                             std::size_t tokens) {
  std::size_t end = 0, used = 0;
  while (end < text.size()) {
    const std::size_t next = std::min(text.find('\n', end), text.size() - 1) + 1;
    const std::string_view line = text.substr(end, next - end);
    const bool huge = line.size() > 16 * (tokens + 1);
    const std::size_t n = huge ? tokens + 1 : count(tokenizer, line);
    if (used + n > tokens) {
      if (end == 0) end = utf8_floor(text, std::min(line.size(), 2 * tokens));
      break;
    }
    used += n;
    end = next;
  }
  return text.substr(0, end);
}

}  // namespace engram
