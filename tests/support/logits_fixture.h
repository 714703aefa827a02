// tests/support/logits_fixture.h: log-probabilities computed by PyTorch, see
// tools/oracle/logits.py.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/result.h"

namespace engram::test {

struct ScoredPosition {
  std::uint32_t position = 0;             // logits after this token are scored
  std::vector<std::uint32_t> ids;         // in order of decreasing probability
  std::vector<double> log_probabilities;  // of ids
  double tail_mass = 0;                   // probability of all other tokens together
};

struct ScoredPrompt {
  std::vector<std::int32_t> tokens;
  std::vector<ScoredPosition> scored;
};

struct LogitsFixture {
  std::uint32_t vocab_size = 0;
  std::vector<ScoredPrompt> prompts;
};

class FixtureBytes {
 public:
  explicit FixtureBytes(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T take() {
    T value{};
    if (bytes_.size() < sizeof(T)) throw std::runtime_error("the logits fixture is truncated");
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return value;
  }

 private:
  std::string_view bytes_;
};

inline Result<LogitsFixture> read_logits_fixture(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  FixtureBytes bytes(*text);
  LogitsFixture fixture;
  constexpr std::uint32_t kMagic = 0x474F4C45;  // "ELOG"
  if (bytes.take<std::uint32_t>() != kMagic || bytes.take<std::uint32_t>() != 1) {
    return Error{Errc::kCorrupt, "not a logits fixture: " + path.string()};
  }
  fixture.prompts.resize(bytes.take<std::uint32_t>());
  fixture.vocab_size = bytes.take<std::uint32_t>();
  const auto top = bytes.take<std::uint32_t>();
  for (ScoredPrompt& prompt : fixture.prompts) {
    prompt.tokens.resize(bytes.take<std::uint32_t>());
    for (auto& id : prompt.tokens) id = bytes.take<std::int32_t>();
    prompt.scored.resize(bytes.take<std::uint32_t>());
    for (ScoredPosition& scored : prompt.scored) {
      scored.position = bytes.take<std::uint32_t>();
      scored.ids.resize(top);
      scored.log_probabilities.resize(top);
      for (auto& id : scored.ids) id = bytes.take<std::uint32_t>();
      for (auto& lp : scored.log_probabilities) lp = -bytes.take<std::uint16_t>() / 2048.0;
      scored.tail_mass = static_cast<double>(bytes.take<float>());
    }
  }
  return fixture;
}

struct LogitsComparison {
  double kl = 0;             // KL(oracle || ours), the tail taken as one outcome
  double oracle_margin = 0;  // log-probability of the oracle's first less that of its second
  bool same_top = false;     // ours ranks the oracle's first token first
};

inline LogitsComparison compare_logits(const ScoredPosition& oracle,
                                       std::span<const float> logits) {
  double largest = logits[0];
  for (const float x : logits) largest = std::max(largest, static_cast<double>(x));
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x) - largest);
  const double log_sum = largest + std::log(sum);
  LogitsComparison result;
  double ours_tail = 1;
  for (std::size_t i = 0; i < oracle.ids.size(); ++i) {
    const double ours = static_cast<double>(logits[oracle.ids[i]]) - log_sum;
    const double theirs = oracle.log_probabilities[i];
    result.kl += std::exp(theirs) * (theirs - ours);
    ours_tail -= std::exp(ours);
  }
  ours_tail = std::max(ours_tail, 1e-12);
  if (oracle.tail_mass > 0) {
    result.kl += oracle.tail_mass * (std::log(oracle.tail_mass) - std::log(ours_tail));
  }
  result.oracle_margin = oracle.log_probabilities[0] - oracle.log_probabilities[1];
  result.same_top = static_cast<double>(logits[oracle.ids[0]]) == largest;
  return result;
}

}  // namespace engram::test
