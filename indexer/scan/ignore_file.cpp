#include "indexer/scan/ignore_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace engram {

namespace {

constexpr std::size_t kMaxIgnoreFileBytes = 1u << 20;

// Trailing spaces do not count unless the last is escaped ("a\ ").
std::string_view trim_trailing_spaces(std::string_view line) {
  std::size_t end = line.size();
  while (end > 0 && line[end - 1] == ' ') --end;
  std::size_t backslashes = 0;
  while (backslashes < end && line[end - 1 - backslashes] == '\\') ++backslashes;
  if (backslashes % 2 == 1 && end < line.size()) ++end;
  return line.substr(0, end);
}

std::optional<IgnoreRule> parse_rule(std::string_view line, std::uint32_t number,
                                     bool ignore_case) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with('#')) return std::nullopt;
  line = trim_trailing_spaces(line);
  const std::string_view written = line;
  const bool negated = line.starts_with('!');
  if (negated) line.remove_prefix(1);
  const bool directory_only = line.ends_with('/');
  if (directory_only) line.remove_suffix(1);
  if (line.empty()) return std::nullopt;
  const bool by_name = line.find('/') == std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return std::nullopt;
  return IgnoreRule{Glob(line, ignore_case), negated, directory_only, by_name, number,
                    std::string(written)};
}

std::string read_descriptor(int fd, std::size_t limit) {
  std::string text;
  char buffer[16384];
  while (text.size() < limit) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

IgnoreFile IgnoreFile::parse(std::string_view text, Place place) {
  IgnoreFile file;
  file.place_ = std::move(place);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto rule = parse_rule(text.substr(0, end), number, file.place_.ignore_case)) {
      file.rules_.push_back(std::move(*rule));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return file;
}

std::optional<IgnoreFile> IgnoreFile::load(int directory_fd, const char* name, Place place) {
  const int fd =
      ::openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return std::nullopt;
  struct stat status{};
  std::optional<IgnoreFile> file;
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    file = parse(read_descriptor(fd, kMaxIgnoreFileBytes), std::move(place));
    if (file->empty()) file.reset();
  }
  ::close(fd);
  return file;
}

const IgnoreRule* IgnoreFile::find_rule(std::string_view path, bool is_directory) const {
  if (!path.starts_with(place_.base)) return nullptr;
  const std::string from_above = place_.outer.empty() ? "" : place_.outer + std::string(path);
  const std::string_view below =
      place_.outer.empty() ? path.substr(place_.base.size()) : std::string_view(from_above);
  const std::string_view name = below.substr(below.rfind('/') + 1);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->directory_only && !is_directory) continue;
    if (rule->glob.matches(rule->by_name ? name : below)) return &*rule;
  }
  return nullptr;
}

IgnoreVerdict is_ignored(const IgnoreScope* scope, std::string_view path, bool is_directory) {
  for (; scope != nullptr; scope = scope->parent.get()) {
    for (auto file = scope->files.rbegin(); file != scope->files.rend(); ++file) {
      if (const IgnoreRule* rule = file->find_rule(path, is_directory)) {
        return {!rule->negated, fmt::format("{}:{}: {}", file->source(), rule->line, rule->text)};
      }
    }
  }
  return {};
}

}  // namespace engram
