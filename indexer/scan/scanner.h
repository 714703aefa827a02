// indexer/scan/scanner.h: which files of a workspace are worth knowing.
//
// In a git work tree: tracked files and untracked ones that git does not ignore (libgit2, no git
// program is run). In a plain directory: every file, .gitignore and .ignore files honoured.
// Every file left out is listed with a reason (a directory once, for all that lies below it; past
// 10,000 of one reason an "ignored_cap" entry counts the rest). Symbolic links are listed, never
// followed. Checked-out submodules are read by their own rules and flagged vendored; any other
// repository inside a work tree is left out. Directories that a program wrote (node_modules,
// build trees) are left out unless tracked. User files are read, never mapped.
//
// Threads: thread-safe (no shared state).  Errors: kNotFound / kInvalidArgument when the root is
// no directory or a bare repository; kCancelled. A file that cannot be read is an entry in
// `skipped`; a broken repository is scanned as a plain directory and noted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/facts.h"

namespace engram {

struct ScanOptions {
  std::uint64_t max_file_bytes = 4u << 20;  // larger files are listed as "too_large"
  std::vector<std::string> include{};       // globs; empty: everything
  std::vector<std::string> exclude{};       // globs, gitignore syntax
  std::uint64_t max_listed = 10'000;        // left out for one reason: the rest is only counted
};

struct ScanResult {
  std::vector<FileEntry> files;  // sorted by path; flags from the path alone (see inspect)
  std::vector<SkippedFile> skipped;
  bool is_git = false;
  std::string head;                // commit id of HEAD, or empty
  std::vector<std::string> notes;  // for a person: "broken git repository (...): treated as ..."
};

Result<ScanResult> scan_workspace(const std::filesystem::path& root, const ScanOptions& options,
                                  std::stop_token stop = {});

// The same verdicts for a few paths (saved in an editor, reported by the watcher): a file, or
// everything below a directory. A path that is gone is in neither list.
Result<ScanResult> scan_paths(const std::filesystem::path& root,
                              const std::vector<std::string>& paths, const ScanOptions& options,
                              std::stop_token stop = {});

// What the contents say, once read: binary, secret, generated, minified, licence. A non-empty
// reason means: leave it out. Called by the pipeline for files that are new or changed.
struct Inspection {
  std::string skip_reason;  // empty: keep
  std::string skip_detail;
  std::uint32_t flags = 0;  // FileFlag bits to add
  std::string licence;      // SPDX expression, or empty
};
Inspection inspect_contents(std::string_view path, std::string_view contents);

// The nearest directory upwards from `path` that is marked as a workspace by .git or .engram.toml.
std::optional<std::filesystem::path> find_marked_workspace(const std::filesystem::path& path);
// The workspace that contains `path`: the marked one, else the directory itself (the file's own
// directory for a file).
std::filesystem::path find_workspace(const std::filesystem::path& path);

}  // namespace engram
