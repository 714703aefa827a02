// bench/semantic/made_workspace.h: a C++ workspace of any size, with everything a parser and a
// compiler would have told of it, without either.
//
// Files of kFunctions functions with plausible names, each of which calls one of its own file and
// one of another; `common_name()` is used kCommonUses times over kCommonFiles files. A function of
// the number of symbols alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "memory/catalogue.h"
#include "memory/semantic/semantic_writer.h"

namespace engram {

// Where something stands in a made text.
struct MadeUse {
  std::uint32_t begin = 0, end = 0;
  std::uint64_t function = 0;  // MadeWorkspace::kCommon: the common one
  bool defines = false;
};

struct MadeFile {
  std::string path, text;
  std::vector<MadeUse> uses;  // ascending
};

class MadeWorkspace {
 public:
  static constexpr std::uint64_t kFunctions = 200, kCommonFiles = 1000, kCommonUses = 10'000;
  static constexpr std::uint64_t kCommon = UINT64_MAX;

  MadeWorkspace(std::filesystem::path root, std::uint64_t symbols)
      : root_(std::move(root)), files_((symbols + kFunctions - 1) / kFunctions) {}

  std::uint64_t file_count() const { return files_; }
  const std::filesystem::path& root() const { return root_; }
  static std::string name_of(std::uint64_t function);
  static std::string common_name() { return "checkInvariant"; }
  static constexpr const char* kHeader = "common.h";

  static std::string path_of(std::uint64_t number);
  MadeFile file(std::uint64_t number) const;
  MadeFile header() const;

  // What a parser tells, what a compiler tells.
  static FileFacts facts(const MadeFile& file);
  SemanticUnit unit(const MadeFile& file) const;
  UnitFacts unit_facts(const MadeFile& file) const;

 private:
  std::uint64_t other_function(std::uint64_t function) const;

  std::filesystem::path root_;
  std::uint64_t files_;
};

}  // namespace engram
