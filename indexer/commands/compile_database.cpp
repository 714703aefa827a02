#include "indexer/commands/compile_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/file_descriptor.h"
#include "core/json_array_reader.h"
#include "indexer/commands/shell_words.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPortion = std::size_t{1} << 18;
constexpr std::size_t kMaxFaults = 20;
constexpr std::size_t kMaxArguments = 65536;

std::string absolute(const fs::path& base, std::string_view path) {
  return (base / fs::path(path)).lexically_normal().string();
}

// nullptr, or why the entry cannot be used.
const char* read_entry(const json::value& element, const fs::path& base, DatabaseEntry& entry) {
  if (!element.is_object()) return "not an object";
  const auto directory = find_string(element, "directory");
  const auto file = find_string(element, "file");
  if (!directory) return "no 'directory'";
  if (!file || file->empty()) return "no 'file'";
  if (directory->find('\0') != std::string_view::npos ||
      file->find('\0') != std::string_view::npos) {
    return "a zero byte in a path";
  }
  if (const json::array* arguments = find_array(element, "arguments")) {
    if (arguments->size() > kMaxArguments) return "too many arguments";
    for (const json::value& argument : *arguments) {
      if (!argument.is_string()) return "an argument is no string";
      entry.arguments.emplace_back(std::string_view(argument.get_string()));
    }
  } else if (const auto command = find_string(element, "command")) {
    entry.arguments = split_words(*command);
    if (entry.arguments.size() > kMaxArguments) return "too many arguments";
  } else {
    return "neither 'arguments' nor 'command'";
  }
  if (entry.arguments.empty()) return "an empty command";
  entry.directory = absolute(base, *directory);
  entry.file = absolute(entry.directory, *file);
  return nullptr;
}

Error cannot_read(const fs::path& file, const std::string& why, Errc code) {
  return {code, fmt::format("cannot read '{}': {}", file.string(), why)};
}

}  // namespace

Result<DatabaseSummary> read_compile_database(const fs::path& file,
                                              const std::function<void(DatabaseEntry)>& on_entry,
                                              std::stop_token stop) {
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) {
    return cannot_read(file, std::strerror(errno), errno == ENOENT ? Errc::kNotFound : Errc::kIo);
  }
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return cannot_read(file, "not a regular file", Errc::kInvalidArgument);
  }
  DatabaseSummary summary;
  const fs::path base = fs::absolute(file).parent_path();
  JsonArrayReader reader([&](const json::value& element) {
    DatabaseEntry entry;
    const char* fault = read_entry(element, base, entry);
    if (fault == nullptr) {
      ++summary.entries;
      on_entry(std::move(entry));
      return;
    }
    if (summary.faults.size() < kMaxFaults) {
      summary.faults.push_back(
          fmt::format("entry {}: {}", summary.entries + summary.faulty + 1, fault));
    }
    ++summary.faulty;
  });
  std::vector<char> portion(kPortion);
  while (true) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "cancelled"};
    const ssize_t n = ::read(fd.get(), portion.data(), portion.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot_read(file, std::strerror(errno), Errc::kIo);
    if (n == 0) break;
    summary.bytes += static_cast<std::uint64_t>(n);
    const auto fed = reader.feed({portion.data(), static_cast<std::size_t>(n)});
    if (!fed) return cannot_read(file, fed.error().message, Errc::kInvalidArgument);
  }
  if (const auto end = reader.finish(); !end) {
    return cannot_read(file, end.error().message, Errc::kInvalidArgument);
  }
  return summary;
}

}  // namespace engram
