#include "assist/evaluation/sample_log.h"

#include <fmt/format.h>

#include <optional>

#include "core/json.h"

namespace engram {

namespace {

json::object to_object(const SampleResult& r, const std::string& key) {
  return {{"key", key},
          {"place", json_string(r.place)},
          {"kind", r.kind},
          {"condition", r.condition},
          {"novel", r.novel},
          {"exact", r.exact},
          {"similarity", r.similarity},
          {"confidence", r.confidence},
          {"names_wanted", r.names_wanted},
          {"names_found", r.names_found},
          {"names_known", r.names_known},
          {"agrees", r.agrees},
          {"bits", r.bits},
          {"bytes", r.bytes},
          {"prompt_tokens", r.prompt_tokens},
          {"tokens", r.tokens},
          {"passes", r.passes},
          {"ms", r.ms},
          {"reason", r.reason},
          {"truth", json_string(r.truth)},
          {"text", json_string(r.text)}};
}

double number(const json::value& object, std::string_view key) {
  const json::value* const value = find(object, key);
  if (value == nullptr || !value->is_number()) return 0;
  return value->to_number<double>();
}

std::optional<SampleResult> from_line(const std::string& line, std::string_view key) {
  const auto value = parse_json(line);
  if (!value || find_string(*value, "key") != key) return std::nullopt;
  const auto text = [&](std::string_view name) {
    return std::string(find_string(*value, name).value_or(""));
  };
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(std::max(0.0, number(*value, name)));
  };
  SampleResult r;
  r.place = text("place"), r.kind = text("kind"), r.condition = text("condition");
  r.truth = text("truth"), r.text = text("text"), r.reason = text("reason");
  r.novel = find_bool(*value, "novel").value_or(false);
  r.exact = find_bool(*value, "exact").value_or(false);
  r.agrees = find_bool(*value, "agrees").value_or(false);
  r.similarity = number(*value, "similarity"), r.confidence = number(*value, "confidence");
  r.names_wanted = size("names_wanted"), r.names_found = size("names_found");
  r.names_known = size("names_known");
  r.bits = number(*value, "bits"), r.bytes = size("bytes");
  r.prompt_tokens = size("prompt_tokens"), r.tokens = size("tokens"), r.passes = size("passes");
  r.ms = number(*value, "ms");
  return r;
}

// Whether the file ends inside a line: the writer was interrupted.
bool ends_torn(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() <= 0) return false;
  in.seekg(-1, std::ios::end);
  return in.get() != '\n';
}

}  // namespace

Result<SampleLog> SampleLog::open(const std::filesystem::path& path, std::string key) {
  SampleLog log;
  log.path_ = path;
  log.key_ = std::move(key);
  if (path.empty()) return log;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (auto result = from_line(line, log.key_)) log.known_.push_back(*std::move(result));
  }
  const bool torn = ends_torn(path);
  log.out_.open(path, std::ios::app);
  if (torn) log.out_ << '\n';
  if (!log.out_) {
    return Error{Errc::kIo, fmt::format("cannot write the results to {}: check that its directory "
                                        "exists and may be written",
                                        path.string())};
  }
  return log;
}

Result<void> SampleLog::add(const SampleResult& result) {
  if (path_.empty()) return {};
  out_ << to_json(to_object(result, key_)) << '\n' << std::flush;
  if (out_) return {};
  return Error{Errc::kIo, fmt::format("cannot write the results to {}", path_.string())};
}

}  // namespace engram
