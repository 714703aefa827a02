#include "tests/fuzz/tokenizer/tokenizer_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto tokenizers = engram::fuzzed_tokenizers();
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  engram::check_round_trip(*tokenizers[data[0] % tokenizers.size()], text);
  return 0;
}
