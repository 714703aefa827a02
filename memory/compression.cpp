#include "memory/compression.h"

#include <zstd.h>

#include <memory>

#include "core/check.h"

namespace engram {

namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* compression_context(int level) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  ENGRAM_CHECK(context, "no memory for a compression context");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  return context.get();
}

ZSTD_DCtx* decompression_context() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  ENGRAM_CHECK(context, "no memory for a decompression context");
  return context.get();
}

Error corrupt(const char* why) { return {Errc::kCorrupt, why}; }

}  // namespace

std::string compress(std::string_view data, int level) {
  std::string frame(ZSTD_compressBound(data.size()), '\0');
  const std::size_t size = ZSTD_compress2(compression_context(level), frame.data(), frame.size(),
                                          data.data(), data.size());
  ENGRAM_CHECK(!ZSTD_isError(size), ZSTD_getErrorName(size));
  frame.resize(size);
  frame.shrink_to_fit();
  return frame;
}

Result<void> decompress_into(std::string& out, std::string_view frame, std::size_t max_bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return corrupt("a compressed blob has no valid header");
  }
  if (size > max_bytes) return corrupt("a compressed blob claims an absurd size");
  out.resize(static_cast<std::size_t>(size));
  const std::size_t got = ZSTD_decompressDCtx(decompression_context(), out.data(), out.size(),
                                              frame.data(), frame.size());
  if (ZSTD_isError(got) || got != size) {
    return corrupt("a compressed blob is damaged (checksum or format)");
  }
  return {};
}

Result<std::string> decompress(std::string_view frame, std::size_t max_bytes) {
  std::string out;
  ENGRAM_TRY_VOID(decompress_into(out, frame, max_bytes));
  return out;
}

}  // namespace engram
