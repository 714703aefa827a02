// tests/pipeline/workspace_fixture.h: a workspace and its store, and everything a store says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "indexer/pipeline.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

class Workspace {
 public:
  Workspace() { std::filesystem::create_directories(root()); }

  std::filesystem::path root() const { return directory_.path() / "w"; }
  std::filesystem::path store() const { return directory_.path() / "store"; }

  void write(std::string_view relative, std::string_view contents) const {
    directory_.write("w/" + std::string(relative), contents);
  }
  // Gives a file an old mtime, so that the next run may trust it.
  void age(std::string_view relative, std::int64_t seconds = 1'600'000'000) const;
  void age_all() const;
  void remove(std::string_view relative) const { std::filesystem::remove_all(root() / relative); }

  IndexReport index(const IndexOptions& options = {}) const;
  IndexReport update(const std::vector<std::string>& paths, const IndexOptions& options = {}) const;

 private:
  TemporaryDirectory directory_;
};

// Small C++ sources, different for each number and seed.
std::string sample_source(unsigned number, unsigned seed = 0);

// path -> a text that holds its language, flags, licence, contents and every fact: two stores with
// equal snapshots say the same.
using Snapshot = std::map<std::string, std::string>;
Snapshot snapshot_of(const std::filesystem::path& store);

bool has_symbol(const std::filesystem::path& store, const std::string& name);
std::string reason_of(const std::vector<SkippedFile>& skipped, std::string_view path);

}  // namespace engram
