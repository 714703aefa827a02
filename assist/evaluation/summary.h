// assist/evaluation/summary.h: what the samples of an evaluation say, with how sure it is.
//
// Each condition has rates over all samples, over novel and repeated ones, and by kind; each pair
// of the first condition and another has the mean differences over the same places with paired 95 %
// bootstrap intervals (scores.h).
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assist/evaluation/sample_log.h"
#include "core/json.h"

namespace engram {

// {"conditions": [...], "comparisons": [...]}; docs/cli.md names the fields. Against `baseline`.
json::object summarize(const std::vector<SampleResult>& results, const std::string& baseline,
                       std::uint64_t seed);

// The same as tables for a person.
std::string summary_text(const json::object& summary);

}  // namespace engram
