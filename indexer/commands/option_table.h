// indexer/commands/option_table.h: the options of GCC-style compilers and what becomes of each.
//
// The open part of the allow-list: what takes a value, how it is written, and what we do with it.
// An option that is not here is never passed on.
//
// Threads: constant.  Errors: none.
#pragma once

#include <string_view>

namespace engram {

enum class OptionForm : unsigned char {
  kFlag,      // -nostdinc
  kJoined,    // -std=c++20
  kSeparate,  // -target x
  kEither,    // -Idir, -I dir
};

enum class OptionUse : unsigned char {
  kKeep,        // as it is
  kKeepJoined,  // -D, -U: as it is, value joined
  kPath,        // as `spelling` and the path made absolute, if it is allowed
  kWarning,     // -W...
  kListed,      // -f..., -m...: only if flag_lists.h has it
  kOptimize,    // -O...
  kLanguage,    // -x
  kStandard,    // -std=
  kTarget,      // --target=
  kSysroot,     // --sysroot=
  kStdlib,      // -stdlib=
  kNoIncludes,  // -nostdinc and its kin
  kForward,     // -Xpreprocessor A, -Wp,A,B: the values are arguments
  kForwardCc1,  // -Xclang A
  kDriverMode,  // --driver-mode=g++
  kNotNeeded,
  kRefused,
};

struct OptionSpec {
  std::string_view name;
  OptionForm form;
  OptionUse use;
  std::string_view spelling = {};  // how a kPath option is written for Clang
};

// The spec with the longest name that `argument` can be read as; nullptr when there is none.
const OptionSpec* find_option(std::string_view argument);

}  // namespace engram
