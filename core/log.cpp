#include "core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

namespace engram {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::warn;
}

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("engram", std::move(sink));
  logger->set_pattern("%H:%M:%S.%e %L [%t] %v");
  logger->set_level(spdlog::level::warn);
  logger->flush_on(spdlog::level::warn);
  return logger;
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance =
      make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return instance;
}

LogLevel level_from_environment(LogLevel fallback) {
  const char* value = std::getenv("ENGRAM_LOG");
  const std::string_view v = value != nullptr ? value : "";
  if (v == "debug") return LogLevel::kDebug;
  if (v == "info") return LogLevel::kInfo;
  if (v == "warn") return LogLevel::kWarn;
  if (v == "error") return LogLevel::kError;
  if (v == "off") return LogLevel::kOff;
  return fallback;
}

}  // namespace

void init_log(LogLevel fallback, const std::string& file) {
  if (!file.empty()) {
    try {
      logger() = make_logger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
    } catch (const spdlog::spdlog_ex&) {
      log_line(LogLevel::kError, "cannot open the log file '" + file + "'; logging to stderr");
    }
  }
  set_log_level(level_from_environment(fallback));
}

void set_log_level(LogLevel level) { logger()->set_level(spdlog_level(level)); }

bool log_enabled(LogLevel level) { return logger()->should_log(spdlog_level(level)); }

void log_line(LogLevel level, std::string_view message) {
  logger()->log(spdlog_level(level), "{}", message);
}

}  // namespace engram
