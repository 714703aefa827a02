// engram status: what is in the store, how fresh it is, what was left out, and why.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "assist/engrams/sync.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/semantic_facts.h"
#include "indexer/scan/nothing_left.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"
#include "memory/identifiers/identifiers.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct Freshness {
  std::size_t changed = 0, added = 0, removed = 0;
  std::size_t stale() const { return changed + added + removed; }
};

// Compares the tree (a stat each) with the store; what was skipped by its contents is not new.
Result<Freshness> freshness(const fs::path& root, CatalogueReader& reader,
                            const ScanOptions& options, std::stop_token stop) {
  ENGRAM_TRY(scan, scan_workspace(root, options, stop));
  ENGRAM_TRY(indexed, reader.files());
  ENGRAM_TRY(skipped, reader.skipped());
  std::map<std::string_view, const FileEntry*> known;
  for (const IndexedFile& f : indexed) known.emplace(f.entry.path, &f.entry);
  std::map<std::string_view, bool> left_out;
  for (const SkippedFile& s : skipped) left_out.emplace(s.path, true);
  Freshness out;
  std::size_t found = 0;
  for (const FileEntry& entry : scan.files) {
    const auto it = known.find(entry.path);
    if (it == known.end()) {
      if (!left_out.contains(entry.path)) ++out.added;
      continue;
    }
    ++found;
    if (it->second->mtime_ns != entry.mtime_ns || it->second->size != entry.size) ++out.changed;
  }
  out.removed = known.size() - found;
  return out;
}

json::array engrams_json(const EngramMemories& memories) {
  json::array out;
  for (const auto& [tokenizer, m] : memories.by_tokenizer) {
    json::array capped;
    for (const std::string& path : m.capped) capped.push_back(json_string(path));
    json::array problems;
    for (const std::string& problem : m.problems) problems.push_back(json_string(problem));
    out.push_back({{"tokenizer", json_string(tokenizer)},
                   {"tokens", m.tokens},
                   {"contents", m.contents},
                   {"segments", m.segments},
                   {"bytes", m.bytes},
                   {"cut_literals", m.cut_literals},
                   {"capped", std::move(capped)},
                   {"problems", std::move(problems)}});
  }
  return out;
}

// The vocabulary: null where names were never counted.
struct Vocabulary {
  json::value document = nullptr;
  std::string text, problem;
};

Vocabulary vocabulary_of(const fs::path& store) {
  Vocabulary out;
  const auto newest = IdentifierReader(store).newest();
  if (!newest) {
    if (newest.error().code != Errc::kNotFound) out.problem = newest.error().message;
    return out;
  }
  // Sums over segments: a name in several is counted in each, until they are merged.
  std::uint64_t names = 0, members = 0, bytes = 0;
  const auto segments = (*newest)->segments();
  for (const auto& segment : segments) {
    names += segment->names().entry_count();
    members += segment->members().entry_count();
    bytes += segment->bytes();
  }
  out.document = json::object{
      {"names", names}, {"members", members}, {"segments", segments.size()}, {"bytes", bytes}};
  out.text = fmt::format("{} names, {} members in {} segments ({})\n", names, members,
                         segments.size(), format_bytes(bytes));
  return out;
}

ExitCode run_status(const Context& context, const std::string& directory) {
  std::error_code ec;
  const fs::path root = fs::canonical(directory, ec);
  if (ec) {
    return context.fail(
        {Errc::kNotFound, fmt::format("cannot report on '{}': {}", directory, ec.message())});
  }
  const auto settings = context.settings(root);
  if (!settings) return context.fail(settings.error());
  const fs::path store = context.store_directory(root, *settings);
  const auto reader = CatalogueReader::open(store);
  if (!reader) return context.fail(reader.error());
  const auto counts = (*reader)->counts();
  if (!counts) return context.fail(counts.error());
  const auto skipped = (*reader)->skipped();
  if (!skipped) return context.fail(skipped.error());
  const auto fresh =
      freshness(root, **reader, index_options_from(*settings).scan, context.stop.get_token());
  if (!fresh) return context.fail(fresh.error());
  const auto holder = lease_holder(store);

  const EngramMemories engrams = engram_memories(store);
  const Vocabulary vocabulary = vocabulary_of(store);

  const auto semantic = semantic_summary(root, store, *settings);
  if (!semantic) return context.fail(semantic.error());

  json::object out = counts_json(*counts, &engrams.together);
  add_semantic(out, *semantic);
  out["engram_memory"] = engrams_json(engrams);
  out["vocabulary"] = vocabulary.document;
  out["stale"] = fresh->stale();
  out["changed"] = fresh->changed;
  out["added"] = fresh->added;
  out["removed"] = fresh->removed;
  out["workers"] = json::array();
  out["lease"] = holder ? json::value{{"pid", holder->pid}, {"command", holder->command}}
                        : json::value(nullptr);
  out["store"] = store.string();
  out["skipped"] = skipped_json(*skipped);

  std::string text =
      fmt::format("{} files ({}), {} symbols, {} references, {} chunks\n", counts->files,
                  format_bytes(counts->bytes), counts->symbols, counts->references, counts->chunks);
  text += fresh->stale() == 0
              ? std::string("fresh: nothing changed since it was indexed\n")
              : fmt::format("stale: {} changed, {} new, {} gone; run 'engram index'\n",
                            fresh->changed, fresh->added, fresh->removed);
  if (const auto why = why_nothing_is_left(counts->files, *skipped)) text += *why + "\n";
  text += semantic_text(*semantic);
  if (holder)
    text += fmt::format("being written by process {} ({})\n", holder->pid, holder->command);
  for (const auto& [tokenizer, memory] : engrams.by_tokenizer) text += engrams_text(memory);
  text += vocabulary.text;
  if (!vocabulary.problem.empty()) context.notice(vocabulary.problem);
  for (const std::string& problem : engrams.together.problems) context.notice(problem);
  text += skipped_text(*skipped);
  text += fmt::format("store: {} ({})\n", store.string(), format_bytes(counts->store_bytes_facts));
  return context.answer(out, text);
}

}  // namespace

void register_status(CLI::App& app, Context& context, Run& run) {
  auto directory = std::make_shared<std::string>(".");
  CLI::App* command =
      app.add_subcommand("status", "What the memory holds, how fresh, what was left out and why");
  command->add_option("DIR", *directory, "The workspace (default: here)");
  command->callback([&context, &run, directory] {
    run = [&context, directory] { return run_status(context, *directory); };
  });
}

}  // namespace engram::cli
