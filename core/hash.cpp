#include "core/hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include <fstream>
#include <memory>
#include <vector>

namespace engram {

namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Context start_sha256() {
  Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  return context;
}

Sha256 finish(const Context& context) {
  Sha256 digest;
  EVP_DigestFinal_ex(context.get(), digest.bytes.data(), nullptr);
  return digest;
}

}  // namespace

std::string Sha256::hex() const {
  std::string out;
  out.reserve(64);
  for (const std::uint8_t b : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

Sha256 sha256(std::string_view data) {
  const Context context = start_sha256();
  EVP_DigestUpdate(context.get(), data.data(), data.size());
  return finish(context);
}

Result<Sha256> sha256_file(const std::filesystem::path& path,
                           const std::function<void(std::uint64_t)>& progress,
                           std::stop_token stop) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Errc::kNotFound, fmt::format("cannot read '{}'", path.string())};
  const Context context = start_sha256();
  std::vector<char> block(1 << 20);
  std::uint64_t total = 0;
  while (in) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "hashing was cancelled"};
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto n = static_cast<std::size_t>(in.gcount());
    EVP_DigestUpdate(context.get(), block.data(), n);
    total += n;
    if (progress) progress(total);
  }
  if (in.bad()) return Error{Errc::kIo, fmt::format("cannot read '{}'", path.string())};
  return finish(context);
}

std::uint64_t xxh3(std::string_view data, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}

}  // namespace engram
