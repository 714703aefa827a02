// indexer/clang/forked_parses.h: every unit in a process of its own, forked from one that may have
// read the headers it begins with.
//
// What units of one command read alike is read once: a process parses the first part of their
// prefix (UnitRequest::prefix) and stops; a copy of it goes on with the next part and stops, too;
// and copies of the last one go on with units, each in the state of Clang that reading the prefix
// itself would have made, at the price of the pages it changes. Nothing is written to a disk and
// nothing read back. Units whose prefix showed (prefix_check.h), or that have none, are parsed from
// nothing, a number of them one after the other in one copy of this process.
//
// The processes of a prefix wait for each other: this one for the first part's, that one for the
// second's, and the last one has the pipe. Only they may fork, and they read headers outside the
// workspace alone (one that meets another ends with the part): a unit's process gives that up
// before it reads. A unit's end is this process's
// own: crash or limit, it dies of the same.
//
// Threads: confined.  Errors: answer() is false when nothing could be sent.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_descriptor.h"
#include "indexer/clang/forking_host.h"
#include "indexer/clang/header_views.h"
#include "indexer/semantic/unit_message.h"

namespace engram {

class ForkedParses {
 public:
  // `stretch`: of limits by the clock (limit_time).
  ForkedParses(std::vector<std::string> roots, std::uint32_t stretch)
      : roots_(std::move(roots)), stretch_(stretch) {}
  ~ForkedParses() {
    end_prefix();
    end_whole();
  }
  ForkedParses(const ForkedParses&) = delete;
  ForkedParses& operator=(const ForkedParses&) = delete;

  // The reply goes out on kWorkerDescriptor.
  bool answer(UnitRequest request);

 private:
  using Part = std::vector<std::string>;
  // `differences`: as names, whose views it is to tell.
  bool parse_whole(UnitRequest request, const Part& differences = {});
  void learn(const std::string& command, const Part& differences, std::string_view views);
  bool begin_whole();
  void end_whole();
  [[noreturn]] void serve_whole(int in, int out);
  bool may_have_prefix(const UnitRequest& request) const;
  // nullopt: it was. Else it has to be parsed whole, for these differences.
  std::optional<Part> parse_after_prefix(UnitRequest request);
  bool reach(const UnitRequest& request);
  std::vector<Part> fit_parts(const std::vector<Part>& parts) const;
  bool begin_prefix(const UnitRequest& request);
  bool add_part(const Part& part);
  void end_prefix();
  [[noreturn]] void serve_prefix(UnitRequest request, int in, int out);

  const std::vector<std::string> roots_;
  const std::uint32_t stretch_;
  HeldViews held_;
  std::vector<ViewKey> held_in_order_;
  // The process that parses from nothing.
  pid_t whole_ = -1;
  std::optional<FileDescriptor> to_whole_, from_whole_;
  std::size_t held_by_whole_ = 0;
  int parsed_whole_ = 0;
  // Of the running prefix.
  pid_t first_ = -1;
  std::optional<FileDescriptor> to_last_, from_units_;
  std::string command_;
  std::vector<Part> parts_;
  std::size_t held_then_ = 0;  // what its processes know
  // What was learned, by command.
  struct Experience {
    std::set<std::string> unfit;
    ToldDifferences told;
    int shared = 0, repeated = 0, different = 0;
  };
  std::map<std::string, Experience> experience_;
};

}  // namespace engram
