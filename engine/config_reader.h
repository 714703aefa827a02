// engine/config_reader.h: one architecture's keys of a GGUF, each checked; the first error stays.
//
// Threads: confined to the loading thread.  Errors: kCorrupt, one line naming file and key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "engine/gguf.h"

namespace engram {

class ConfigReader {
 public:
  // Larger than any model of today; keeps every product of two sizes far from overflow.
  static constexpr std::uint64_t kMaxSize = 1U << 24U;

  ConfigReader(const GgufFile& file, std::string architecture)
      : file_(file), prefix_(std::move(architecture) + ".") {}

  // Names of keys are without the architecture: "block_count".
  bool has(std::string_view key) const;
  std::uint32_t size(std::string_view key, std::uint64_t most = kMaxSize);  // 1 to most
  std::uint32_t size_or(std::string_view key, std::uint32_t fallback,
                        std::uint64_t most = kMaxSize);
  std::uint32_t count_or(std::string_view key, std::uint32_t fallback,
                         std::uint64_t most);                // 0 too
  float positive(std::string_view key, float fallback);      // > 0
  float not_negative(std::string_view key, float fallback);  // >= 0
  bool flag(std::string_view key, bool fallback) const;
  std::string_view text(std::string_view key, std::string_view fallback) const;

  void require(bool holds, std::string_view what) {
    if (!holds) fail(what);
  }
  void fail(std::string_view what);         // the file contradicts itself
  void unsupported(std::string_view what);  // it is well-formed, and Engram does not compute it
  const Result<void>& error() const { return error_; }
  const GgufFile& file() const { return file_; }

 private:
  float number(std::string_view key, float fallback, float least);
  std::string full_name(std::string_view key) const { return prefix_ + std::string(key); }

  const GgufFile& file_;
  std::string prefix_;
  Result<void> error_;
};

}  // namespace engram
