#include "bench/completion/foreign_engine.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/hash.h"
#include "core/json.h"
#include "engine/gguf.h"

namespace engram {

namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string from_hex(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::string key_of(const EncodedPrompt& encoded, const GenerationRequest& request) {
  std::string all = encoded.forced + '\0' + request.scored_text + '\0' +
                    std::to_string(request.max_tokens) + (request.stop_at_line_end ? "line" : "");
  for (const TokenId id : encoded.ids) all += ',' + std::to_string(id);
  return sha256(all).hex().substr(0, 24);
}

StopReason stop_reason(std::string_view name) {
  for (const auto reason : {StopReason::kLineEnd, StopReason::kMaxTokens}) {
    if (to_string(reason) == name) return reason;
  }
  return StopReason::kEndOfText;
}

GenerationResult answer_of(const json::value& value) {
  GenerationResult result;
  result.text = from_hex(find_string(value, "text").value_or(""));
  result.stop_reason = stop_reason(find_string(value, "stop").value_or(""));
  const json::array* const tokens = find_array(value, "tokens");
  for (const json::value& token : tokens != nullptr ? *tokens : json::array()) {
    const json::array& t = token.as_array();
    GeneratedToken out;
    out.begin = t.at(0).to_number<std::uint32_t>();
    out.end = t.at(1).to_number<std::uint32_t>();
    out.log_probability = t.at(2).to_number<float>();
    result.tokens.push_back(out);
  }
  return result;
}

}  // namespace

Result<std::shared_ptr<ForeignEngine>> ForeignEngine::open(const std::filesystem::path& gguf,
                                                           const std::filesystem::path& record,
                                                           const std::filesystem::path& replay) {
  ENGRAM_TRY(file, GgufFile::open(gguf));
  ENGRAM_TRY(tokenizer, Tokenizer::from_gguf(*file));
  ENGRAM_TRY(config, read_model_config(*file));
  std::shared_ptr<ForeignEngine> engine(new ForeignEngine);
  engine->config_ = config;
  engine->index_ = std::make_unique<TokenIndex>(tokenizer);
  if (!record.empty()) {
    engine->record_.open(record);
    engine->write_vocabulary();
  }
  std::ifstream in(replay);
  for (std::string line; !replay.empty() && std::getline(in, line);) {
    ENGRAM_TRY(value, parse_json(line));
    engine->answers_[std::string(find_string(value, "key").value_or(""))] = answer_of(value);
  }
  return engine;
}

void ForeignEngine::write_vocabulary() {
  json::array bytes, ends;
  for (std::size_t i = 0; i < tokenizer().vocab_size(); ++i) {
    bytes.emplace_back(hex(tokenizer().bytes(static_cast<TokenId>(i))));
  }
  for (const TokenId id : index_->ends()) ends.emplace_back(id);
  record_ << to_json(json::object{{"vocabulary", bytes}, {"ends", ends}}) << '\n';
}

void ForeignEngine::write_question(std::string_view key, const EncodedPrompt& prompt,
                                   const GenerationRequest& request) {
  json::array ids, scored;
  for (const TokenId id : prompt.ids) ids.emplace_back(id);
  if (!request.scored_text.empty()) {
    for (const TokenId id : spell(*index_, prompt.forced, request.scored_text)) {
      scored.emplace_back(id);
    }
  }
  record_ << to_json(json::object{{"key", key},
                                  {"group", group_},
                                  {"ids", ids},
                                  {"forced", hex(prompt.forced)},
                                  {"scored", scored},
                                  {"line", request.stop_at_line_end},
                                  {"max", request.max_tokens}})
          << '\n';
}

GenerationResult ForeignEngine::answer(const GenerationRequest& request) {
  GenerationResult result;
  result.stop_reason = StopReason::kError;
  const auto prompt = encode_prompt(tokenizer(), request, SIZE_MAX);
  if (!prompt) {
    result.error = prompt.error().message;
    return result;
  }
  const std::string key = key_of(*prompt, request);
  if (record_.is_open()) {
    write_question(key, *prompt, request);
    result = {};
  } else if (const auto known = answers_.find(key); known != answers_.end()) {
    result = known->second;
  } else {
    result.error = "nobody answered this prompt";
  }
  result.prompt_tokens = prompt->ids.size();
  return result;
}

RequestId ForeignEngine::submit(GenerationRequest request,
                                std::function<void(const GenerationEvent&)> on_event) {
  const GenerationResult result = answer(request);
  on_event({result.text, &result, {}});
  return ++last_;
}

}  // namespace engram
