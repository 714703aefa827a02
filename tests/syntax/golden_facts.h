// tests/syntax/golden_facts.h: facts as text a person can review, and the golden files of it.
//
// tests/syntax/golden/<language>/<case>.<ext> is the input, <case>.<ext>.facts the expectation.
// ENGRAM_UPDATE_GOLDEN=1 (make golden) rewrites the expectations; the diff is reviewed like code.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "memory/facts.h"

namespace engram {

std::string facts_as_text(const FileFacts& facts, std::string_view text);

struct GoldenCase {
  std::string language;
  std::filesystem::path input;
  std::filesystem::path expected;
};
std::vector<GoldenCase> golden_cases();  // sorted

}  // namespace engram
