// cli/progress.h: how far long work has come, on stderr.
//
// A bar with an estimate, redrawn in place, on a terminal; otherwise a line every few seconds;
// nothing with --quiet.
//
// Threads: one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace engram::cli {

class Progress {
 public:
  enum class Style : unsigned char { kNone, kLines, kBar };
  // Style for stderr as it is: a bar on a terminal, lines elsewhere, none when quiet.
  static Style style_for_stderr(bool quiet);

  Progress(std::string title, Style style);
  ~Progress();  // leaves the terminal line clean
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total` units, shown as `text` ("12 of 80 MB"); `detail` is cut to fit.
  void update(std::uint64_t done, std::uint64_t total, std::string_view text,
              std::string_view detail = {});
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void draw_bar(double fraction, std::string_view text, std::string_view detail);

  std::string title_;
  Style style_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = {};
  bool drawn_ = false;
};

// "1.1 GB", "340 kB": powers of 1000, as disks and networks count.
std::string format_bytes(std::uint64_t bytes);
// "2 min 05 s", "1.4 s", "12 ms".
std::string format_seconds(double seconds);

}  // namespace engram::cli
