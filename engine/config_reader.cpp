#include "engine/config_reader.h"

#include <fmt/format.h>

namespace engram {

bool ConfigReader::has(std::string_view key) const {
  const std::string name = full_name(key);
  return file_.unsigned_integer(name).has_value() || file_.number(name).has_value() ||
         file_.string(name).has_value();
}

std::uint32_t ConfigReader::size(std::string_view key, std::uint64_t most) {
  const std::string name = full_name(key);
  const auto value = file_.unsigned_integer(name);
  if (!value || *value == 0 || *value > most) {
    fail(fmt::format("key '{}' {}", name,
                     value ? fmt::format("is {}, which is absurd", *value) : "is missing"));
    return 1;
  }
  return static_cast<std::uint32_t>(*value);
}

std::uint32_t ConfigReader::size_or(std::string_view key, std::uint32_t fallback,
                                    std::uint64_t most) {
  return has(key) ? size(key, most) : fallback;
}

std::uint32_t ConfigReader::count_or(std::string_view key, std::uint32_t fallback,
                                     std::uint64_t most) {
  const auto value = file_.unsigned_integer(full_name(key));
  return value && *value == 0 ? 0 : size_or(key, fallback, most);
}

float ConfigReader::number(std::string_view key, float fallback, float least) {
  const std::string name = full_name(key);
  const auto value = file_.number(name);
  if (!value) return fallback;
  if (!(*value >= static_cast<double>(least)) || *value > 1e12) {
    fail(fmt::format("key '{}' is {}", name, *value));
    return fallback;
  }
  return static_cast<float>(*value);
}

float ConfigReader::positive(std::string_view key, float fallback) {
  return number(key, fallback, 1e-30F);
}

float ConfigReader::not_negative(std::string_view key, float fallback) {
  return number(key, fallback, 0.0F);
}

bool ConfigReader::flag(std::string_view key, bool fallback) const {
  return file_.boolean(full_name(key)).value_or(fallback);
}

std::string_view ConfigReader::text(std::string_view key, std::string_view fallback) const {
  return file_.string(full_name(key)).value_or(fallback);
}

void ConfigReader::fail(std::string_view what) {
  if (!error_) return;
  error_ = Error{Errc::kCorrupt, fmt::format("cannot load {}: {}", file_.path().string(), what)};
}

void ConfigReader::unsupported(std::string_view what) {
  if (!error_) return;
  error_ =
      Error{Errc::kInvalidArgument, fmt::format("cannot load {}: {}", file_.path().string(), what)};
}

}  // namespace engram
