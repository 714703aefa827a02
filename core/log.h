// core/log.h: one line a message, to stderr or a file; never to stdout, which belongs to answers.
//
// Nothing logged here leaves the machine. Cancellation is never logged. Source text of the user
// is logged at debug only. Level: ENGRAM_LOG=debug|info|warn|error|off (default warn).
//
// Threads: thread-safe.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace engram {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

// Called once by main; without it the defaults hold. An unknown ENGRAM_LOG value means warn.
void init_log(LogLevel fallback = LogLevel::kWarn, const std::string& file = "");
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);
void log_line(LogLevel level, std::string_view message);

template <class... Args>
void log_at(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(fmt::format_string<Args...> f, Args&&... args) {
  log_at(LogLevel::kDebug, f, std::forward<Args>(args)...);
}
template <class... Args>
void log_info(fmt::format_string<Args...> f, Args&&... args) {
  log_at(LogLevel::kInfo, f, std::forward<Args>(args)...);
}
template <class... Args>
void log_warn(fmt::format_string<Args...> f, Args&&... args) {
  log_at(LogLevel::kWarn, f, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(fmt::format_string<Args...> f, Args&&... args) {
  log_at(LogLevel::kError, f, std::forward<Args>(args)...);
}

}  // namespace engram
