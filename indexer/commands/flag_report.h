// indexer/commands/flag_report.h: which arguments of compile commands were left out, why, how
// often.
//
// Threads: confined to one thread.  Errors: none. The number of names is bounded; what is beyond it
// is counted under "...".
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engram {

enum class FlagFate : unsigned char {
  kNotNeeded,   // changes what is written, not what is parsed: -c, -o, -MD, -Wl,...
  kTranslated,  // another compiler's spelling, said in Clang's
  kUnknown,     // on no list of ours: GCC's or nvcc's alone, or new
  kOutside,     // names a path outside the allowed folders
  kRefused,     // could load code, write a file or read what is no source: plugins, overlays, ...
};

constexpr std::string_view to_string(FlagFate fate) {
  switch (fate) {
    case FlagFate::kNotNeeded:
      return "not needed";
    case FlagFate::kTranslated:
      return "translated";
    case FlagFate::kUnknown:
      return "unknown";
    case FlagFate::kOutside:
      return "outside";
    case FlagFate::kRefused:
      return "refused";
  }
  return "unknown";
}

class FlagReport {
 public:
  // `name`: the option without its value, or "-I/outside/path" where the path is the point.
  void count(FlagFate fate, std::string_view name);
  void merge(const FlagReport& other);

  std::size_t total(FlagFate fate) const;
  // The most frequent first.
  std::vector<std::pair<std::string, std::size_t>> names(FlagFate fate) const;

 private:
  std::map<FlagFate, std::map<std::string, std::size_t, std::less<>>> counts_;
};

}  // namespace engram
