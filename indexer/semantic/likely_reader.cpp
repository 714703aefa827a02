#include "indexer/semantic/likely_reader.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/atomic_file.h"
#include "indexer/semantic/include_graph.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

std::size_t shared_folders(std::string_view a, std::string_view b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i) {
    count += a[i] == '/';
  }
  return count;
}

std::vector<std::string> most_alike_first(std::vector<std::string> files,
                                          const std::string& header) {
  const fs::path stem = fs::path(header).stem();
  std::vector<std::tuple<bool, std::size_t, std::size_t>> ranked;  // the greatest first; its number
  for (std::size_t i = 0; i < files.size(); ++i) {
    ranked.emplace_back(fs::path(files[i]).stem() == stem, shared_folders(files[i], header),
                        files.size() - i);
  }
  std::sort(ranked.rbegin(), ranked.rend());
  std::vector<std::string> sorted;
  for (const auto& rank : ranked) {
    sorted.push_back(std::move(files[files.size() - std::get<2>(rank)]));
  }
  return sorted;
}

bool names_it(const std::string& file, const std::string& header) {
  const auto text = read_file(file, kMostTextForIncludes);
  if (!text || text->find(fs::path(header).filename().string()) == std::string::npos) return false;
  const auto names = include_names(*text);
  return std::any_of(names.begin(), names.end(), [&](const auto& name) {
    const std::string end = fs::path("/" + name.first).lexically_normal().string();
    return header.ends_with(end);
  });
}

}  // namespace

std::optional<std::string> likely_reader(const CompileCommands& commands, const std::string& root,
                                         const std::string& header, const std::stop_token& stop) {
  const std::vector<std::string> files = most_alike_first(commands.files(), header);
  IncludeGraph graph(root);
  const std::size_t whole = std::min(files.size(), kMostReadWhole);
  for (std::size_t i = 0; i < whole && !stop.stop_requested(); ++i) {
    for (const CompileCommand& command : commands.commands_for(files[i])) {
      graph.add_unit(command, static_cast<std::uint32_t>(i));
    }
    if (!graph.units_including(header).empty()) return files[i];
  }
  const std::size_t glanced_at = std::min(files.size(), whole + kMostGlancedAt);
  for (std::size_t i = whole; i < glanced_at && !stop.stop_requested(); ++i) {
    if (names_it(files[i], header)) return files[i];
  }
  return std::nullopt;
}

}  // namespace engram
