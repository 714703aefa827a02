// core/hash.h: SHA-256 for identity, XXH3 for change detection and checksums.
//
// Content identity is SHA-256 (FIPS 180-4); XXH3 is fast and not collision-resistant against an
// adversary, so it never names content.  Threads: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

struct Sha256 {
  std::array<std::uint8_t, 32> bytes{};
  std::string hex() const;  // 64 lower-case digits
  friend bool operator==(const Sha256&, const Sha256&) = default;
  friend auto operator<=>(const Sha256&, const Sha256&) = default;
};

Sha256 sha256(std::string_view data);
// Reads the file in blocks; `progress` (bytes so far) may be empty.
Result<Sha256> sha256_file(const std::filesystem::path& path,
                           const std::function<void(std::uint64_t)>& progress = {},
                           std::stop_token stop = {});
std::uint64_t xxh3(std::string_view data, std::uint64_t seed = 0);

}  // namespace engram
