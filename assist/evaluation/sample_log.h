// assist/evaluation/sample_log.h: one JSON line a sample and condition, so that a long evaluation
// goes on where it was interrupted.
//
// A line belongs to a run by its key: what the caller says samples depend on, beside place and
// condition (repository, model, mode, seed, prompt size, gate). Lines of other keys, and a last
// line that was cut off, are left alone and not read.
//
// Threads: confined.  Errors: kIo when the file cannot be read or written.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/result.h"

namespace engram {

struct SampleResult {
  std::string place, kind, condition;
  bool novel = false;
  std::string truth, text, reason;  // text: what was suggested, or empty with a reason
  bool exact = false;
  double similarity = 0, confidence = 0;
  std::size_t names_wanted = 0, names_found = 0, names_known = 0;  // known: HiddenPlace
  bool agrees = false;  // memory alone writes the same line
  double bits = 0;      // of the truth, `bytes` of it; no bytes: nothing was scored
  std::size_t bytes = 0;
  std::size_t prompt_tokens = 0, tokens = 0, passes = 0;  // generated, through the model
  double ms = 0;
};

class SampleLog {
 public:
  // An empty path: nothing is kept.
  static Result<SampleLog> open(const std::filesystem::path& path, std::string key);
  const std::vector<SampleResult>& known() const { return known_; }  // of this key
  Result<void> add(const SampleResult& result);

 private:
  std::filesystem::path path_;
  std::string key_;
  std::vector<SampleResult> known_;
  std::ofstream out_;
};

}  // namespace engram
