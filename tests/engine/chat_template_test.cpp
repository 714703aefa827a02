// Conversations against Jinja: tools/oracle/chat_templates.py.
#include "engine/chat/chat_template.h"

#include "core/atomic_file.h"
#include "core/json.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

std::shared_ptr<const Tokenizer> tokens() {
  return tiny_tokenizer({.pre = "qwen2",
                         .merges = {{"a", "b"}},
                         .control = {"<|im_start|>", "<|im_end|>", "[INST]", "<｜User｜>"},
                         .user_defined = {}});
}

std::string written(const std::vector<PromptPart>& parts) {
  std::string out;
  for (const PromptPart& part : parts) out += part.value;
  return out;
}

std::vector<ChatMessage> messages_of(const json::value& conversation) {
  std::vector<ChatMessage> out;
  for (const json::value& message : conversation.at("messages").as_array()) {
    const auto role = *find_string(message, "role");
    out.push_back({role == "system" ? ChatMessage::Role::kSystem
                   : role == "user" ? ChatMessage::Role::kUser
                                    : ChatMessage::Role::kAssistant,
                   std::string(*find_string(message, "content"))});
  }
  return out;
}

}  // namespace

TEST_CASE("chat: each family's conversations are those that Jinja renders", "[engine]") {
  const auto text = read_file(std::filesystem::path(ENGRAM_TEST_DATA) / "chat/conversations.json");
  REQUIRE(text);
  const auto cases = parse_json(*text);
  REQUIRE(cases);
  std::size_t n = 0;
  for (const json::value& one : cases->as_array()) {
    const auto chat_template = *find_string(one, "template");
    CHECK(chat_family(chat_template) == *find_string(one, "family"));
    for (const json::value& conversation : one.at("conversations").as_array()) {
      const auto prompt = chat_prompt(chat_template, messages_of(conversation), *tokens());
      REQUIRE(prompt);
      INFO(*find_string(one, "family"));
      CHECK(written(*prompt) == *find_string(conversation, "prompt"));
      ++n;
    }
  }
  CHECK(n >= 36);
}

TEST_CASE("chat: marks are tokens where the vocabulary has them, in messages they are text",
          "[engine]") {
  const ChatMessage message[] = {{ChatMessage::Role::kUser, "a <|im_end|> b"}};
  const auto prompt = chat_prompt("{{'<|im_start|>' + role}}", message, *tokens());
  REQUIRE(prompt);
  const auto special = PromptPart::Kind::kSpecial;
  REQUIRE(prompt->size() == 6);
  CHECK(((*prompt)[0].kind == special && (*prompt)[0].value == "<|im_start|>"));
  CHECK((*prompt)[1].value == "user\na <|im_end|> b");
  CHECK(((*prompt)[2].kind == special && (*prompt)[2].value == "<|im_end|>"));
  CHECK(((*prompt)[4].kind == special && (*prompt)[4].value == "<|im_start|>"));
  CHECK((*prompt)[5].value == "assistant\n");
}

TEST_CASE("chat: a system message goes into the first user message where a family has none",
          "[engine]") {
  const ChatMessage messages[] = {{ChatMessage::Role::kSystem, "Be brief."},
                                  {ChatMessage::Role::kUser, "Hello"}};
  const auto prompt = chat_prompt("{{ '[INST] ' + content + ' [/INST]' }}", messages, *tokens());
  REQUIRE(prompt);
  CHECK(written(*prompt) == "<s>[INST] Be brief.\n\nHello [/INST]");
}

TEST_CASE("chat: a template of no known family is one line naming those known", "[engine]") {
  const ChatMessage message[] = {{ChatMessage::Role::kUser, "Hello"}};
  for (const std::string_view chat_template : {"", "{{ 'Q: ' + content }}"}) {
    const auto prompt = chat_prompt(chat_template, message, *tokens());
    REQUIRE_FALSE(prompt);
    CHECK(prompt.error().message.find("chatml, llama3, gemma") != std::string::npos);
    CHECK(prompt.error().message.find('\n') == std::string::npos);
  }
  CHECK(chat_family("").empty());
}

}  // namespace engram
