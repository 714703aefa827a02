#include "engine/alternatives.h"

#include <string>
#include <utility>

#include "engine/text_stream.h"

namespace engram {

void add_alternatives(const Sampler& sampler, const Tokenizer& tokenizer, std::size_t most,
                      std::string_view forced, std::string_view text, GenerationResult& result) {
  for (const SampledToken& other : sampler.alternatives(most, forced)) {
    const bool ends_text = tokenizer.is_end(other.id);
    if (!ends_text && other.n_bytes < forced.size()) continue;  // spells a part of what was typed
    Alternative alternative{.begin = static_cast<std::uint32_t>(text.size()),
                            .bytes = {},
                            .ends = ends_text || other.ends_line,
                            .log_probability = result.log_probability + other.log_probability,
                            .id = other.id};
    if (!ends_text) {
      const std::string_view bytes = tokenizer.bytes(other.id).substr(0, other.n_bytes);
      alternative.bytes = bytes.substr(forced.size());
    }
    const std::string begun = std::string(text) + alternative.bytes;
    if (whole_characters(begun) < begun.size()) continue;
    result.alternatives.push_back(std::move(alternative));
  }
}

}  // namespace engram
