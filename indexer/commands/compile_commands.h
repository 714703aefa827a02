// indexer/commands/compile_commands.h: how every file of a workspace is compiled. The face of this
// folder; the Clang worker's caller needs nothing else from it.
//
// A file's commands come from, first that has any: its entries in the compile database (all its
// configurations, kExact); compile_flags.txt in the nearest folder above (kInferred); the command
// of a translation unit that includes it, or of the most similar one (kBorrowed); include roots
// guessed from the tree (kInferred). .clangd's CompileFlags hold for all of them. Every command is
// clean (clean_command.h). No build tool is run, and no compiler but those the user allowed
// (ask_driver.h).
//
// Where no database has any entry, the workspace's sources are its units all the same, each with
// such a guess.
//
// Threads: confined to one thread.  Errors: open: kNotFound, kInvalidArgument, kIo for a database
// that the user named; kCancelled. Faults of one that was found are messages.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "indexer/commands/borrow_command.h"
#include "indexer/commands/clangd_settings.h"
#include "indexer/commands/clean_command.h"
#include "indexer/commands/command_table.h"
#include "indexer/commands/find_databases.h"
#include "indexer/commands/include_roots.h"
#include "indexer/commands/inferred_flags.h"
#include "indexer/commands/module_map.h"

namespace engram {

// Of a workspace, relative, as scanned.
struct WorkspaceFiles {
  std::vector<std::string> all;  // of the C family, and build files: for guessing
  // Of them, those that are units where no database is; the most worth parsing first.
  std::vector<std::string> sources;
  friend bool operator==(const WorkspaceFiles&, const WorkspaceFiles&) = default;
};

// By their processor time, see docs/design/017-no-compile-database.md.
inline constexpr std::size_t kMostGuessedUnits = 2'000;

struct CompileCommandsOptions {
  std::filesystem::path workspace;
  std::filesystem::path database;  // named by the user: a file or its folder; empty: looked for
  std::vector<std::filesystem::path> approved_roots;  // outside; the user said they may be read
  std::vector<std::filesystem::path> drivers;  // compilers that may be run: for their folders
  std::filesystem::path cache;  // where CUDA's stand-in headers are written; empty: none are
  std::filesystem::path home;   // databases above the workspace are looked for below it
  WorkspaceFiles files;
  std::function<WorkspaceFiles()> list_files;  // in place of `files`, asked where guessing needs it
  std::size_t most_guessed = kMostGuessedUnits;  // units, but for open files; 0: none is guessed
};

struct CompileCommandsReport {
  std::string database, reason;     // which is used and why; empty: none
  std::vector<std::string> unused;  // other databases that were found
  std::size_t entries = 0;          // of the database
  std::size_t several = 0;          // files with more than one configuration
  std::size_t missing_files = 0, outside_files = 0, other_languages = 0, faulty = 0;
  std::vector<std::string> examples;  // the first few of those: "src/a.cpp: there is no such file"
  FlagReport flags;                   // of the database's commands
  std::vector<std::string> messages;
};

class CompileCommands {
 public:
  static Result<std::unique_ptr<CompileCommands>> open(CompileCommandsOptions options,
                                                       std::stop_token stop = {});

  // Absolute paths of the translation units that include a file, nearest first; from the index.
  using IncludersOf = std::function<std::vector<std::string>(const std::string& file)>;
  // `file`: absolute, in the workspace. Empty when it is none of the C family. With the modules
  // that its text imports now.
  std::vector<CompileCommand> commands_for(const std::string& file,
                                           const IncludersOf& includers = {}) const;

  // The first of them, with the modules that `text` would import as the contents of the file.
  std::optional<CompileCommand> command_of_text(const std::string& file,
                                                std::string_view text) const;

  // Modules that were missing may be there now; else a missing one stays so.
  void look_for_modules_again() const { modules_.look_again(); }

  // Main files of units: those with an entry, sorted; where there are none, the guessed ones, those
  // most worth parsing first.
  std::vector<std::string> files() const { return guesses() ? guessed_ : table_.files(); }
  std::size_t file_count() const { return guesses() ? guessed_.size() : table_.file_count(); }
  bool is_unit(const std::string& file) const;
  bool guesses() const { return !guessed_.empty(); }
  std::size_t most_guessed() const { return options_.most_guessed; }
  const WorkspaceFiles& workspace_files() const { return options_.files; }
  const CompileCommandsReport& report() const { return report_; }
  // All that Clang may read: the workspace, build folders, toolchains, what was approved.
  const std::vector<std::string>& readable_roots() const { return policy_.roots(); }

 private:
  explicit CompileCommands(CompileCommandsOptions options)
      : options_(std::move(options)),
        modules_([this] { return files(); },
                 [this](const std::string& file) { return first_found_for(file); }) {}
  std::vector<CompileCommand> found_for(const std::string& file,
                                        const IncludersOf& includers) const;
  std::optional<CompileCommand> first_found_for(const std::string& file) const;
  void ask_drivers();
  Result<void> load(const FoundDatabase& database, std::stop_token stop);
  void guess_units();
  void add_entry(DatabaseEntry entry, const std::string& source);
  void example(const std::string& file, std::string_view why);
  std::string workspace_path(const std::string& path) const;
  const std::optional<std::vector<std::string>>& flags_file(const std::string& folder) const;
  std::vector<CompileCommand> from_flags_file(const std::string& file) const;
  std::vector<CompileCommand> borrowed(const std::string& file, const IncludersOf& includers) const;
  std::vector<CompileCommand> inferred(const std::string& file) const;
  std::vector<CompileCommand> cleaned(DatabaseEntry entry, std::string source) const;

  CompileCommandsOptions options_;
  std::string root_;  // the workspace, links resolved
  Toolchain toolchain_;
  PathPolicy policy_;
  std::string cuda_headers_;
  DriverAnswers drivers_;
  ClangdSettings clangd_;
  CommandTable table_;
  std::vector<std::string> guessed_;  // empty where the table is not
  std::unordered_set<std::string> is_guessed_;
  std::optional<CommandLenders> lenders_;
  CompileCommandsReport report_;
  mutable std::map<std::string, std::optional<std::vector<std::string>>> flags_files_;
  mutable std::optional<InferredFlags> inferred_;
  mutable std::unique_ptr<IncludeRoots> roots_;
  mutable ModuleMap modules_;
};

}  // namespace engram
