#include "assist/navigation/read_ahead.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

namespace engram {

namespace {
constexpr std::size_t kFilesPerThread = 64;  // fewer are read before a thread has begun
constexpr std::size_t kMostThreads = 4;
}  // namespace

void ReadAhead::read(const WorkspaceRoot& root, const std::vector<std::string>& paths,
                     std::size_t max_bytes) {
  std::vector<std::optional<WorkspaceRoot::Contents>> found(paths.size());
  std::atomic<std::size_t> next = 0, bytes = 0;
  const auto work = [&] {
    while (bytes < max_bytes) {
      const std::size_t i = next++;
      if (i >= paths.size()) return;
      auto contents = root.read(paths[i], max_bytes);
      if (!contents) continue;
      bytes += contents->text.size();
      found[i] = *std::move(contents);
    }
  };
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t threads = std::min({cores, kMostThreads, 1 + paths.size() / kFilesPerThread});
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (found[i]) files_.insert_or_assign(paths[i], *std::move(found[i]));
  }
}

std::optional<WorkspaceRoot::Contents> ReadAhead::take(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return std::nullopt;
  std::optional<WorkspaceRoot::Contents> contents(std::move(found->second));
  files_.erase(found);
  return contents;
}

}  // namespace engram
