// engram model info: what a model file holds, and whether this version can run it; what it can run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "cli/commands/model_commands.h"
#include "engine/gguf.h"
#include "engine/supported_models.h"
#include "engine/tokenizer/fim_format.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/transformer.h"

namespace engram::cli {

namespace {

json::object weights_of(const GgufFile& file, std::uint64_t& total) {
  struct Count {
    std::uint64_t tensors = 0, bytes = 0;
  };
  std::map<std::string_view, Count> types;
  for (const GgufTensor& tensor : file.tensors()) {
    Count& count = types[traits_of(tensor.type).name];
    ++count.tensors;
    count.bytes += tensor.data.size();
    total += tensor.shape[0] * tensor.rows();
  }
  json::object out;
  for (const auto& [name, count] : types) {
    out[name] = {{"tensors", count.tensors}, {"bytes", count.bytes}};
  }
  return out;
}

json::object tokenizer_of(const GgufFile& file, const Tokenizer* tokenizer) {
  json::object out;
  for (const char* key : {"model", "pre"}) {
    const auto value = file.string(std::string("tokenizer.ggml.") + key);
    if (value) out[key] = json_string(*value);
  }
  if (tokenizer == nullptr) return out;
  out["tokens"] = tokenizer->vocab_size();
  const FimTokens marks = fim_tokens(*tokenizer);
  json::object ids;
  const auto put = [&](const char* name, const std::optional<TokenId>& id) {
    if (id) ids[name] = *id;
  };
  put("prefix", marks.prefix);
  put("suffix", marks.suffix);
  put("middle", marks.middle);
  put("pad", marks.pad);
  put("repository", marks.repository);
  put("file", marks.file);
  out["fill_in_the_middle_ids"] = std::move(ids);
  const auto format = find_fim_format(*tokenizer);
  out["fill_in_the_middle_family"] = format ? json_string(format->family) : json::value();
  return out;
}

// Why this version cannot run it; empty when it can. Nothing is packed: `ref` takes files as they
// are.
std::string obstacle(const std::shared_ptr<const GgufFile>& file,
                     const Result<std::shared_ptr<const Tokenizer>>& tokenizer) {
  if (!tokenizer) return tokenizer.error().message;
  const auto model = Transformer::create(file, {.kernels = "ref", .threads = 1});
  return model ? "" : model.error().message;
}

// What this version runs; `text` is the same for people.
json::object supported_json(std::string& text) {
  const SupportedModels supported = supported_models();
  json::object architectures;
  text += "\nThis version runs:\n";
  for (const auto& [name, models] : supported.architectures) {
    architectures[name] = models;
    text += fmt::format("  {:<22} {}\n", name, models);
  }
  json::object out{{"architectures", std::move(architectures)}};
  const auto list = [&](std::string_view key, const std::vector<std::string_view>& names,
                        std::string_view title) {
    out[key] = json::array(names.begin(), names.end());
    text += fmt::format("  {:<22} {}\n", title, fmt::join(names, ", "));
  };
  list("tensor_types", supported.tensor_types, "tensor types");
  list("tokenizers", supported.tokenizers, "tokenizers");
  list("pre_tokenizers", supported.pre_tokenizers, "pre-tokenizers (gpt2)");
  return out;
}

Result<json::object> describe(const ModelInfo& model) {
  json::object out = model_json(model).get_object();
  if (!model.present) return out;
  ENGRAM_TRY(file, GgufFile::open(model.file));
  const std::string architecture(file->string("general.architecture").value_or("?"));
  const auto tokenizer = Tokenizer::from_gguf(*file);
  const std::string why_not = obstacle(file, tokenizer);
  out["architecture"] = json_string(architecture);
  out["supported"] = why_not.empty();
  if (!why_not.empty()) out["why_not"] = json_string(why_not);
  for (const char* key : {"block_count", "embedding_length", "feed_forward_length",
                          "attention.head_count", "attention.head_count_kv", "context_length"}) {
    if (const auto n = file->unsigned_integer(architecture + "." + key)) out[key] = *n;
  }
  out["tokenizer"] = tokenizer_of(*file, tokenizer ? tokenizer->get() : nullptr);
  std::uint64_t weights = 0;
  out["tensor_types"] = weights_of(*file, weights);
  out["weights"] = weights;
  return out;
}

}  // namespace

json::value model_json(const ModelInfo& model) {
  return {{"name", json_string(model.name)},     {"present", model.present},
          {"file", model.file.string()},         {"bytes", model.bytes},
          {"sha256", json_string(model.sha256)}, {"licence", json_string(model.licence)},
          {"origin", json_string(model.origin)}, {"fill_in_the_middle", to_string(model.fim)}};
}

// Without a name: of the model that is used unless another is named, if one is here.
ExitCode run_model_info(const Context& context, const std::string& name) {
  const auto model = name.empty() ? find_model(std::nullopt) : find_model(name);
  if (!model && !(name.empty() && model.error().code == Errc::kNotFound)) {
    return context.fail(model.error());
  }
  std::string text;
  json::object out;
  if (model) {
    const auto described = describe(*model);
    if (!described) {
      const Error& error = described.error();
      const bool refused = error.code == Errc::kInvalidArgument;  // a type or version, not usage
      return context.fail({refused ? Errc::kCorrupt : error.code, error.message});
    }
    out = *described;
  } else {
    text = model.error().message + "\n";
  }
  for (const auto& [key, value] : out) {
    text += fmt::format("{:<24} {}\n", std::string_view(key),
                        value.is_string() ? std::string(value.get_string()) : to_json(value));
  }
  out["supports"] = supported_json(text);
  return context.answer(out, text);
}

}  // namespace engram::cli
