// memory/engrams/directory.h: where the engram memories of a store lie, one directory for each
// tokenizer, and the vocabulary kept in each: what its ids stand for.
//
// Threads: pure functions.
// Errors: kNotFound no vocabulary; kCorrupt (the message names the file); kIo.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/engrams/tokens.h"

namespace engram {

std::filesystem::path engram_directory(const std::filesystem::path& store,
                                       std::string_view tokenizer_fingerprint);

// Those that exist, sorted.
std::vector<std::filesystem::path> engram_directories(const std::filesystem::path& store);

bool has_vocabulary(const std::filesystem::path& directory);
Result<std::shared_ptr<const EngramVocabulary>> load_vocabulary(
    const std::filesystem::path& directory);
Result<void> save_vocabulary(const std::filesystem::path& directory,
                             const EngramVocabulary& vocabulary);

}  // namespace engram
