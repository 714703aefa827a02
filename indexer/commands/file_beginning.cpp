#include "indexer/commands/file_beginning.h"

#include <algorithm>
#include <fstream>

namespace engram {

namespace fs = std::filesystem;

std::string beginning_of(const fs::path& file) {
  constexpr std::size_t kBytesRead = 64 * 1024;
  std::error_code ec;
  if (!fs::is_regular_file(file, ec)) return {};
  std::string text(kBytesRead, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return text;
}

}  // namespace engram
