// assist/models/fetch.h: gets one model file from the first source that has it.
//
// Slices are appended to FILE.partial one after the other, with FILE.partial.json saying how far it
// got: an interrupted download goes on at the slice it stopped in and needs no second copy on disk.
// The result is FILE only if its SHA-256 is the known one; else it becomes FILE.corrupt.
//
// Threads: one fetch of a model at a time over all processes (a lock file); blocks the caller.
// Errors: kIo every source failed (each named with its reason), disk full (bytes needed); kCorrupt
// hash mismatch; kBusy another process fetches it; kCancelled.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "assist/models/known_models.h"
#include "assist/models/model_store.h"
#include "core/result.h"

namespace engram {

using FetchCallback = std::function<void(const FetchProgress&)>;

// Returns what the file came from, in words. `directory` must exist.
Result<std::string> fetch_file(const KnownModel& model, const std::filesystem::path& directory,
                               const FetchCallback& progress, std::stop_token stop);

}  // namespace engram
