#include "indexer/semantic/semantic_index.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/path.h"
#include "core/process_costs.h"
#include "indexer/semantic/comment_changes.h"
#include "indexer/semantic/likely_reader.h"
#include "indexer/semantic/unit_freshness.h"

namespace engram {

namespace {

using Clock = std::chrono::steady_clock;
using UnitId = std::pair<std::string, Sha256>;

constexpr std::size_t kUnitsPerCommit = 24;
constexpr std::size_t kMaxListed = 100;
constexpr auto kCommitInterval = std::chrono::seconds(3);

bool has_facts(UnitState state) {
  return state == UnitState::kSemantic || state == UnitState::kInferred;
}

UnitState state_of(const UnitOutcome& outcome) {
  switch (outcome.end) {
    case UnitEnd::kIndexed:
    case UnitEnd::kBodiesSkipped:
      return outcome.facts.certainty == Certainty::kSemantic ? UnitState::kSemantic
                                                             : UnitState::kInferred;
    case UnitEnd::kQuarantined:
      return UnitState::kQuarantined;
    case UnitEnd::kFailed:
    case UnitEnd::kCancelled:
      break;
  }
  return UnitState::kFailed;
}

class IndexUnits {
 public:
  IndexUnits(const CompileCommands& commands, const SemanticIndexOptions& options,
             SemanticWriter& writer)
      : commands_(commands),
        options_(options),
        writer_(writer),
        known_(writer.known()),
        freshness_(options.root, options.hashes == nullptr ? own_hashes_ : *options.hashes, known_),
        comment_changes_(options.store, known_, freshness_, writer) {
    for (const KnownUnit& unit : known_.units) {
      known_units_.emplace(UnitId(unit.unit.file, unit.unit.command), &unit);
    }
  }

  Result<SemanticIndexReport> run(std::stop_token stop) {
    commands_.look_for_modules_again();
    if (options_.open_files) {
      ENGRAM_TRY_VOID(plan_open_files(stop));
      ENGRAM_TRY_VOID(parse_stale(stop));
    }
    opening_ = false;
    if (options_.open_files_only) return std::move(report_);
    ENGRAM_TRY_VOID(plan(stop));
    report_progress();
    ENGRAM_TRY_VOID(parse_stale(stop));
    ENGRAM_TRY_VOID(commit());
    report_.units = progress_;
    return std::move(report_);
  }

 private:
  static std::optional<Error> failure_of(const Result<void>& result) {
    return result ? std::nullopt : std::optional<Error>(result.error());
  }

  std::string stored_path(const std::string& path) const {
    return relative_path(options_.root, path).value_or(path);
  }
  std::string absolute_path(const std::string& stored) const {
    return stored.starts_with('/') ? stored : options_.root + "/" + stored;
  }

  // The units of open files; of an open header the first unit that is known to read it, or, before
  // all were parsed, the likeliest.
  Result<void> plan_open_files(const std::stop_token& stop) {
    for (const std::string& file : options_.open_files()) {
      for (CompileCommand& command : own_commands(file, stop)) {
        ENGRAM_TRY_VOID(add_if_stale(std::move(command)));
      }
    }
    return {};
  }

  std::vector<CompileCommand> commands_of_unit(const std::string& file) const {
    return commands_.is_unit(file) ? commands_.commands_for(file) : std::vector<CompileCommand>();
  }

  std::vector<CompileCommand> own_commands(const std::string& file,
                                           const std::stop_token& stop) const {
    std::vector<CompileCommand> own = commands_of_unit(file);
    if (!own.empty() || commands_.commands_for(file).empty()) return own;  // or not of C's family
    const std::string stored = stored_path(file);
    std::vector<bool> is_file(known_.sources.size());  // it may have been read as several contents
    for (std::size_t i = 0; i < is_file.size(); ++i) is_file[i] = known_.sources[i].path == stored;
    for (const KnownUnit& unit : known_.units) {
      const bool reads = std::any_of(unit.inputs.begin(), unit.inputs.end(),
                                     [&](auto input) { return is_file[input]; });
      if (!reads || !has_facts(unit.unit.state)) continue;
      own = commands_of_unit(absolute_path(unit.unit.file));
      if (!own.empty()) return own;
    }
    if (known_.units.size() >= commands_.file_count()) return own;  // then nothing reads it
    const auto reader = likely_reader(commands_, options_.root, file, stop);
    return reader ? commands_of_unit(*reader) : own;
  }

  // Unless it was looked at in this run already.
  Result<void> add_if_stale(CompileCommand command) {
    UnitId id{stored_path(command.file), command_hash(command)};
    if (!wanted_.insert(id).second) return {};
    const auto known = known_units_.find(id);
    bool moved = false;
    if (known != known_units_.end()) {
      ENGRAM_TRY(any, comment_changes_.follow(*known->second));
      moved = any;  // this one unit says what the comments now say
    }
    if (known != known_units_.end() && !moved && freshness_.is_fresh(command, *known->second)) {
      ++report_.unchanged;
      count(known->second->unit);
    } else {
      stale_.push_back(std::move(command));
    }
    return {};
  }

  // Sorts out what is to be done, and drops what the database no longer has.
  Result<void> plan(const std::stop_token& stop) {
    for (const std::string& file : unit_files()) {
      if (stop.stop_requested()) return Error{Errc::kCancelled, "cancelled"};
      for (CompileCommand& command : commands_.commands_for(file)) {
        ENGRAM_TRY_VOID(add_if_stale(std::move(command)));
      }
    }
    progress_.total = wanted_.size();
    progress_.guessed = commands_.guesses();
    for (const auto& [id, unit] : known_units_) {
      if (wanted_.contains(id)) continue;
      ENGRAM_TRY_VOID(writer_.drop_unit(id.first, id.second));
      ++report_.dropped;
    }
    return {};
  }

  // Those that have facts stay; others join them up to the bound.
  std::vector<std::string> unit_files() const {
    if (!commands_.guesses()) return commands_.files();
    std::set<std::string> known;
    for (const KnownUnit& unit : known_.units) known.insert(absolute_path(unit.unit.file));
    std::vector<std::string> chosen, others;
    for (std::string& file : commands_.files()) {
      (known.contains(file) ? chosen : others).push_back(std::move(file));
    }
    for (std::string& file : others) {
      if (chosen.size() >= commands_.most_guessed()) break;
      chosen.push_back(std::move(file));
    }
    return chosen;
  }

  bool is_out_of_time() const {
    return commands_.guesses() && options_.guess_time &&
           Clock::now() - started_ >= *options_.guess_time;
  }

  // Of the units that these leave as they are: what is put away meanwhile cannot take them away.
  Result<std::vector<HeldView>> held_views(const std::vector<CompileCommand>& stale) {
    if (!options_.each_header_once) return std::vector<HeldView>{};
    std::set<UnitId> parsed;
    for (const CompileCommand& command : stale) {
      parsed.emplace(stored_path(command.file), command_hash(command));
    }
    ENGRAM_TRY(views, writer_.views_without(parsed));
    for (HeldView& view : views) view.path = absolute_path(view.path);
    return views;
  }

  bool any_unknown(const std::vector<CompileCommand>& stale) const {
    return std::any_of(stale.begin(), stale.end(), [&](const CompileCommand& command) {
      return !known_units_.contains(UnitId(stored_path(command.file), command_hash(command)));
    });
  }

  Result<void> parse_stale(const std::stop_token& stop) {
    if (stale_.empty()) return {};
    ENGRAM_TRY(held, held_views(stale_));
    HeaderClaims claims(held);
    SemanticRunOptions run;
    if (options_.each_header_once) run.claims = &claims;
    run.root = options_.root;
    run.worker = options_.worker;
    if (opening_ && any_unknown(stale_)) run.worker.background = false;  // somebody waits for it
    run.jobs = options_.jobs;
    run.courtesy = options_.courtesy;
    // A store that cannot be written ends the run.
    std::stop_source ended;
    const std::stop_callback pass_on(stop, [&ended] { ended.request_stop(); });
    run.on_unit = [&](const CompileCommand& command, const UnitOutcome& outcome) {
      if (!failed_) failed_ = failure_of(keep(command, outcome));
      if (!failed_ && !is_out_of_time()) return;
      out_of_time_ = !failed_;
      ended.request_stop();
    };
    UnitQueue queue(std::exchange(stale_, {}), options_.root, options_.open_files);
    const double cpu_before = children_processor_seconds();
    const auto done = run_units(commands_, queue, run, ended.get_token());
    report_.worker_cpu_seconds += children_processor_seconds() - cpu_before;
    if (failed_) return *failed_;
    ENGRAM_TRY_VOID(commit());
    if (!done && !out_of_time_) return done.error();
    report_.worker_peak_bytes = std::max(report_.worker_peak_bytes, children_peak_bytes());
    return {};
  }

  Result<void> keep(const CompileCommand& command, const UnitOutcome& outcome) {
    SemanticUnit unit;
    unit.file = command.file;
    unit.command = command_hash(command);
    unit.state = state_of(outcome);
    unit.bodies_skipped = outcome.facts.bodies_skipped;
    unit.errors = outcome.facts.errors;
    unit.reason = outcome.reason;
    ENGRAM_TRY(whole, writer_.has_views(outcome.facts));
    if (!whole) {
      // Its inputs are left out, so that the next run asks again.
      unit.state = UnitState::kFailed;
      unit.reason = "a header that it relies on went meanwhile; index again";
      ENGRAM_TRY_VOID(writer_.put_unit(unit, {}));
    } else if (has_facts(unit.state)) {
      if (unit.reason.empty()) unit.reason = missing_reason(missing_headers(outcome.facts));
      ENGRAM_TRY_VOID(writer_.put_unit(unit, outcome.facts));
    } else {
      ENGRAM_TRY_VOID(writer_.put_unit(unit, inputs_of(command)));
    }
    ++report_.parsed;
    unit.file = stored_path(unit.file);
    count(unit);
    report_progress();
    ++uncommitted_;
    const bool now = uncommitted_ >= kUnitsPerCommit ||
                     Clock::now() - committed_ >= kCommitInterval || is_open(command.file);
    return now ? commit() : Result<void>();
  }

  Result<void> commit() {
    ENGRAM_TRY_VOID(writer_.commit());
    uncommitted_ = 0;
    committed_ = Clock::now();
    return {};
  }

  bool is_open(const std::string& file) const {
    if (opening_) return true;
    if (!options_.open_files) return false;
    const auto open = options_.open_files();
    return std::find(open.begin(), open.end(), file) != open.end();
  }

  void count(const SemanticUnit& unit) {
    ++progress_.done;
    progress_.without_errors += has_facts(unit.state) && unit.errors == 0;
    if (unit.state == UnitState::kSemantic) {
      ++progress_.semantic;
    } else if (unit.state == UnitState::kInferred) {
      ++progress_.inferred;
    } else {
      ++progress_.without_facts;
      if (report_.without_facts.size() < kMaxListed) {
        report_.without_facts.push_back({unit.file, unit.reason});
      }
    }
  }

  // What a unit without facts would have been made of, as far as that is known: what it read when
  // it last had some, as it is now.
  UnitFacts inputs_of(const CompileCommand& command) {
    UnitFacts facts;
    const auto add = [&](const std::string& path) {
      if (const auto& file = freshness_.file_now(path)) facts.files.push_back(*file);
    };
    add(command.file);
    const auto known = known_units_.find(UnitId(stored_path(command.file), command_hash(command)));
    if (known != known_units_.end()) {
      for (const std::uint32_t input : known->second->inputs) add(known_.sources[input].path);
    }
    return facts;
  }

  void report_progress() {
    if (!opening_ && options_.on_progress) options_.on_progress(progress_);
  }

  const CompileCommands& commands_;
  const SemanticIndexOptions& options_;
  SemanticWriter& writer_;
  KnownUnits known_;
  std::map<UnitId, const KnownUnit*> known_units_;
  FileHashes own_hashes_;
  UnitFreshness freshness_;
  CommentChanges comment_changes_;
  std::set<UnitId> wanted_;  // as far as they were looked at
  std::vector<CompileCommand> stale_;
  bool out_of_time_ = false;
  bool opening_ = true;  // only open files are looked at yet
  SemanticIndexReport report_;
  SemanticProgress progress_;
  std::optional<Error> failed_;
  std::size_t uncommitted_ = 0;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point committed_ = Clock::now();
};

Result<std::unique_ptr<SemanticWriter>> open_or_build_anew(const SemanticIndexOptions& options,
                                                           std::string& problem) {
  auto writer = SemanticWriter::open(options.store, options.root);
  if (writer || writer.error().code != Errc::kCorrupt) return writer;
  problem = writer.error().message;
  ENGRAM_TRY_VOID(discard_semantic_store(options.store));
  return SemanticWriter::open(options.store, options.root);
}

}  // namespace

Result<SemanticIndexReport> index_units(const CompileCommands& commands,
                                        const SemanticIndexOptions& options, std::stop_token stop) {
  const auto started = Clock::now();
  std::string problem;
  ENGRAM_TRY(writer, open_or_build_anew(options, problem));
  auto report = IndexUnits(commands, options, *writer).run(stop);
  if (!report && report.error().code == Errc::kCorrupt) {
    // Damage that showed only in use: once more, from nothing.
    problem = report.error().message;
    writer.reset();
    ENGRAM_TRY_VOID(discard_semantic_store(options.store));
    ENGRAM_TRY(fresh, SemanticWriter::open(options.store, options.root));
    writer = std::move(fresh);
    report = IndexUnits(commands, options, *writer).run(stop);
  }
  if (!report) return report;
  if (!problem.empty()) report->notes.push_back("semantic facts were built anew: " + problem);
  report->seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return report;
}

std::string semantic_share(const SemanticCounts& counts) {
  const std::uint64_t percent = counts.units == 0 ? 0 : counts.semantic * 100 / counts.units;
  return std::to_string(percent) + " % of translation units semantic (" +
         std::to_string(counts.semantic) + " of " + std::to_string(counts.units) + ", " +
         std::to_string(counts.inferred) + " inferred, " + std::to_string(counts.without_facts) +
         " without)";
}

std::string semantic_share(const SemanticProgress& units) {
  if (units.guessed) {
    return "no compile database: commands of " + std::to_string(units.done) +
           " units were guessed, " + std::to_string(units.without_errors) + " have no errors";
  }
  SemanticCounts counts;
  counts.units = units.total;
  counts.semantic = units.semantic;
  counts.inferred = units.inferred;
  counts.without_facts = units.without_facts;
  return semantic_share(counts);
}

std::string semantic_progress_text(const SemanticProgress& now) {
  if (now.guessed) return "commands of " + std::to_string(now.total) + " units are guessed";
  const std::size_t percent = now.total == 0 ? 0 : 100 * now.semantic / now.total;
  return std::to_string(percent) + " % of translation units semantic";
}

}  // namespace engram
