// tests/clang/told_facts.h: all occurrences that some units told, each once, by contents of file.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "memory/semantic/unit_facts.h"

namespace engram {

class ToldFacts {
 public:
  void add(const UnitFacts& facts) {
    for (const Occurrence& o : facts.occurrences) {
      const UnitFile& file = facts.files[o.file];
      const UnitSymbol& symbol = facts.symbols[o.symbol];
      ++told_;
      ++by_file_[file.path];
      auto& known = all_[{file.path, file.content, o.begin, o.end, symbol.key}];
      known.roles |= o.roles;
      if (known.name.empty()) known.name = symbol.qualified_name;
    }
  }

  std::size_t told() const { return told_; }
  std::size_t distinct() const { return all_.size(); }

  // The files most of whose occurrences were told again and again: "<excess> path".
  std::string most_repeated(std::size_t lines) const {
    std::map<std::string, std::size_t> excess = by_file_;
    for (const auto& [place, what] : all_) --excess[std::get<0>(place)];
    std::multimap<std::size_t, std::string> order;
    for (const auto& [path, n] : excess) order.emplace(n, path);
    std::string text;
    for (auto at = order.rbegin(); at != order.rend() && lines > 0; ++at, --lines) {
      if (at->first > 0) text += std::to_string(at->first) + " " + at->second + "\n";
    }
    return text;
  }

  // What `all` has and these have not, a line each: "core/text.h 120-125 engram::split (roles 4)".
  std::string lost_of(const ToldFacts& all) const {
    std::string lines;
    for (const auto& [place, what] : all.all_) {
      const auto here = all_.find(place);
      const unsigned missing =
          here == all_.end() ? what.roles : what.roles & ~static_cast<unsigned>(here->second.roles);
      if (here != all_.end() && missing == 0) continue;
      lines += std::get<0>(place) + " " + std::to_string(std::get<2>(place)) + "-" +
               std::to_string(std::get<3>(place)) + " " + what.name + " (roles " +
               std::to_string(missing) + ")\n";
    }
    return lines;
  }

 private:
  using Place = std::tuple<std::string, Sha256, std::uint32_t, std::uint32_t, SymbolKey>;
  struct What {
    std::uint16_t roles = 0;
    std::string name;
  };
  std::map<Place, What> all_;
  std::map<std::string, std::size_t> by_file_;
  std::size_t told_ = 0;
};

}  // namespace engram
