#include "indexer/commands/compile_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "core/atomic_file.h"
#include "indexer/commands/cuda_headers.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxExamples = 20;
constexpr std::size_t kMaxFlagsFileBytes = 1 << 20;

std::vector<std::string> folders_with_clangd(const std::vector<std::string>& files) {
  std::vector<std::string> out = {""};
  for (const std::string& file : files) {
    if (file.ends_with("/.clangd")) out.push_back(file.substr(0, file.size() - 8));
  }
  std::sort(out.begin(), out.end());  // parents before what they hold
  return out;
}

}  // namespace

Result<std::unique_ptr<CompileCommands>> CompileCommands::open(CompileCommandsOptions options,
                                                               std::stop_token stop) {
  std::unique_ptr<CompileCommands> out(new CompileCommands(std::move(options)));
  const CompileCommandsOptions& o = out->options_;
  std::error_code ec;
  out->root_ = fs::weakly_canonical(o.workspace, ec).string();
  out->toolchain_ = read_toolchain();
  out->policy_.add_root(out->root_);
  for (const fs::path& root : o.approved_roots) out->policy_.add_root(root);
  for (const std::string& root : out->toolchain_.roots()) out->policy_.add_root(root);
  if (!o.cache.empty()) {
    ENGRAM_TRY(headers, write_cuda_headers(o.cache));
    out->cuda_headers_ = headers;
    out->policy_.add_root(headers);
  }
  out->clangd_ = read_clangd_settings(out->root_, folders_with_clangd(o.files.all));
  out->report_.messages = out->clangd_.messages();
  out->ask_drivers();
  if (!o.database.empty()) {
    const fs::path file = fs::is_directory(o.database, ec) ? o.database / "compile_commands.json"
                                                           : fs::absolute(o.database, ec);
    const fs::path folder = fs::weakly_canonical(file, ec).parent_path();
    ENGRAM_TRY_VOID(out->load({file, folder, "named"}, stop));
  } else {
    std::vector<std::string> named;
    for (const ClangdFragment& fragment : out->clangd_.fragments()) {
      if (!fragment.database.empty()) named.push_back(fragment.database);
    }
    DatabaseSearch search = find_compile_databases(out->root_, named, o.home);
    for (std::string& message : search.messages)
      out->report_.messages.push_back(std::move(message));
    for (const FoundDatabase& database : search.found) {
      if (!out->report_.database.empty()) {
        out->report_.unused.push_back(database.file.string());
        continue;
      }
      const auto loaded = out->load(database, stop);
      if (!loaded && loaded.error().code == Errc::kCancelled) return loaded.error();
      if (!loaded) out->report_.messages.push_back(loaded.error().message);
    }
  }
  for (const std::string& file : out->table_.files()) {
    if (out->table_.of(file).size() > 1) ++out->report_.several;
  }
  out->lenders_.emplace(out->table_.files());
  if (out->table_.file_count() == 0) out->guess_units();
  return out;
}

void CompileCommands::guess_units() {
  if (options_.list_files) options_.files = options_.list_files();
  if (options_.most_guessed == 0) return;
  for (const std::string& source : options_.files.sources) guessed_.push_back(root_ + "/" + source);
  is_guessed_.insert(guessed_.begin(), guessed_.end());
}

bool CompileCommands::is_unit(const std::string& file) const {
  return guesses() ? is_guessed_.contains(file) : table_.contains(file);
}

void CompileCommands::ask_drivers() {
  for (const fs::path& driver : options_.drivers) {
    std::error_code ec;
    if (is_within(fs::weakly_canonical(driver, ec).string(), root_)) {  // anyone could replace it
      report_.messages.push_back(
          fmt::format("'{}' is not asked: it lies in the workspace", driver.string()));
      continue;
    }
    auto folders = ask_driver(driver);
    if (!folders) {
      report_.messages.push_back(folders.error().message);
      continue;
    }
    for (const auto* list : {&folders->c, &folders->cxx}) {
      for (const std::string& folder : *list) policy_.add_root(folder);
    }
    drivers_[driver.lexically_normal().string()] = *std::move(folders);
  }
}

Result<void> CompileCommands::load(const FoundDatabase& database, std::stop_token stop) {
  policy_.add_root(database.folder);
  const std::string source = database.file.string();
  const auto read = read_compile_database(
      database.file, [&](DatabaseEntry entry) { add_entry(std::move(entry), source); }, stop);
  if (!read) {
    table_ = {};
    report_.flags = {};
    return read.error();
  }
  report_.database = source;
  report_.reason = database.reason;
  report_.entries = read->entries;
  report_.faulty = read->faulty;
  for (const std::string& fault : read->faults) example(source, fault);
  return {};
}

void CompileCommands::example(const std::string& file, std::string_view why) {
  if (report_.examples.size() < kMaxExamples) {
    report_.examples.push_back(fmt::format("{}: {}", file, why));
  }
}

// A path as the workspace names it, also when the database took another way through links.
std::string CompileCommands::workspace_path(const std::string& path) const {
  if (is_within(path, root_)) return path;
  std::error_code ec;
  const std::string real = fs::weakly_canonical(path, ec).string();
  return ec ? path : real;
}

void CompileCommands::add_entry(DatabaseEntry entry, const std::string& source) {
  entry.file = workspace_path(entry.file);
  std::error_code ec;
  if (!policy_.allows(entry.file)) {
    ++report_.outside_files;
    return example(entry.file, "outside the workspace and its build folder");
  }
  if (!fs::is_regular_file(entry.file, ec)) {
    ++report_.missing_files;
    return example(entry.file, "there is no such file");
  }
  clangd_.apply(entry.file, entry.arguments);
  CleanedCommand cleaned =
      clean_command(entry, {policy_, toolchain_, cuda_headers_, &drivers_}, report_.flags);
  if (!cleaned.why_not.empty()) {
    ++report_.other_languages;
    return;
  }
  cleaned.command.source = source;
  table_.add(cleaned.command);
}

std::vector<CompileCommand> CompileCommands::commands_for(const std::string& file,
                                                          const IncludersOf& includers) const {
  std::vector<CompileCommand> out = found_for(file, includers);
  for (CompileCommand& command : out) {
    if (has_modules(command)) command.modules = modules_.imports_of(file);
  }
  return out;
}

std::optional<CompileCommand> CompileCommands::command_of_text(const std::string& file,
                                                               std::string_view text) const {
  std::optional<CompileCommand> command = first_found_for(file);
  if (command && has_modules(*command)) {
    command->modules = modules_.imports_of(file, module_names(text));
  }
  return command;
}

std::optional<CompileCommand> CompileCommands::first_found_for(const std::string& file) const {
  std::vector<CompileCommand> commands = found_for(file, {});
  if (commands.empty()) return std::nullopt;
  return std::move(commands.front());
}

std::vector<CompileCommand> CompileCommands::found_for(const std::string& file,
                                                       const IncludersOf& includers) const {
  std::vector<CompileCommand> out = table_.of(file);
  if (!out.empty() || !policy_.allows(file)) return out;
  if (c_family_language(file, true).empty() && !is_c_family_header(file)) return out;
  out = from_flags_file(file);
  if (out.empty()) out = borrowed(file, includers);
  if (out.empty()) out = inferred(file);
  return out;
}

const std::optional<std::vector<std::string>>& CompileCommands::flags_file(
    const std::string& folder) const {
  const auto [it, added] = flags_files_.try_emplace(folder);
  if (!added) return it->second;
  const auto text = read_file(fs::path(folder) / "compile_flags.txt", kMaxFlagsFileBytes);
  if (!text || !policy_.allows(folder + "/compile_flags.txt")) return it->second;
  it->second.emplace();
  std::istringstream lines(*text);  // one argument a line, as clang's FixedCompilationDatabase
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos) continue;
    it->second->push_back(line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1));
  }
  return it->second;
}

std::vector<CompileCommand> CompileCommands::from_flags_file(const std::string& file) const {
  for (std::string folder = fs::path(file).parent_path().string(); is_within(folder, root_);
       folder = fs::path(folder).parent_path().string()) {
    if (const auto& flags = flags_file(folder)) {
      const bool cxx = c_family_language(file, false) != "c";
      DatabaseEntry entry{folder, file, {cxx ? "clang++" : "clang"}};
      entry.arguments.insert(entry.arguments.end(), flags->begin(), flags->end());
      return cleaned(std::move(entry), folder + "/compile_flags.txt");
    }
    if (folder == root_) break;
  }
  return {};
}

std::vector<CompileCommand> CompileCommands::borrowed(const std::string& file,
                                                      const IncludersOf& includers) const {
  std::vector<std::string> known;
  if (includers) {
    for (std::string& includer : includers(file)) {
      if (table_.contains(includer)) known.push_back(std::move(includer));
    }
  }
  const std::string lender =
      known.empty() ? lenders_->nearest(file) : CommandLenders::nearest_of(file, known);
  if (lender.empty()) return {};
  // One of the lender's configurations: which of them the file is used in, nobody knows.
  return {borrow_command(table_.of(lender).front(), file, toolchain_, cuda_headers_)};
}

std::vector<CompileCommand> CompileCommands::inferred(const std::string& file) const {
  if (!inferred_) inferred_ = infer_flags(root_, options_.files.all);
  if (!roots_) {
    roots_ = std::make_unique<IncludeRoots>(root_, options_.files.all,
                                            toolchain_.system_headers({.cxx = true}));
  }
  const std::string_view own =
      c_family_language(file, is_c_family_header(file) && inferred_->headers_are_cxx);
  const bool cxx = own != "c" && own != "c-header" && !own.starts_with("objective-c");
  DatabaseEntry entry{root_, file, {cxx ? "clang++" : "clang"}};
  if (!own.starts_with("objective")) {
    entry.arguments.push_back("-std=" + (cxx ? inferred_->cxx_standard : inferred_->c_standard));
  }
  const auto folder = [&](const std::string& root) {
    return root.empty() ? root_ : root_ + "/" + root;
  };
  // What the tree says holds for what is in it.
  const bool inside = is_within(file, root_) && file.size() > root_.size();
  const std::string relative = inside ? file.substr(root_.size() + 1) : std::string();
  if (inside) {
    for (const std::string& made : inferred_->definitions_for(relative)) {
      entry.arguments.push_back("-D" + made);
    }
  }
  const IncludeRoots::Roots roots = roots_->of(relative);
  for (const auto& root : roots.early) entry.arguments.push_back("-I" + folder(root));
  for (const auto& root : roots.late) {
    entry.arguments.insert(entry.arguments.end(), {"-idirafter", folder(root)});
  }
  return cleaned(std::move(entry), "the tree's own includes");
}

std::vector<CompileCommand> CompileCommands::cleaned(DatabaseEntry entry,
                                                     std::string source) const {
  clangd_.apply(entry.file, entry.arguments);
  FlagReport ignored;
  CleanedCommand clean =
      clean_command(entry, {policy_, toolchain_, cuda_headers_, &drivers_}, ignored);
  if (!clean.why_not.empty()) return {};
  clean.command.origin = CommandOrigin::kInferred;
  clean.command.source = std::move(source);
  return {std::move(clean.command)};
}

}  // namespace engram
