// tests/clang/worker_rig.h: a real engram-clang-worker on a folder of fixtures.
#pragma once

#include <cstdlib>

#include "indexer/semantic/worker_process.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

inline WorkerOptions worker_options(const std::filesystem::path& folder) {
  WorkerOptions options;
  options.program = ENGRAM_CLANG_WORKER;
  options.readable = toolchain_folders();
  options.readable.push_back(folder.string());
  options.background = false;
  return options;
}

// clang, or clang++, on `file` below `folder`, without the system's headers unless asked for.
inline UnitRequest unit_request(const std::filesystem::path& folder, const std::string& file,
                                std::vector<std::string> more = {"-nostdinc"}) {
  UnitRequest request;
  request.root = folder.string();
  request.directory = folder.string();
  const bool c = file.ends_with(".c");
  request.arguments = {c ? "clang" : "clang++", c ? "-std=c11" : "-std=c++20", "-Wall"};
  request.arguments.insert(request.arguments.end(), more.begin(), more.end());
  request.arguments.push_back((folder / file).string());
  request.cpu_seconds = 60;
  return request;
}

inline UnitReply parse(const std::filesystem::path& folder, const UnitRequest& request) {
  const auto worker = WorkerProcess::start(worker_options(folder));
  REQUIRE(worker);
  const auto reply = (*worker)->ask(request);
  INFO((reply ? "" : reply.error().message));
  REQUIRE(reply);
  return *reply;
}

}  // namespace engram
