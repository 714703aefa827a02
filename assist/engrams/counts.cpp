#include "assist/engrams/counts.h"

#include <algorithm>

#include "memory/engrams/store.h"

namespace engram {
namespace {

constexpr unsigned kCutShift = 8;  // ContentFlag bits below, the number of cuts above

}  // namespace

std::uint32_t content_flags(bool capped, std::size_t cuts) {
  const auto most = static_cast<std::uint32_t>(std::min<std::size_t>(cuts, 0xffff));
  return (capped ? static_cast<std::uint32_t>(ContentFlag::kCapped) : 0) | (most << kCutShift);
}

EngramCounts engram_counts(const EngramSnapshot& snapshot) {
  EngramCounts out;
  out.tokens = snapshot.live_tokens();
  out.contents = snapshot.live_contents();
  out.segments = snapshot.parts().size();
  out.bytes = snapshot.file_bytes();
  for (const EngramSnapshot::Part& part : snapshot.parts()) {
    for (std::size_t c = 0; c < part.contents.size(); ++c) {
      if (part.contents[c].paths == 0) continue;
      const std::uint32_t flags = part.segment->contents()[c].flags;
      out.cut_literals += flags >> kCutShift;
      if ((flags & static_cast<std::uint32_t>(ContentFlag::kCapped)) != 0) {
        out.capped.emplace_back(part.contents[c].path);
      }
    }
  }
  std::sort(out.capped.begin(), out.capped.end());
  return out;
}

EngramMemories engram_memories(const std::filesystem::path& store) {
  EngramMemories out;
  for (const std::filesystem::path& directory : engram_directories(store)) {
    const auto vocabulary = load_vocabulary(directory);
    if (!vocabulary) {
      out.together.problems.push_back(vocabulary.error().message);
      continue;
    }
    EngramReader reader(store, *vocabulary);
    const auto snapshot = reader.snapshot();
    if (!snapshot) {
      if (snapshot.error().code != Errc::kNotFound) {
        out.together.problems.push_back(snapshot.error().message);
      }
      continue;
    }
    EngramCounts counts = engram_counts(**snapshot);
    counts.problems = reader.problems();
    EngramCounts& sum = out.together;
    sum.tokens += counts.tokens;
    sum.contents += counts.contents;
    sum.segments += counts.segments;
    sum.bytes += counts.bytes;
    sum.problems.insert(sum.problems.end(), counts.problems.begin(), counts.problems.end());
    out.by_tokenizer.emplace_back((*vocabulary)->fingerprint(), std::move(counts));
  }
  return out;
}

}  // namespace engram
