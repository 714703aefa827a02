// core/check.h: assertion of our own invariants, in every build. A failed check is our bug: it
// throws CheckFailed, which the three boundaries (request, worker job, main) turn into a reply.
#pragma once

#include <stdexcept>
#include <string>

namespace engram {

struct CheckFailed : std::logic_error {
  using std::logic_error::logic_error;
};

[[noreturn]] inline void check_failed(const char* expression, const char* file, int line,
                                      const std::string& message) {
  throw CheckFailed(std::string(file) + ":" + std::to_string(line) + ": " + expression + ": " +
                    message);
}

}  // namespace engram

#define ENGRAM_CHECK(condition, message) \
  ((condition) ? void(0) : ::engram::check_failed(#condition, __FILE__, __LINE__, (message)))
