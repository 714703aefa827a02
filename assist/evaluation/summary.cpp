#include "assist/evaluation/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "assist/evaluation/scores.h"

namespace engram {

namespace {

using Samples = std::vector<const SampleResult*>;
using Chosen = std::function<bool(const SampleResult&)>;

struct Part {
  const char* name;
  Chosen has;
};
const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      {"novel", [](const SampleResult& r) { return r.novel; }},
      {"repeated", [](const SampleResult& r) { return !r.novel; }},
      {"line", [](const SampleResult& r) { return r.kind == "line"; }},
      {"identifier", [](const SampleResult& r) { return r.kind == "identifier"; }},
      {"block", [](const SampleResult& r) { return r.kind == "block"; }}};
  return all;
}

Samples chosen(const Samples& samples, const Chosen& has) {
  Samples some;
  for (const auto* r : samples) {
    if (has(*r)) some.push_back(r);
  }
  return some;
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

double percentile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
}

json::object rates(const Samples& samples) {
  double exact = 0, similarity = 0, bits = 0, bytes = 0, wanted = 0, found = 0, known = 0;
  double tokens = 0, passes = 0, shown = 0, shown_exact = 0, prompt = 0;
  std::vector<double> ms;
  std::vector<Judged> judged;
  for (const auto* r : samples) {
    exact += r->exact, similarity += r->similarity, bits += r->bits;
    bytes += static_cast<double>(r->bytes), wanted += static_cast<double>(r->names_wanted);
    found += static_cast<double>(r->names_found), known += static_cast<double>(r->names_known);
    if (r->passes > 0) tokens += static_cast<double>(r->tokens);
    passes += static_cast<double>(r->passes), prompt += static_cast<double>(r->prompt_tokens);
    ms.push_back(r->ms);
    if (r->text.empty()) continue;
    ++shown;
    shown_exact += r->exact;
    judged.push_back({r->confidence, r->exact});
  }
  const auto n = static_cast<double>(samples.size());
  return {{"samples", samples.size()},
          {"exact_match", ratio(exact, n)},
          {"edit_similarity", ratio(similarity, n)},
          {"bits_per_byte", ratio(bits, bytes)},
          {"identifier_recall", ratio(found, wanted)},
          {"identifiers_known", ratio(known, wanted)},
          {"shown", shown},
          {"shown_exact", shown_exact},
          {"coverage_at_precision_80", coverage_at_precision(judged, samples.size(), 0.8)},
          {"prompt_tokens", ratio(prompt, n)},
          {"p50_ms", percentile(ms, 0.5)},
          {"p95_ms", percentile(ms, 0.95)},
          {"accepted_per_step", ratio(tokens, passes)}};
}

// One number of a sample, by the name of the rate it belongs to.
double measure(const SampleResult& r, std::string_view name) {
  if (name == "exact_match") return r.exact ? 1 : 0;
  if (name == "edit_similarity") return r.similarity;
  if (name == "bits_per_byte") return ratio(r.bits, static_cast<double>(r.bytes));
  return ratio(static_cast<double>(r.names_found), static_cast<double>(r.names_wanted));
}

double number(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

// Memory alone gives nothing to score; a text without names finds none.
bool has(const SampleResult& r, std::string_view name) {
  if (name == "bits_per_byte") return r.bytes > 0;
  return name != "identifier_recall" || r.names_wanted > 0;
}

json::object differences(const Samples& with,
                         const std::map<std::string, const SampleResult*>& base,
                         std::uint64_t seed) {
  json::object out;
  for (const char* name :
       {"exact_match", "edit_similarity", "bits_per_byte", "identifier_recall"}) {
    std::vector<double> pairs;
    for (const auto* r : with) {
      const auto other = base.find(r->place);
      if (other == base.end() || !has(*r, name) || !has(*other->second, name)) continue;
      pairs.push_back(measure(*r, name) - measure(*other->second, name));
    }
    if (pairs.empty()) continue;
    const Interval d = paired_bootstrap(pairs, seed);
    out["samples"] = std::max(pairs.size(), static_cast<std::size_t>(number(out, "samples")));
    out[name] = {{"mean", d.mean}, {"low", d.low}, {"high", d.high}};
  }
  return out;
}

json::object with_parts(const Samples& samples,
                        const std::function<json::object(const Samples&)>& say) {
  json::object out = say(samples);
  for (const Part& part : parts()) {
    const Samples some = chosen(samples, part.has);
    if (!some.empty()) out[part.name] = say(some);
  }
  return out;
}

std::string change(const json::object& comparison, std::string_view name) {
  const json::value* const d = comparison.if_contains(name);
  if (d == nullptr || !d->is_object()) return "";
  return fmt::format("{:+.3f} [{:+.3f}, {:+.3f}]", number(d->get_object(), "mean"),
                     number(d->get_object(), "low"), number(d->get_object(), "high"));
}

}  // namespace

json::object summarize(const std::vector<SampleResult>& results, const std::string& baseline,
                       std::uint64_t seed) {
  std::vector<std::string> names;
  std::map<std::string, Samples> by_condition;
  for (const auto& r : results) {
    Samples& samples = by_condition[r.condition];
    if (samples.empty()) names.push_back(r.condition);
    samples.push_back(&r);
  }
  std::map<std::string, const SampleResult*> base;
  for (const auto* r : by_condition[baseline]) base[r->place] = r;
  json::array conditions, comparisons;
  for (const std::string& name : names) {
    const Samples& samples = by_condition[name];
    json::object rated = with_parts(samples, rates);
    rated["name"] = name;
    conditions.push_back(std::move(rated));
    if (name == baseline || base.empty()) continue;
    json::object compared =
        with_parts(samples, [&](const Samples& some) { return differences(some, base, seed); });
    compared["name"] = name;
    compared["against"] = baseline;
    comparisons.push_back(std::move(compared));
  }
  return {{"conditions", std::move(conditions)}, {"comparisons", std::move(comparisons)}};
}

std::string summary_text(const json::object& summary) {
  std::string out = fmt::format("{:<34} {:>7} {:>6} {:>6} {:>6} {:>6} {:>9} {:>7}\n", "", "samples",
                                "exact", "novel", "edit", "bits/B", "names", "cov@.8");
  for (const auto& value : summary.at("conditions").as_array()) {
    const json::object& c = value.as_object();
    const json::value* const novel = c.if_contains("novel");
    out += fmt::format("{:<34} {:>7} {:>6.3f} {:>6.3f} {:>6.3f} {:>6.3f} {:>9.3f} {:>7.3f}\n",
                       std::string(c.at("name").as_string()), number(c, "samples"),
                       number(c, "exact_match"),
                       novel != nullptr ? number(novel->as_object(), "exact_match") : 0.0,
                       number(c, "edit_similarity"), number(c, "bits_per_byte"),
                       number(c, "identifier_recall"), number(c, "coverage_at_precision_80"));
  }
  for (const auto& value : summary.at("comparisons").as_array()) {
    const json::object& c = value.as_object();
    out += fmt::format("{} - {}: exact {}, edit {}, bits/byte {}\n",
                       std::string(c.at("name").as_string()),
                       std::string(c.at("against").as_string()), change(c, "exact_match"),
                       change(c, "edit_similarity"), change(c, "bits_per_byte"));
  }
  return out;
}

}  // namespace engram
