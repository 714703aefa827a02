#include "memory/identifiers/identifier_sync.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "core/hash.h"
#include "memory/identifiers/content_names.h"
#include "memory/identifiers/identifier_writer.h"
#include "memory/schema.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

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
  Plan plan;
  std::map<std::string, std::uint64_t> forgotten;  // contents no file has, as they may be known
  Query rows(db,
             "SELECT id, sha256, language, coalesce((SELECT min((flags & ?) != 0) FROM files "
             "WHERE content = contents.id), 2) FROM contents ORDER BY id",
             kForeignFlags);
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
