#include "engine/chat/chat_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace engram {
namespace {

using Role = ChatMessage::Role;

struct Frame {
  std::string open, close;
};

// What stands around messages.
struct Style {
  std::string_view family;
  std::string bos;  // named in the template; empty: it has none
  Frame system, user, assistant;
  std::string answer;            // where the assistant's next message begins
  std::string before_user{};     // a system message and this, within the first user message
  std::string default_system{};  // where the conversation has none
  bool system_in_user = false;
  bool trims = false;           // messages, of white space around them
  bool drops_thoughts = false;  // of earlier answers
};

constexpr std::string_view kFamilies =
    "chatml, llama3, gemma, granite, deepseek-v3, deepseek-v2, deepseek-coder, mistral, llama2, "
    "starcoder2";
constexpr std::string_view kSpaces = " \t\r\n\v\f";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The system message a ChatML template writes by itself: spelled out in it, up to its end mark.
std::string spelled_system(std::string_view text) {
  constexpr std::string_view kOpen = "<|im_start|>system", kClose = "<|im_end|>";
  for (std::size_t at = text.find(kOpen); at < text.size(); at = text.find(kOpen, at + 1)) {
    std::string_view rest = text.substr(at + kOpen.size());
    const std::size_t newline = rest.starts_with("\\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    if (newline == 0) continue;
    rest.remove_prefix(newline);
    rest = rest.substr(0, rest.find(kClose));
    if (!rest.empty() && rest.find_first_of("'\"{}\\") == std::string_view::npos) {
      return std::string(rest);
    }
  }
  return {};
}

Style chatml(std::string_view text) {
  return {.family = "chatml",
          .bos = "",
          .system = {"<|im_start|>system\n", "<|im_end|>\n"},
          .user = {"<|im_start|>user\n", "<|im_end|>\n"},
          .assistant = {"<|im_start|>assistant\n", "<|im_end|>\n"},
          .answer = "<|im_start|>assistant\n",
          .default_system = spelled_system(text)};
}

Style llama3() {
  return {.family = "llama3",
          .bos = "<|begin_of_text|>",
          .system = {"<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"},
          .user = {"<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"},
          .assistant = {"<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"},
          .answer = "<|start_header_id|>assistant<|end_header_id|>\n\n",
          .trims = true};
}

Style gemma() {
  return {.family = "gemma",
          .bos = "<bos>",
          .system = {},
          .user = {"<start_of_turn>user\n", "<end_of_turn>\n"},
          .assistant = {"<start_of_turn>model\n", "<end_of_turn>\n"},
          .answer = "<start_of_turn>model\n",
          .before_user = "\n\n",
          .system_in_user = true,
          .trims = true};
}

Style granite() {
  return {.family = "granite",
          .bos = "",
          .system = {"<|start_of_role|>system<|end_of_role|>", "<|end_of_text|>\n"},
          .user = {"<|start_of_role|>user<|end_of_role|>", "<|end_of_text|>\n"},
          .assistant = {"<|start_of_role|>assistant<|end_of_role|>", "<|end_of_text|>\n"},
          .answer = "<|start_of_role|>assistant<|end_of_role|>"};
}

Style deepseek_v3(std::string_view text) {
  const bool thinks = has(text, "<｜Assistant｜><think>\\n");
  return {.family = "deepseek-v3",
          .bos = "<｜begin▁of▁sentence｜>",
          .system = {},
          .user = {"<｜User｜>", ""},
          .assistant = {"<｜Assistant｜>", "<｜end▁of▁sentence｜>"},
          .answer = thinks ? "<｜Assistant｜><think>\n" : "<｜Assistant｜>",
          .drops_thoughts = has(text, "</think>")};
}

Style deepseek_v2() {
  return {.family = "deepseek-v2",
          .bos = "<｜begin▁of▁sentence｜>",
          .system = {"", "\n\n"},
          .user = {"User: ", "\n\n"},
          .assistant = {"Assistant: ", "<｜end▁of▁sentence｜>"},
          .answer = "Assistant:"};
}

Style deepseek_coder() {
  return {.family = "deepseek-coder",
          .bos = "<｜begin▁of▁sentence｜>",
          .system = {},
          .user = {"### Instruction:\n", "\n"},
          .assistant = {"### Response:\n", "\n<|EOT|>\n"},
          .answer = "### Response:\n",
          .default_system =
              "You are an AI programming assistant, utilizing the Deepseek Coder model, developed "
              "by Deepseek Company, and you only answer questions related to computer science. For "
              "politically sensitive questions, security and privacy issues, and other "
              "non-computer science questions, you will refuse to answer\n"};
}

Style mistral(std::string_view text) {
  const bool tools = has(text, "[AVAILABLE_TOOLS]");  // from its third version on
  const bool tight = tools && has(text, "\"[INST]\"");
  const bool spaced = !tools && (has(text, " [/INST]'") || has(text, " [/INST]\""));
  return {.family = "mistral",
          .bos = "<s>",
          .system = {},
          .user = {tight ? "[INST]" : "[INST] ", spaced ? " [/INST]" : "[/INST]"},
          .assistant = {tools && !tight ? " " : "", "</s>"},
          .answer = "",
          .before_user = "\n\n",
          .system_in_user = true};
}

Style llama2() {
  return {.family = "llama2",
          .bos = "<s>",
          .system = {"<<SYS>>\n", "\n<</SYS>>\n\n"},
          .user = {"[INST] ", " [/INST]"},
          .assistant = {" ", " </s><s>"},
          .answer = "",
          .system_in_user = true,
          .trims = true};
}

Style starcoder2() {
  return {.family = "starcoder2",
          .bos = "<|endoftext|>",
          .system = {"", "\n\n"},
          .user = {"### Instruction\n", "\n\n"},
          .assistant = {"### Response\n", "<|endoftext|>\n\n"},
          .answer = "### Response\n",
          .default_system =
              "You are an exceptionally intelligent coding assistant that "
              "consistently delivers accurate and reliable responses to user "
              "instructions."};
}

Style style_of(std::string_view text) {
  if (has(text, "<｜User｜>") && has(text, "<｜Assistant｜>")) return deepseek_v3(text);
  if (has(text, "<|im_start|>")) return chatml(text);
  if (has(text, "<|start_header_id|>")) return llama3();
  if (has(text, "<start_of_turn>")) return gemma();
  if (has(text, "<|start_of_role|>")) return granite();
  if (has(text, "<<SYS>>")) return llama2();
  if (has(text, "[INST]")) return mistral(text);
  if (has(text, "### Instruction:") && has(text, "<|EOT|>")) return deepseek_coder();
  if (has(text, "### Instruction\\n") && has(text, "### Response\\n")) return starcoder2();
  if (has(text, "'User: '") && has(text, "'Assistant: '")) return deepseek_v2();
  return {};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kSpaces), text.size());
  const std::size_t end = text.find_last_not_of(kSpaces);
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

class Writer {
 public:
  explicit Writer(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void text(std::string_view text) {
    if (text.empty()) return;
    if (parts_.empty() || parts_.back().kind != PromptPart::Kind::kText) {
      parts_.push_back({PromptPart::Kind::kText, {}});
    }
    parts_.back().value += text;
  }
  // Of a style: its marks become tokens where the vocabulary has them.
  void frame(std::string_view text) {
    while (!text.empty()) {
      const std::size_t begin = std::min(text.find_first_of("<["), text.size());
      this->text(text.substr(0, begin));
      text.remove_prefix(begin);
      if (text.empty()) return;
      const std::size_t end = text.find(text.front() == '<' ? '>' : ']');
      const std::string_view mark = text.substr(0, end == std::string_view::npos ? 1 : end + 1);
      if (tokenizer_.special(mark)) {
        parts_.push_back({PromptPart::Kind::kSpecial, std::string(mark)});
        text.remove_prefix(mark.size());
      } else {
        this->text(text.substr(0, 1));
        text.remove_prefix(1);
      }
    }
  }
  std::vector<PromptPart> take() { return std::move(parts_); }

 private:
  const Tokenizer& tokenizer_;
  std::vector<PromptPart> parts_;
};

std::string_view shown(const Style& style, const ChatMessage& message) {
  std::string_view text = message.text;
  const std::size_t thought = text.rfind("</think>");
  if (style.drops_thoughts && message.role == Role::kAssistant && thought < text.size()) {
    text.remove_prefix(thought + std::string_view("</think>").size());
  }
  return style.trims ? trimmed(text) : text;
}

}  // namespace

std::string_view chat_family(std::string_view chat_template) {
  return style_of(chat_template).family;
}

Result<std::vector<PromptPart>> chat_prompt(std::string_view chat_template,
                                            std::span<const ChatMessage> messages,
                                            const Tokenizer& tokenizer) {
  const Style style = style_of(chat_template);
  if (style.family.empty()) {
    return Error{
        Errc::kInvalidArgument,
        fmt::format("cannot ask this model in its chat format: its template {} (known "
                    "families: {}); give a plain prompt",
                    chat_template.empty() ? "is missing" : "is of no known family", kFamilies)};
  }
  Writer out(tokenizer);
  if (!tokenizer.bos()) out.frame(style.bos);
  std::string system = style.default_system;
  if (!messages.empty() && messages.front().role == Role::kSystem) {
    system = shown(style, messages.front());
    messages = messages.subspan(1);
  }
  const auto write_system = [&] {
    if (system.empty()) return;
    out.frame(style.system.open);
    out.text(system);
    out.frame(style.system.close);
    out.frame(style.before_user);
    system.clear();
  };
  if (!style.system_in_user) write_system();
  for (const ChatMessage& message : messages) {
    const Frame& frame = message.role == Role::kAssistant ? style.assistant : style.user;
    out.frame(frame.open);
    if (message.role == Role::kUser) write_system();
    out.text(shown(style, message));
    out.frame(frame.close);
  }
  out.frame(style.answer);
  return out.take();
}

}  // namespace engram
