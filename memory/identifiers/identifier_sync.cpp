#include "memory/identifiers/identifier_sync.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "memory/engrams/store.h"
#include "memory/identifiers/content_names.h"
#include "memory/lease.h"
#include "memory/schema.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostSegments = 6;

// Names a content as it was counted: a change of licence or language counts it anew.
std::string content_key(std::string_view sha, std::string_view language, bool foreign) {
  std::string name(sha);
  name += language;
  const Sha256 hash = sha256(name);
  std::string key(reinterpret_cast<const char*>(hash.bytes.data()), 15);
  return key += foreign ? '\1' : '\0';
}

struct Plan {
  std::vector<std::pair<std::string, std::uint64_t>> add, take_away;  // key, content
  bool anew = false;  // the catalogue does not know what is to be taken away
};

Result<Plan> plan_sync(Database& db, std::set<std::string> counted) {
  constexpr auto kForeign = static_cast<std::uint32_t>(FileFlag::kVendored) |
                            static_cast<std::uint32_t>(FileFlag::kOtherLicence);
  Plan plan;
  std::map<std::string, std::uint64_t> forgotten;  // contents no file has, as they may be known
  Query rows(db,
             "SELECT id, sha256, language, coalesce((SELECT min((flags & ?) != 0) FROM files "
             "WHERE content = contents.id), 2) FROM contents ORDER BY id",
             kForeign);
  while (rows.next()) {
    const std::uint64_t id = rows.id(0);
    const std::int64_t state = rows.integer(3);  // 0: own code, 1: foreign, 2: no file's now
    for (const bool foreign : {false, true}) {
      std::string key = content_key(rows.blob(1), rows.blob(2), foreign);
      if (state == (foreign ? 1 : 0)) {
        if (counted.erase(key) == 0) plan.add.emplace_back(std::move(key), id);
      } else {
        forgotten.emplace(std::move(key), id);
      }
    }
  }
  ENGRAM_TRY_VOID(rows.done());
  for (const std::string& key : counted) {
    const auto known = forgotten.find(key);
    if (known == forgotten.end()) plan.anew = true;
    if (known != forgotten.end()) plan.take_away.emplace_back(key, known->second);
  }
  return plan;
}

class IdentifierWriter {
 public:
  static Result<std::unique_ptr<IdentifierWriter>> open(const fs::path& store) {
    const fs::path directory = identifier_directory(store);
    ENGRAM_TRY_VOID(make_private_directory(directory));
    ENGRAM_TRY_VOID(refuse_network_file_system(directory));
    ENGRAM_TRY(lease, WriteLease::acquire(directory));
    std::unique_ptr<IdentifierWriter> writer(new IdentifierWriter(directory, std::move(lease)));
    ENGRAM_TRY_VOID(writer->read());
    writer->remove_left_overs();
    return writer;
  }

  std::set<std::string> counted_contents() const {
    std::map<std::string, std::int64_t> sums;
    for (const auto& segment : segments_) {
      for (IdentifierWalk walk(segment->contents()); walk.next();) {
        sums[walk.key()] += walk.counts().uses;
      }
    }
    std::set<std::string> out;
    for (const auto& [key, sum] : sums) {
      if (sum > 0) out.insert(key);
    }
    return out;
  }

  Result<void> publish(const IdentifierTables& tables) {
    auto names = manifest_.segments;
    ENGRAM_TRY(name, write(tables));
    names.push_back(std::move(name));
    return replace_segments(std::move(names));
  }

  Result<void> start_anew() { return replace_segments({}); }

  Result<bool> merge(const std::stop_token& stop) {
    std::vector<std::uint64_t> sizes;
    for (const auto& segment : segments_) sizes.push_back(segment->keys());
    const std::vector<std::uint64_t> none(sizes.size(), 0);
    const auto which = due_merge(sizes, none, kMostSegments);
    if (which.size() < 2) return false;
    std::vector<std::shared_ptr<const IdentifierSegment>> merged;
    std::vector<std::string> names = manifest_.segments;
    for (const std::size_t i : which) {
      ENGRAM_TRY_VOID(segments_[i]->verify());
      merged.push_back(segments_[i]);
      names[i].clear();
    }
    ENGRAM_TRY(tables, merged_identifiers(merged, stop));
    ENGRAM_TRY(name, write(tables));
    std::erase(names, std::string());
    names.push_back(std::move(name));
    ENGRAM_TRY_VOID(replace_segments(std::move(names)));
    return true;
  }

  void describe(IdentifierReport& report) const {
    report.segments = segments_.size();
    for (const auto& segment : segments_) {
      report.keys += segment->keys();
      report.bytes += segment->bytes();
    }
    report.problems = problems_;
  }

 private:
  IdentifierWriter(fs::path directory, WriteLease lease)
      : directory_(std::move(directory)), lease_(std::move(lease)) {}

  // Damage is said and costs all segments: sums without one of them are wrong.
  Result<void> read() {
    const auto manifest = read_engram_manifest(directory_);
    if (manifest) {
      manifest_ = *manifest;
    } else if (manifest.error().code == Errc::kCorrupt) {
      problems_.push_back(manifest.error().message + "; counting anew");
    } else if (manifest.error().code != Errc::kNotFound) {
      return manifest.error();
    }
    for (const std::string& name : manifest_.segments) {
      auto segment = IdentifierSegment::open(directory_ / name);
      if (segment) {
        segments_.push_back(*std::move(segment));
        continue;
      }
      problems_.push_back(segment.error().message + "; counting anew");
      return start_anew();
    }
    return {};
  }

  Result<std::string> write(const IdentifierTables& tables) {
    const std::string name = fmt::format("{:06}.seg", manifest_.next);
    const auto sink = make_file_sink(directory_ / name);
    ENGRAM_TRY_VOID(write_identifier_segment(*sink, tables));
    ++manifest_.next;
    return name;
  }

  Result<void> replace_segments(std::vector<std::string> names) {
    EngramManifest manifest{manifest_.next, std::move(names)};
    ENGRAM_TRY_VOID(write_engram_manifest(directory_, manifest));
    std::vector<std::shared_ptr<const IdentifierSegment>> segments;
    for (const std::string& name : manifest.segments) {
      const auto& old = manifest_.segments;
      const auto at = std::find(old.begin(), old.end(), name);
      if (at != old.end()) {
        segments.push_back(segments_[static_cast<std::size_t>(at - old.begin())]);
        continue;
      }
      ENGRAM_TRY(segment, IdentifierSegment::open(directory_ / name));
      segments.push_back(std::move(segment));
    }
    manifest_ = std::move(manifest);
    segments_ = std::move(segments);
    remove_left_overs();  // readers that have one mapped keep it
    return {};
  }

  void remove_left_overs() const {
    std::error_code ec;
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory_, ec)) {
      const std::string name = entry.path().filename().string();
      const auto& named = manifest_.segments;
      if (name.find(".seg") != std::string::npos &&
          std::find(named.begin(), named.end(), name) == named.end()) {
        found.push_back(entry.path());
      }
    }
    for (const fs::path& path : found) fs::remove(path, ec);
  }

  fs::path directory_;
  WriteLease lease_;
  EngramManifest manifest_;
  std::vector<std::shared_ptr<const IdentifierSegment>> segments_;  // parallel to the manifest's
  std::vector<std::string> problems_;
};

Result<void> count_contents(Database& db, const Plan& plan, const IdentifierSyncOptions& options,
                            const std::stop_token& stop, IdentifierWriter& writer,
                            IdentifierReport& report) {
  NameTally tally;
  for (const bool take_away : {true, false}) {
    for (const auto& [key, id] : take_away ? plan.take_away : plan.add) {
      if (stop.stop_requested()) return Error{Errc::kCancelled, "counting names was stopped"};
      if (options.may_proceed) options.may_proceed();
      ENGRAM_TRY(content, stored_content(db, id));
      if (!content) continue;
      ENGRAM_TRY_VOID(tally.count(db, *content, key, key.back() == '\1', take_away));
      ++(take_away ? report.taken_away : report.counted);
      if (tally.keys() >= options.batch_keys) ENGRAM_TRY_VOID(writer.publish(tally.take()));
    }
  }
  return tally.empty() ? Result<void>() : writer.publish(tally.take());
}

}  // namespace

Result<IdentifierReport> sync_identifiers(const fs::path& store,
                                          const IdentifierSyncOptions& options,
                                          std::stop_token stop) {
  const auto begin = std::chrono::steady_clock::now();
  ENGRAM_TRY(db, open_database_for_reading(store));
  ENGRAM_TRY(writer, IdentifierWriter::open(store));
  IdentifierReport report;
  {
    ENGRAM_TRY(snapshot, Transaction::begin(*db, false));
    ENGRAM_TRY(plan, plan_sync(*db, writer->counted_contents()));
    if (plan.anew) {
      report.anew = true;
      ENGRAM_TRY_VOID(writer->start_anew());
      ENGRAM_TRY(whole, plan_sync(*db, {}));
      plan = std::move(whole);
    }
    ENGRAM_TRY_VOID(count_contents(*db, plan, options, stop, *writer, report));
  }
  while (true) {
    if (options.may_proceed) options.may_proceed();
    const auto merged = writer->merge(stop);
    if (!merged && merged.error().code == Errc::kCorrupt) {
      // The next run counts anew: nothing sums up without the damaged one.
      ENGRAM_TRY_VOID(writer->start_anew());
      return merged.error();
    }
    if (!merged) return merged.error();
    if (!*merged) break;
  }
  writer->describe(report);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace engram
