#include "indexer/commands/response_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/atomic_file.h"
#include "indexer/commands/shell_words.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxArguments = 65536;
constexpr std::size_t kMaxFiles = 256;  // of one command
constexpr std::size_t kMaxDepth = 16;

class Expansion {
 public:
  Expansion(const std::string& directory, const PathPolicy& policy)
      : directory_(directory), policy_(policy) {}

  void add(const std::vector<std::string>& arguments, std::size_t depth) {
    for (const std::string& argument : arguments) {
      if (argument.size() < 2 || argument.front() != '@') {
        if (out_.arguments.size() < kMaxArguments)
          out_.arguments.push_back(argument);
        else
          refuse(argument, "the command is too long");
        continue;
      }
      add_file(argument, depth);
    }
  }
  ExpandedArguments take() { return std::move(out_); }

 private:
  void refuse(const std::string& argument, std::string_view why) {
    if (out_.refusals.size() < 20) out_.refusals.push_back(fmt::format("{}: {}", argument, why));
  }

  void add_file(const std::string& argument, std::size_t depth) {
    const std::string path =
        (fs::path(directory_) / argument.substr(1)).lexically_normal().string();
    if (!policy_.allows(path))
      return refuse(argument, "outside the workspace and its build folders");
    std::error_code ec;
    std::string real = fs::weakly_canonical(path, ec).string();
    if (std::find(open_.begin(), open_.end(), real) != open_.end()) {
      return refuse(argument, "it names itself");
    }
    if (depth >= kMaxDepth || ++files_ > kMaxFiles) return refuse(argument, "too many of them");
    const auto text = read_file(path, kMaxFileBytes);
    if (!text) return refuse(argument, "it cannot be read, or is too large");
    open_.push_back(std::move(real));
    add(split_words(*text, QuoteRules::kResponseFile), depth + 1);
    open_.pop_back();
  }

  const std::string& directory_;
  const PathPolicy& policy_;
  std::vector<std::string> open_;
  std::size_t files_ = 0;
  ExpandedArguments out_;
};

}  // namespace

ExpandedArguments expand_response_files(const std::vector<std::string>& arguments,
                                        const std::string& directory, const PathPolicy& policy) {
  Expansion expansion(directory, policy);
  expansion.add(arguments, 0);
  return expansion.take();
}

}  // namespace engram
