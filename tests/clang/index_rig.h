// tests/clang/index_rig.h: how the tests index a folder with a real worker: one at a time, at once.
#pragma once

#include <filesystem>

#include "indexer/semantic/semantic_index.h"
#include "tests/support/catch.h"

namespace engram {

inline SemanticIndexOptions index_options(const std::filesystem::path& root,
                                          const std::filesystem::path& store) {
  SemanticIndexOptions options;
  options.root = root.string();
  options.store = store;
  options.worker.program = ENGRAM_CLANG_WORKER;
  options.worker.background = false;
  options.jobs = 1;
  return options;
}

// By the compile database below `root`.
inline SemanticIndexReport index_units_of(const std::filesystem::path& root,
                                          const SemanticIndexOptions& options) {
  CompileCommandsOptions where;
  where.workspace = root;
  const auto commands = CompileCommands::open(where);
  REQUIRE(commands);
  auto report = index_units(**commands, options);
  INFO((report ? "" : report.error().message));
  REQUIRE(report);
  return *std::move(report);
}

}  // namespace engram
