#include "indexer/semantic/include_graph.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <set>

#include "core/atomic_file.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

std::string text_of(const std::string& path) {
  auto text = read_file(path, kMostTextForIncludes);
  return text ? *std::move(text) : std::string();
}

}  // namespace

std::vector<std::string> include_folders(const CompileCommand& command) {
  std::vector<std::string> folders{fs::path(command.file).parent_path().string()};
  const auto& arguments = command.arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    for (const std::string_view option : {"-I", "-iquote", "-isystem", "-idirafter"}) {
      if (!arguments[i].starts_with(option)) continue;
      if (arguments[i].size() > option.size()) {
        folders.push_back(arguments[i].substr(option.size()));
      } else if (i + 1 < arguments.size()) {
        folders.push_back(arguments[i + 1]);
      }
      break;
    }
  }
  return folders;
}

IncludeGraph::IncludeGraph(const std::string& root) : root_(root + "/") {}

IncludeGraph::Node IncludeGraph::node_of(const std::string& path, bool& is_new) {
  const auto [it, inserted] = nodes_.try_emplace(path, static_cast<Node>(files_.size()));
  if (inserted) files_.push_back({path, {}, {}, {}, {}});
  is_new = inserted;
  return it->second;
}

bool IncludeGraph::exists(const std::string& path) {
  const auto [it, is_new] = exists_.try_emplace(path, false);
  std::error_code ec;
  if (is_new) it->second = fs::is_regular_file(fs::symlink_status(path, ec));
  return it->second;
}

// Empty when it is not found below the workspace.
std::string IncludeGraph::resolve(const std::string& name, bool angled, const std::string& folder,
                                  const std::vector<std::string>& folders) {
  const auto in = [&](const std::string& candidate) {
    std::string path = (fs::path(candidate) / name).lexically_normal().string();
    return path.starts_with(root_) && exists(path) ? path : std::string();
  };
  if (!angled) {
    if (std::string path = in(folder); !path.empty()) return path;
  }
  for (std::size_t i = 1; i < folders.size(); ++i) {
    if (std::string path = in(folders[i]); !path.empty()) return path;
  }
  return {};
}

void IncludeGraph::read(Node node, const CompileCommand& command) {
  std::vector<std::string> folders = include_folders(command);
  for (std::string& folder : folders) {
    if (!folder.starts_with('/')) folder = command.directory + "/" + folder;
  }
  std::deque<Node> waiting{node};
  while (!waiting.empty()) {
    const Node from = waiting.front();
    waiting.pop_front();
    const std::string path = files_[from].path;
    const std::string folder = fs::path(path).parent_path().string();
    for (const auto& [name, angled] : include_names(text_of(path))) {
      const std::string target = resolve(name, angled, folder, folders);
      if (target.empty()) {
        if (angled) files_[from].outside.push_back(number_outside(name));
        continue;
      }
      bool is_new = false;
      const Node to = node_of(target, is_new);
      files_[from].includes.push_back(to);
      files_[to].included_by.push_back(from);
      if (is_new) waiting.push_back(to);
    }
  }
}

std::uint32_t IncludeGraph::number_outside(const std::string& name) {
  const auto [it, is_new] =
      outside_numbers_.try_emplace(name, static_cast<std::uint32_t>(outside_.size()));
  if (is_new) outside_.push_back(name);
  return it->second;
}

void IncludeGraph::add_unit(const CompileCommand& command, std::uint32_t number) {
  bool is_new = false;
  const Node node = node_of(command.file, is_new);
  files_[node].units.push_back(number);
  if (is_new) read(node, command);
}

void IncludeGraph::add_file(const std::string& path, const CompileCommand& as) {
  bool is_new = false;
  const Node node = node_of(path, is_new);
  if (is_new) read(node, as);
}

std::unordered_map<std::uint32_t, std::uint32_t> IncludeGraph::units_including(
    const std::string& file) const {
  std::unordered_map<std::uint32_t, std::uint32_t> units;
  const auto start = nodes_.find(file);
  if (start == nodes_.end()) return units;
  std::vector<bool> seen(files_.size());
  std::deque<std::pair<Node, std::uint32_t>> waiting{{start->second, 0}};
  seen[start->second] = true;
  while (!waiting.empty()) {
    const auto [node, distance] = waiting.front();
    waiting.pop_front();
    for (const std::uint32_t unit : files_[node].units) units.try_emplace(unit, distance);
    for (const Node from : files_[node].included_by) {
      if (seen[from]) continue;
      seen[from] = true;
      waiting.emplace_back(from, distance + 1);
    }
  }
  return units;
}

std::vector<std::string> IncludeGraph::names_outside(const std::string& file) const {
  const auto start = nodes_.find(file);
  if (start == nodes_.end()) return {};
  std::vector<bool> seen(files_.size());
  std::vector<Node> waiting{start->second};
  seen[start->second] = true;
  std::set<std::string> names;
  while (!waiting.empty()) {
    const File& from = files_[waiting.back()];
    waiting.pop_back();
    for (const std::uint32_t name : from.outside) names.insert(outside_[name]);
    for (const Node to : from.includes) {
      if (seen[to]) continue;
      seen[to] = true;
      waiting.push_back(to);
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> IncludeGraph::included_by(const std::string& file) const {
  std::vector<std::string> paths;
  const auto it = nodes_.find(file);
  if (it == nodes_.end()) return paths;
  for (const Node node : files_[it->second].includes) paths.push_back(files_[node].path);
  return paths;
}

}  // namespace engram
