// assist/navigation/stored_compiler_facts.h: compiler facts out of the workspace's semantic store.
//
// Facts are about texts known by their SHA-256. Where a file is now another text than the compiler
// read (edited, not indexed again), what stands before the first and behind the last difference is
// still where it was: those places are moved along, and say `inferred`; the rest is left out.
//
// Threads, errors: as CompilerFacts; no store, or a damaged one, has no answers.
#pragma once

#include <filesystem>
#include <memory>

#include "assist/navigation/compiler_facts.h"

namespace engram {

std::unique_ptr<CompilerFacts> stored_compiler_facts(std::filesystem::path store);

}  // namespace engram
