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
  void parts(std::vector<PromptPart> more) {
    for (auto& part : more) parts_.push_back(std::move(part));
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
    const bool inside =
        format.layout == PromptLayout::kFillInTheMiddle && format.files == FimFiles::kMarkedInside;
    if (inside) {
      out.text(text.repository);
    } else {
      out.line(text.repository);
    }
  }
  if (format.file.empty()) return;
  for (const auto& snippet : text.snippets) write_file(out, format, snippet.path, snippet.text);
}

std::string comment_mark(const PromptText& text) {
  return text.line_comment.empty() ? "#" : text.line_comment;
}

// Snippets as comments, for models without marks of files.
std::string commented(const PromptText& text) {
  const std::string comment = comment_mark(text) + " ";
  std::string out;
  for (const auto& snippet : text.snippets) {
    out += comment + snippet.path + "\n";
    std::string_view rest = snippet.text;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      out += comment;
      out += rest.substr(0, end);
      out += '\n';
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

// Files, and this one's path, in front of the prefix as text of their own.
std::string with_headers(std::string_view before_path, const PromptText& text) {
  std::string out;
  for (const auto& snippet : text.snippets) {
    out += std::string(before_path) + snippet.path + "\n" + snippet.text;
    if (!snippet.text.ends_with('\n')) out += '\n';
    out += '\n';
  }
  return out + std::string(before_path) + text.path + "\n" + text.prefix;
}

void write_fill_in_the_middle(PromptWriter& out, const ModelFormat& format,
                              const PromptText& text) {
  std::string prefix = text.prefix;
  switch (format.files) {
    case FimFiles::kMarked:
    case FimFiles::kMarkedInside:
      write_repository(out, format, text);
      if (format.file.empty()) {
        prefix.insert(0, commented(text));
        break;
      }
      out.mark(format.file);
      if (format.files == FimFiles::kMarked) {
        out.line(text.path);
      } else {
        prefix.insert(0, text.path + "\n");
      }
      break;
    case FimFiles::kCommented:
      prefix = with_headers("#", text);
      break;
    case FimFiles::kPlusHeaders:
      prefix = with_headers("+++++ ", text);
      break;
  }
  out.parts(fill_in_the_middle(format, prefix, text.suffix));
}

std::size_t count(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text).size();
}

}  // namespace

std::vector<PromptPart> build_prompt(const ModelFormat& format, const PromptText& text) {
  PromptWriter out;
  switch (format.layout) {
    case PromptLayout::kFillInTheMiddle:
      write_fill_in_the_middle(out, format, text);
      break;
    case PromptLayout::kRepository:
      write_repository(out, format, text);
      if (!text.suffix.empty()) write_file(out, format, text.path, text.suffix);
      out.mark(format.file);
      out.line(text.path);
      out.text(text.prefix);
      break;
    case PromptLayout::kPlain:
      out.text(commented(text));
      out.line(comment_mark(text) + " " + text.path);
      out.text(text.prefix);
      break;
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
