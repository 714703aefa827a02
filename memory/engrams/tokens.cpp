#include "memory/engrams/tokens.h"

#include <algorithm>
#include <utility>

namespace engram {

EngramVocabulary::EngramVocabulary(std::string fingerprint,
                                   std::span<const std::string_view> bytes_of)
    : fingerprint_(std::move(fingerprint)) {
  ends_.reserve(bytes_of.size());
  for (const std::string_view bytes : bytes_of) {
    bytes_ += bytes;
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
}

std::string_view EngramVocabulary::bytes(EngramToken id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= ends_.size()) return {};
  const auto i = static_cast<std::size_t>(id);
  const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
  return std::string_view(bytes_).substr(begin, ends_[i] - begin);
}

std::string EngramVocabulary::text(std::span<const EngramToken> ids) const {
  std::string out;
  for (const EngramToken id : ids) out += bytes(id);
  return out;
}

std::uint32_t EngramVocabulary::newlines(EngramToken id) const {
  const std::string_view text = bytes(id);
  return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace engram
