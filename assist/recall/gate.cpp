#include "assist/recall/gate.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "core/atomic_file.h"
#include "core/json.h"
#include "memory/engrams/tokens.h"

namespace engram {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 16;
constexpr double kLargest = 100;  // of any number in a file

constexpr std::array<std::pair<std::string_view, double GateParameters::*>, 7> kNames{{
    {"bias", &GateParameters::bias},
    {"occurrences", &GateParameters::occurrences},
    {"distinct", &GateParameters::distinct},
    {"certain", &GateParameters::certain},
    {"agreement", &GateParameters::agreement},
    {"confidence", &GateParameters::confidence},
    {"same_file", &GateParameters::same_file},
}};

}  // namespace

double gate_weight(const GateParameters& p, const GateFeatures& f) {
  const double logit = p.bias + p.occurrences * std::log(static_cast<double>(f.occurrences)) +
                       p.distinct * std::log(static_cast<double>(f.distinct)) +
                       (f.distinct == 1 ? p.certain : 0) + p.agreement * f.top +
                       p.confidence * f.most;
  return 1 / (1 + std::exp(-logit));
}

Result<GateParameters> load_gate(const std::filesystem::path& file) {
  const auto corrupt = [&](std::string_view why) {
    return Error{Errc::kCorrupt, fmt::format("cannot use the gate {}: {}", file.string(), why)};
  };
  ENGRAM_TRY(text, read_file(file, kMaxFileBytes));
  const auto parsed = parse_json(text);
  if (!parsed) return corrupt(parsed.error().message);
  const json::object* object = parsed->if_object();
  if (object == nullptr) return corrupt("it is no JSON object");
  GateParameters out;
  for (const auto& [key, value] : *object) {
    const std::string_view name(key.data(), key.size());
    double number = 0;
    if (value.is_double()) number = value.get_double();
    if (value.is_int64()) number = static_cast<double>(value.get_int64());
    const bool usable = value.is_number() && std::abs(number) <= kLargest;
    if (name == "orders") {
      if (!value.is_int64() || number < 1 || number > double{kMaxEngramContext}) {
        return corrupt(fmt::format("'orders' must be 1 to {}", kMaxEngramContext));
      }
      out.orders = static_cast<std::size_t>(number);
      continue;
    }
    for (const auto& [known, member] : kNames) {
      if (known != name) continue;
      if (!usable || (name == "same_file" && number < 0)) {
        return corrupt(fmt::format("'{}' is no usable number", name));
      }
      out.*member = number;
    }
  }
  return out;
}

std::string gate_json(const GateParameters& parameters) {
  json::object out;
  for (const auto& [name, member] : kNames) out[name] = parameters.*member;
  out["orders"] = parameters.orders;
  return to_pretty_json(out);
}

}  // namespace engram
