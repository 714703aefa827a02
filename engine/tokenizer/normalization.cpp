#include "engine/tokenizer/normalization.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/check.h"

namespace engram {
namespace {

// No character below U+0300, whose first byte is 0xCC, decomposes, composes with one before it or
// is reordered.
bool is_surely_normal(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0xCC; });
}

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// Length of the valid UTF-8 that the text begins with.
std::size_t valid_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t code_point = 0;
    const auto rest = text.substr(at);
    const auto n =
        utf8proc_iterate(bytes_of(rest), static_cast<utf8proc_ssize_t>(rest.size()), &code_point);
    if (n <= 0) break;
    at += static_cast<std::size_t>(n);
  }
  return at;
}

void append_nfc(std::string_view valid, std::string& out) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto n = utf8proc_map(bytes_of(valid), static_cast<utf8proc_ssize_t>(valid.size()), &mapped,
                              static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  ENGRAM_CHECK(n >= 0, utf8proc_errmsg(n));
  out.append(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(n));
}

}  // namespace

std::string_view to_nfc(std::string_view text, std::string& memory) {
  if (is_surely_normal(text)) return text;
  std::string normal;
  normal.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = valid_prefix(text.substr(at));
    if (n > 0) append_nfc(text.substr(at, n), normal);
    at += n;
    if (at < text.size()) normal += text[at++];
  }
  if (normal == text) return text;
  memory = std::move(normal);
  return memory;
}

}  // namespace engram
