#include "bench/completion/foreign_engine.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "bench/completion/asked_generation.h"
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
  for (const auto reason :
       {StopReason::kLineEnd, StopReason::kMaxTokens, StopReason::kStopString}) {
    if (to_string(reason) == name) return reason;
  }
  return StopReason::kEndOfText;
}

GenerationResult answer_of(const json::value& value) {
  GenerationResult result;
  result.text = from_hex(find_string(value, "text").value_or(""));
  result.stop_reason = stop_reason(find_string(value, "stop").value_or(""));
  const auto passes = find_int(value, "passes");
  result.decode_passes = passes && *passes > 0 ? static_cast<std::size_t>(*passes) : 0;
  const json::array* const tokens = find_array(value, "tokens");
  for (const json::value& token : tokens != nullptr ? *tokens : json::array()) {
    const json::array& t = token.as_array();
    GeneratedToken out;
    out.begin = t.at(0).to_number<std::uint32_t>();
    out.end = t.at(1).to_number<std::uint32_t>();
    out.log_probability = t.at(2).to_number<float>();
    result.tokens.push_back(out);
    result.log_probability += t.at(2).to_number<double>();
  }
  const json::array* const alternatives = find_array(value, "alternatives");
  for (const json::value& one : alternatives != nullptr ? *alternatives : json::array()) {
    const json::array& a = one.as_array();
    result.alternatives.push_back({.begin = a.at(0).to_number<std::uint32_t>(),
                                   .bytes = from_hex(std::string_view(a.at(1).as_string())),
                                   .ends = a.at(2).as_bool(),
                                   .log_probability = a.at(3).to_number<double>()});
  }
  if (alternatives != nullptr) {
    result.log_probability = value.as_object().at("log_probability").to_number<double>();
  }
  return result;
}

}  // namespace

Result<std::shared_ptr<ForeignEngine>> ForeignEngine::open(const std::filesystem::path& gguf,
                                                           const Files& files,
                                                           std::shared_ptr<AskedModel> model) {
  ENGRAM_TRY(file, GgufFile::open(gguf));
  ENGRAM_TRY(tokenizer, Tokenizer::from_gguf(*file));
  ENGRAM_TRY(config, read_model_config(*file));
  std::shared_ptr<ForeignEngine> engine(new ForeignEngine);
  engine->config_ = config;
  engine->index_ = std::make_shared<const TokenIndex>(tokenizer);
  engine->model_ = std::move(model);
  if (!files.record.empty()) {
    engine->record_.open(files.record);
    engine->write_vocabulary();
  }
  if (!files.answers.empty()) ENGRAM_TRY_VOID(engine->read_answers(files.answers));
  return engine;
}

// A last line that was cut off is left alone.
Result<void> ForeignEngine::read_answers(const std::filesystem::path& file) {
  const MutexLock lock(mutex_);
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto value = parse_json(line);
    if (value) answers_[std::string(find_string(*value, "key").value_or(""))] = answer_of(*value);
  }
  if (model_ == nullptr) return {};
  kept_.open(file, std::ios::app);
  if (kept_) return {};
  return Error{Errc::kIo, fmt::format("cannot write the answers to {}", file.string())};
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

void ForeignEngine::keep(const std::string& key, const GenerationResult& result) {
  json::array tokens;
  for (const GeneratedToken& token : result.tokens) {
    tokens.push_back(json::array{token.begin, token.end, token.log_probability});
  }
  json::array alternatives;
  for (const Alternative& a : result.alternatives) {
    alternatives.push_back(json::array{a.begin, hex(a.bytes), a.ends, a.log_probability});
  }
  const bool enough = result.stop_reason == StopReason::kCancelled;
  const auto stop = to_string(enough ? StopReason::kStopString : result.stop_reason);
  const json::object line{{"key", key},
                          {"text", hex(result.text)},
                          {"tokens", tokens},
                          {"stop", stop},
                          {"log_probability", result.log_probability},
                          {"alternatives", alternatives},
                          {"passes", result.decode_passes}};
  const MutexLock lock(mutex_);
  kept_ << to_json(line) << '\n' << std::flush;
  answers_[key] = result;
  if (enough) answers_[key].stop_reason = StopReason::kStopString;
}

// On a thread of its own.
void ForeignEngine::compute(RequestId id, EncodedPrompt prompt, GenerationRequest request,
                            std::function<void(const GenerationEvent&)> on_event) {
  auto work = [this, id, prompt = std::move(prompt), request = std::move(request),
               on_event = std::move(on_event)](const std::stop_token& stop) {
    const auto on_piece = [&](std::string_view piece) { on_event({piece, nullptr, {}}); };
    const GenerationResult result =
        generate_by_asking(*model_, id, index_, prompt, request, on_piece, stop);
    const bool whole = result.stop_reason != StopReason::kError &&
                       result.stop_reason != StopReason::kUnlikely;  // ended by another limit
    if (whole && request.evidence == nullptr) keep(key_of(prompt, request), result);
    on_event({{}, &result, {}});
    const MutexLock lock(mutex_);
    finished_.push_back(id);
  };
  std::vector<std::jthread> over;  // joined after the lock is let go
  const MutexLock lock(mutex_);
  for (const RequestId old : std::exchange(finished_, {})) {
    over.push_back(std::move(running_.extract(old).mapped()));
  }
  running_.emplace(id, std::jthread(std::move(work)));
}

RequestId ForeignEngine::submit(GenerationRequest request,
                                std::function<void(const GenerationEvent&)> on_event) {
  const RequestId id = ++last_;
  GenerationResult result;
  auto prompt = encode_prompt(tokenizer(), request, SIZE_MAX);
  if (!prompt) {
    result.stop_reason = StopReason::kError;
    result.error = prompt.error().message;
    return on_event({{}, &result, {}}), id;
  }
  const std::string key = key_of(*prompt, request);
  bool known = record_.is_open();
  if (known) {
    write_question(key, *prompt, request);
  } else if (request.evidence == nullptr) {
    const MutexLock lock(mutex_);
    const auto answer = answers_.find(key);
    known = answer != answers_.end();
    if (known) result = answer->second;
  }
  if (!known && model_ != nullptr) {
    compute(id, *std::move(prompt), std::move(request), std::move(on_event));
    return id;
  }
  if (!known) {
    result.stop_reason = StopReason::kError;
    result.error = "nobody answered this prompt";
  }
  result.prompt_tokens = prompt->ids.size();
  on_event({result.text, &result, {}});
  return id;
}

void ForeignEngine::cancel(RequestId id) {
  const MutexLock lock(mutex_);
  const auto found = running_.find(id);
  if (found != running_.end()) found->second.request_stop();
}

}  // namespace engram
