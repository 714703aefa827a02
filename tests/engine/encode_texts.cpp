// encode_texts GGUF < texts > ids: for tools/oracle/tokenizer_fixture.py, which compares.
//
// In: texts, each a little-endian u32 length and its bytes. Out: for each, a u32 count and its ids.
#include <chrono>
#include <cstring>
#include <iostream>
#include <iterator>

#include "engine/tokenizer/tokenizer.h"

int main(int argc, char** argv) {
  using namespace engram;
  using Clock = std::chrono::steady_clock;
  const auto file = GgufFile::open(argc == 2 ? argv[1] : "");
  if (!file) {
    std::cerr << file.error().message << "\n";
    return 1;
  }
  const auto tokenizer = Tokenizer::from_gguf(**file);
  if (!tokenizer) {
    std::cerr << tokenizer.error().message << "\n";
    return 1;
  }
  const std::string in((std::istreambuf_iterator<char>(std::cin)), {});
  double seconds = 0;
  std::size_t n_bytes = 0;
  for (std::size_t at = 0; at + 4 <= in.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, in.data() + at, 4);
    const std::string_view text = std::string_view(in).substr(at + 4, length);
    at += 4 + text.size();
    const auto begin = Clock::now();
    const auto ids = (*tokenizer)->encode(text);
    seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    n_bytes += text.size();
    const auto count = static_cast<std::uint32_t>(ids.size());
    std::cout.write(reinterpret_cast<const char*>(&count), 4);
    std::cout.write(reinterpret_cast<const char*>(ids.data()),
                    static_cast<std::streamsize>(ids.size() * sizeof(TokenId)));
  }
  std::cerr << static_cast<double>(n_bytes) / 1e6 / seconds << " MB/s\n";
}
