// indexer/clang/forking_host.h: the processes that hold a prefix (forked_parses.h): each waits for
// what it is told to become, and becomes it in a copy of itself.
//
// What is said over their pipes: a letter, then what belongs to it.
//
// Threads: confined; fork_copy() with one thread running.  Errors: the process ends.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/clang/facts_action.h"

namespace engram {

constexpr std::uint32_t kMaxPrefixMessage = 256u << 20;
// To the last process of a prefix: a unit, headers to go on with, the end of the last part,
// differences and the views that some unit has told of them.
constexpr char kUnit = 'u', kMoreHeaders = 'h', kEnd = 'e', kTold = 't';
// Back: the unit has been answered; or has to be parsed whole, since it never asks for some names
// or since no unit has told some differences (path and how); headers were read; or some cannot be.
constexpr char kReplied = 'r', kWhole = 'w', kDiffers = 'd', kReady = 'y', kUnfit = 'n';

bool send_names(int fd, char what, const std::vector<std::string>& names);
std::vector<std::string> names_in(std::string_view body);

// A copy of this process that does not outlive it; 0 in the copy, below zero when there is none.
pid_t fork_copy();
// Its status; kSignalStatus plus the signal when it died of one.
int wait_for_copy(pid_t copy);
constexpr int kSignalStatus = 128;

// What another unit has told of a file that reads otherwise: a view, by path and how.
using ToldDifferences = std::map<std::pair<std::string, std::string>, ViewKey>;
std::vector<std::string> as_names(const ToldDifferences& told);
void add_told(const std::vector<std::string>& names, ToldDifferences& told);

class ForkingHost final : public PrefixHost {
 public:
  ForkingHost(int in, int out, std::uint32_t stretch, HeldViews& held)
      : in_(in), out_(out), stretch_(stretch), held_(held) {}

  Next next(const std::vector<std::string>& unfit) override;
  [[noreturn]] void give_up(const std::vector<std::string>& names) override;
  std::vector<ViewKey> differs(const std::vector<Difference>& differences) override;

 private:
  Next begin(const std::string& message);

  const int in_, out_;
  const std::uint32_t stretch_;  // of limits by the clock
  HeldViews& held_;
  ToldDifferences told_;
};

}  // namespace engram
