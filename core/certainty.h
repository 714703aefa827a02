// core/certainty.h: how a fact is known. Tiers are never blended silently.
#pragma once

#include <string_view>

namespace engram {

enum class Certainty : unsigned char {
  kTextual,    // names only
  kSyntactic,  // tree-sitter scopes
  kInferred,   // Clang with borrowed flags or a partly failed translation unit
  kSemantic,   // Clang with the file's own flags
};

constexpr std::string_view to_string(Certainty c) {
  switch (c) {
    case Certainty::kTextual:
      return "textual";
    case Certainty::kSyntactic:
      return "syntactic";
    case Certainty::kInferred:
      return "inferred";
    case Certainty::kSemantic:
      return "semantic";
  }
  return "textual";
}

}  // namespace engram
