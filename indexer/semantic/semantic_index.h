// indexer/semantic/semantic_index.h: brings a store's semantic facts up to date with a compile
// database.
//
// A unit is parsed when its command or any file it read has changed (unit_freshness.h), whatever
// became of it the last time: one that crashed its worker is not tried again before. Units that the
// database no longer has are dropped. Facts are committed every few units, so that a run that is
// stopped or killed loses only the last of them and the next one goes on. A header that a unit
// which stays has told is not told again (docs/design/014-claims-in-the-store.md).
//
// A header that changed in comments alone is read again by one unit, whoever else includes it
// (comment_changes.h).
//
// Open files' units, of headers a known or likely reader (likely_reader.h), are parsed and
// committed before all others, the first time at the caller's priority; then the queue's order
// holds.
//
// Where no database names units, those of the workspace's sources are chosen that have facts
// already, and others up to a bound; a run may end when its time is over: the next one goes on.
//
// Threads: blocks its caller; `on_progress` on other threads, one at a time.
// Errors: kBusy another process writes; kIo; kCancelled (what was committed stays). A damaged store
// or one of another version is built anew, and a note says so.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "indexer/semantic/file_hashes.h"
#include "indexer/semantic/semantic_run.h"
#include "memory/semantic/semantic_writer.h"

namespace engram {

// Of all units, those of earlier runs included.
struct SemanticProgress {
  std::size_t done = 0, total = 0;
  std::size_t semantic = 0, inferred = 0, without_facts = 0;  // of those done
  std::size_t without_errors = 0;                             // among both with facts
  bool guessed = false;  // there is no database: what the units are, and their commands
};

struct SemanticIndexOptions {
  std::string root;             // the workspace, absolute, links resolved
  std::filesystem::path store;  // of the workspace
  WorkerOptions worker = {};
  std::size_t jobs = 0;
  // Each header is told by one unit and kept for all that rely on it; false: by every unit, which
  // takes longer and gives the same.
  bool each_header_once = true;
  OpenFiles open_files = {};
  bool open_files_only = false;  // the rest another time: nothing is dropped, no progress told
  WorkerCourtesy* courtesy = nullptr;
  // Where no database names units, a run that lasts longer leaves the rest to the next one.
  std::optional<std::chrono::seconds> guess_time = {};
  FileHashes* hashes = nullptr;  // kept from run to run; nullptr: of this run
  std::function<void(const SemanticProgress&)> on_progress = {};
};

struct SemanticIndexReport {
  std::size_t parsed = 0, unchanged = 0, dropped = 0;  // units
  SemanticProgress units;                              // at the end
  std::vector<UnitWithoutFacts> without_facts;         // the first of them, of earlier runs too
  std::vector<std::string> notes;                      // for a person
  double seconds = 0, worker_cpu_seconds = 0;
  std::uint64_t worker_peak_bytes = 0;
};

Result<SemanticIndexReport> index_units(const CompileCommands& commands,
                                        const SemanticIndexOptions& options,
                                        std::stop_token stop = {});

// "74 % of translation units semantic (212 of 287, 60 inferred, 15 without)"
std::string semantic_share(const SemanticCounts& counts);
// The same; of guessed units "no compile database: commands of 105 units were guessed, 101 have no
// errors".
std::string semantic_share(const SemanticProgress& units);
// While it lasts: "74 % of translation units semantic", "commands of 105 units are guessed".
std::string semantic_progress_text(const SemanticProgress& now);

}  // namespace engram
