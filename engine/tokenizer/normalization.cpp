#include "engine/tokenizer/normalization.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
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

// Combining characters that are younger than Unicode 9, whose rules Hugging Face's `tokenizers`
// normalises by: there, and so here, they are neither reordered nor composed.
struct Range {
  utf8proc_int32_t first, last;
};
constexpr Range kYoungerMarks[] = {
    {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},
    {0xC3C, 0xC3C},     {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},
    {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0x10D24, 0x10D27},
    {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
    {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
    {0x11930, 0x11930}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0},
    {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42},
    {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1},
    {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF},
    {0x1E4EC, 0x1E4EF}};

bool is_younger_mark(utf8proc_int32_t c) {
  if (c < kYoungerMarks[0].first) return false;
  const auto* after = std::upper_bound(
      std::begin(kYoungerMarks), std::end(kYoungerMarks), c,
      [](utf8proc_int32_t value, const Range& range) { return value < range.first; });
  return after != std::begin(kYoungerMarks) && c <= std::prev(after)->last;
}

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// Length of the valid UTF-8 without younger marks that the text begins with.
std::size_t normalisable_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t code_point = 0;
    const auto rest = text.substr(at);
    const auto n =
        utf8proc_iterate(bytes_of(rest), static_cast<utf8proc_ssize_t>(rest.size()), &code_point);
    if (n <= 0 || is_younger_mark(code_point)) break;
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
    const std::size_t n = normalisable_prefix(text.substr(at));
    if (n > 0) append_nfc(text.substr(at, n), normal);
    at += n;
    if (at < text.size()) normal += text[at++];
  }
  if (normal == text) return text;
  memory = std::move(normal);
  return memory;
}

}  // namespace engram
