#include "bench/completion/foreign_engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "core/json.h"
#include "engine/gguf.h"

namespace engram {

namespace {

// A request as a model sees it: engine/generation_prompt.cpp, without limits of the context.
struct Encoded {
  std::vector<TokenId> ids;
  std::string forced;  // bytes taken back
};

bool is_white_space(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Encoded encode(const Tokenizer& tokenizer, const GenerationRequest& request) {
  Encoded out;
  if (const auto bos = tokenizer.bos()) out.ids.push_back(*bos);
  std::string last;
  for (std::size_t i = 0; i < request.prompt.size(); ++i) {
    const PromptPart& part = request.prompt[i];
    if (part.kind == PromptPart::Kind::kSpecial) {
      out.ids.push_back(tokenizer.special(part.value).value_or(0));
    } else if (i + 1 == request.prompt.size()) {
      last = part.value;
    } else {
      const auto ids = tokenizer.encode(part.value);
      out.ids.insert(out.ids.end(), ids.begin(), ids.end());
    }
  }
  auto ids = tokenizer.encode(last + request.forced_text);
  const bool heals =
      !request.forced_text.empty() || (!ids.empty() && is_white_space(tokenizer.bytes(ids.back())));
  constexpr std::size_t kMostWhiteSpace = 4;
  for (std::size_t n = 0; heals && !ids.empty(); ++n) {
    const std::string_view bytes = tokenizer.bytes(ids.back());
    const bool space = n < kMostWhiteSpace && is_white_space(bytes) && is_white_space(out.forced);
    if (n > 0 && !space) break;
    out.forced.insert(0, bytes);
    ids.pop_back();
  }
  out.ids.insert(out.ids.end(), ids.begin(), ids.end());
  return out;
}

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

std::string key_of(const Encoded& encoded, const GenerationRequest& request) {
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

RequestId ForeignEngine::submit(GenerationRequest request,
                                std::function<void(const GenerationEvent&)> on_event) {
  const Encoded encoded = encode(tokenizer(), request);
  const std::string key = key_of(encoded, request);
  GenerationResult result;
  if (record_.is_open()) {
    json::array ids, scored;
    for (const TokenId id : encoded.ids) ids.emplace_back(id);
    if (!request.scored_text.empty()) {
      for (const TokenId id : spell(*index_, encoded.forced, request.scored_text)) {
        scored.emplace_back(id);
      }
    }
    record_ << to_json(json::object{{"key", key},
                                    {"group", group_},
                                    {"ids", ids},
                                    {"forced", hex(encoded.forced)},
                                    {"scored", scored},
                                    {"line", request.stop_at_line_end},
                                    {"max", request.max_tokens}})
            << '\n';
  } else if (const auto answer = answers_.find(key); answer != answers_.end()) {
    result = answer->second;
  } else {
    result.stop_reason = StopReason::kError;
    result.error = "nobody answered this prompt";
  }
  result.prompt_tokens = encoded.ids.size();
  on_event({result.text, &result, {}});
  return ++last_;
}

}  // namespace engram
