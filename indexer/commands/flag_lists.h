// indexer/commands/flag_lists.h: the words that Clang 19 may be told: the closed part of the
// allow-list.
//
// Only what changes preprocessing, parsing or meaning stands here; what changes code generation
// alone does not. tests/commands holds every entry against the real compiler.
//
// Threads: constant.  Errors: none.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace engram {

std::span<const std::string_view> feature_flags();  // "-fno-exceptions": whole arguments, sorted
std::span<const std::string_view> machine_flags();  // "-mavx2": those any target bears, sorted

// A -f or -m argument with a value that may be passed on as it is: "-fvisibility=hidden",
// "-ftemplate-depth=900", "-march=skylake". `target`: as known so far; empty is this machine's.
bool is_allowed_flag(std::string_view argument, std::string_view target);

// -std='s value as Clang 19 writes it; "gnu++29" becomes its newest draft. Empty: no such language.
std::string standard_for_clang(std::string_view value);
bool is_cxx_standard(std::string_view value);

// -x's value: "c++-header" and the like; empty when it is no language of ours ("assembler").
std::string_view language_for_clang(std::string_view value);

bool is_target_name(std::string_view value);  // "aarch64-linux-gnu": letters, digits, '.', '_', '-'

}  // namespace engram
