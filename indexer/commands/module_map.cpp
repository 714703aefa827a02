#include "indexer/commands/module_map.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "core/atomic_file.h"

namespace engram {

namespace {

constexpr std::size_t kMostText = std::size_t{4} << 20;  // larger files are generated

std::size_t shared_folders(std::string_view a, std::string_view b) {
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(std::count(a.begin(), differ.first, '/'));
}

}  // namespace

bool has_modules(const CompileCommand& command) {
  for (const std::string& argument : command.arguments) {
    if (!argument.starts_with("-std=")) continue;
    const std::size_t plus = argument.find("++");
    if (plus == argument.npos) return false;  // C
    const std::string_view year = std::string_view(argument).substr(plus + 2);
    return year.starts_with('2');  // 20, 2a, 23, 2b, 26, 2c
  }
  return false;
}

ModuleMap::Stamp ModuleMap::stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ino};
}

const ModuleNames& ModuleMap::names_in(const std::string& file) {
  Source& source = sources_[file];
  const Stamp now = stamp_of(file);
  if (now == source.stamp && now.size >= 0) return source.names;
  source = {now, {}};
  if (const auto text = read_file(file, kMostText)) source.names = module_names(*text);
  return source.names;
}

void ModuleMap::look_at_all() {
  looked_ = true;
  declared_.clear();
  for (const std::string& file : units_()) {
    const auto known = sources_.find(file);
    if (known == sources_.end()) {
      const auto command = command_of_(file);
      if (!command || !has_modules(*command)) continue;
    }
    const ModuleNames& names = names_in(file);
    if (names.importable) declared_[names.module].push_back(file);
  }
  for (auto& [module, files] : declared_) std::sort(files.begin(), files.end());
}

// Empty: nobody declares it.
std::string ModuleMap::source_of(const std::string& module, const std::string& importer) {
  const auto still = [&](const std::string& file) {
    const ModuleNames& names = names_in(file);
    return names.importable && names.module == module;
  };
  const auto known = declared_.find(module);
  const bool holds = known != declared_.end()
                         ? std::all_of(known->second.begin(), known->second.end(), still)
                         : looked_;
  if (!holds) look_at_all();
  const auto files = declared_.find(module);
  if (files == declared_.end()) return {};
  return *std::max_element(files->second.begin(), files->second.end(),
                           [&](const std::string& a, const std::string& b) {
                             return shared_folders(a, importer) < shared_folders(b, importer);
                           });
}

struct ModuleMap::Walk {
  std::string importer;
  std::set<std::string> seen;  // modules
  std::vector<ModuleSource> found;
};

void ModuleMap::add(const std::string& module, Walk& walk) {
  if (!walk.seen.insert(module).second) return;
  const std::string file = source_of(module, walk.importer);
  if (file.empty()) return;
  const std::vector<std::string> imports = names_in(file).imports;  // which the next call may move
  for (const std::string& import : imports) add(import, walk);
  if (auto command = command_of_(file)) {
    walk.found.push_back({module, std::move(command->directory), std::move(command->arguments)});
  }
}

std::vector<ModuleSource> ModuleMap::imports_of(const std::string& file) {
  return imports_of(file, ModuleNames(names_in(file)));  // a copy: looking at others moves it
}

std::vector<ModuleSource> ModuleMap::imports_of(const std::string& file, const ModuleNames& names) {
  Walk walk{file, {}, {}};
  if (names.importable) walk.seen.insert(names.module);  // it does not import itself
  for (const std::string& module : names.imports) add(module, walk);
  return std::move(walk.found);
}

}  // namespace engram
