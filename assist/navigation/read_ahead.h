// assist/navigation/read_ahead.h: files of a workspace, read by all cores before somebody asks for
// them one by one.
//
// A question whose answer stands in a thousand files waits for their reading most.
//
// Threads: confined to one thread at a time; read() uses others and waits for them.
// Errors: none; a file that cannot be read, or is too much, is not there.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "indexer/scan/workspace_file.h"

namespace engram {

class ReadAhead {
 public:
  // `paths` are relative to the root. Ends early when `max_bytes` are read in all.
  void read(const WorkspaceRoot& root, const std::vector<std::string>& paths,
            std::size_t max_bytes);
  // As read; a file is given once.
  std::optional<WorkspaceRoot::Contents> take(const std::string& path);
  void clear() { files_.clear(); }

 private:
  std::map<std::string, WorkspaceRoot::Contents, std::less<>> files_;
};

}  // namespace engram
