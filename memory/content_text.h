// memory/content_text.h: a text that the workspace's store still has, by the hash of its contents.
//
// Contents that no file has any more stay until the store is compacted: so what a file was before
// it was saved can be looked at for a while.
//
// Threads: thread-safe.  Errors: as CatalogueReader; contents that are not there are absent.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/hash.h"
#include "core/result.h"

namespace engram {

Result<std::optional<std::string>> content_text(const std::filesystem::path& store,
                                                const Sha256& content);

}  // namespace engram
