#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/text.h"

namespace engram::cli {

Progress::Style Progress::style_for_stderr(bool quiet) {
  if (quiet) return Style::kNone;
  return ::isatty(STDERR_FILENO) != 0 ? Style::kBar : Style::kLines;
}

Progress::Progress(std::string title, Style style) : title_(std::move(title)), style_(style) {}

Progress::~Progress() { finish(); }

void Progress::update(std::uint64_t done, std::uint64_t total, std::string_view text,
                      std::string_view detail) {
  const auto now = Clock::now();
  const auto pause =
      style_ == Style::kBar ? std::chrono::milliseconds(80) : std::chrono::milliseconds(3000);
  const auto since = last_ == Clock::time_point{} ? now - start_ : now - last_;
  if (style_ == Style::kNone || since < pause) return;
  last_ = now;
  const double fraction =
      total == 0 ? 0.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  std::string shown(text);
  if (fraction > 0.02 && fraction < 1.0) {
    shown += ", about " + format_seconds(elapsed * (1.0 - fraction) / fraction) + " left";
  }
  if (style_ == Style::kBar) {
    draw_bar(fraction, shown, detail);
  } else {
    fmt::print(stderr, "engram: {} {:.0f} % ({})\n", title_, fraction * 100.0, shown);
  }
}

void Progress::draw_bar(double fraction, std::string_view text, std::string_view detail) {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  const std::size_t width = known ? size.ws_col : 80;
  constexpr std::size_t kCells = 24;
  const auto filled = static_cast<std::size_t>(fraction * kCells);
  std::string line = fmt::format("{} [{}{}] {:3.0f} %  {}", title_, std::string(filled, '='),
                                 std::string(kCells - filled, ' '), fraction * 100.0, text);
  if (!detail.empty()) line += fmt::format("  {}", to_valid_utf8(detail));
  line.resize(utf8_floor(line, width - 1));
  fmt::print(stderr, "\r\033[K{}", line);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::finish() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000.0;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} bytes", bytes);
  return value < 9.95 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                      : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string format_seconds(double seconds) {
  if (seconds < 1.0) return fmt::format("{:.0f} ms", seconds * 1000.0);
  if (seconds < 60.0) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace engram::cli
