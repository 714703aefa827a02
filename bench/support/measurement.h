// bench/support/measurement.h: how a benchmark says a number, one JSON line each, and why it stops.
//
// Threads: one.  Errors: the program ends with 3.
#pragma once

#include <errno.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "core/json.h"
#include "core/result.h"

namespace engram {

inline void print(std::string_view name, double value, std::string_view unit) {
  fmt::print("{}\n",
             to_json({{"name", json_string(name)}, {"value", value}, {"unit", json_string(unit)}}));
  std::fflush(stdout);
}

[[noreturn]] inline void give_up(const std::string& why) {
  fmt::print(stderr, "{}: {}\n", program_invocation_short_name, why);
  std::exit(3);
}

template <class T>
T need(Result<T> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}
inline void need(const Result<void>& result) {
  if (!result) give_up(result.error().message);
}

}  // namespace engram
