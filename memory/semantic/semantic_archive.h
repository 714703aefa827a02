// memory/semantic/semantic_archive.h: the store of compiler facts as one file, and back. Private to
// memory/.
//
// Threads: pure functions.  Errors: kCorrupt the file is no sound store of this version; kBusy
// another process writes the store; kIo.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace engram {

// Copies the facts of `store`, as they are at one moment, to `file`, which is new. False: there are
// none, or none that could be read; they are made anew where they are missed.
Result<bool> copy_semantic_store(const std::filesystem::path& store,
                                 const std::filesystem::path& file);
// Reads all of it. What its blobs say is checked where it is used, as ever.
Result<void> check_semantic_store(const std::filesystem::path& file);
// In one transaction: readers see the facts there were or those of `file`. REQUIRES: the lease of
// semantic_directory(store), and a file that was checked.
Result<void> replace_semantic_store(const std::filesystem::path& file,
                                    const std::filesystem::path& store);

}  // namespace engram
