// bench/semantic/store_costs.h: what keeping the facts costs: a store filled as units come, its
// bytes, and how fast it answers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "bench/support/scratch_directory.h"
#include "indexer/semantic/worker_pool.h"
#include "memory/semantic/semantic_writer.h"

namespace engram {

class StoreCosts {
 public:
  // An empty store in a new temporary folder, deleted at the end.
  explicit StoreCosts(const std::string& workspace);

  void add(const std::string& file, const UnitOutcome& outcome);
  // Commits what is left, then asks for 2,000 places and the most used symbols.
  void print(const std::string& name);

 private:
  ScratchDirectory folder_;
  std::unique_ptr<SemanticWriter> writer_;
  std::size_t units_ = 0;
  double seconds_ = 0;  // in the store
};

}  // namespace engram
