// indexer/commands/yaml.h: YAML text as the JSON values that say the same.
//
// The only place that includes <yaml.h> (libyaml). Scalars stay strings, plain ones too: what reads
// them knows what it wants. Input is hostile: depth and size are bounded, anchors and aliases
// (which can multiply a document without end) are refused, keys must be scalars.
//
// Threads: pure function.  Errors: kInvalidArgument as "NAME:LINE: why".
#pragma once

#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace engram {

// One value for each document. `name` stands in messages.
Result<std::vector<json::value>> parse_yaml(std::string_view text, std::string_view name);

}  // namespace engram
