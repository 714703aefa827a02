#include "tests/fuzz/gguf/gguf_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  engram::read_as_gguf({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
