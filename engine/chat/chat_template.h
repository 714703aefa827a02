// engine/chat/chat_template.h: a conversation as the prompt that a model was trained on.
//
// A model file's template (tokenizer.chat_template) is a Jinja program. It is not run: the families
// in use differ only in what stands around a message, so the template is recognised by the marks in
// it and the family's own table is used. What a template says about tools, dates and documents is
// left out; default system messages are kept where the template spells one.
//
// Sources: the families' published templates; tools/oracle/chat_templates.py holds each against
// Jinja.
//
// Threads: pure functions.  Errors: kInvalidArgument naming the families.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/engine.h"

namespace engram {

struct ChatMessage {
  enum class Role : std::uint8_t { kSystem, kUser, kAssistant };
  Role role = Role::kUser;
  std::string text;
};

// "chatml", "llama3", ...; empty: not recognised.
std::string_view chat_family(std::string_view chat_template);

// The prompt up to where the assistant's next message begins. A mark that the vocabulary has as a
// token is one; marks inside messages stay text. A system message comes first, if at all; families
// without one put it before the first user message. The begin-of-text mark is left to the engine
// where the tokenizer adds it.
Result<std::vector<PromptPart>> chat_prompt(std::string_view chat_template,
                                            std::span<const ChatMessage> messages,
                                            const Tokenizer& tokenizer);

}  // namespace engram
