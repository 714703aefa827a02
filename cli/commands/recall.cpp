// engram recall: what followed a text, or the text before a position, elsewhere in the repository.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "assist/completion/context.h"
#include "assist/engrams/memory_tokens.h"
#include "assist/engrams/recall.h"
#include "assist/engrams/recall_names.h"
#include "cli/command.h"
#include "core/atomic_file.h"
#include "core/path.h"
#include "core/text.h"
#include "engine/gguf.h"
#include "indexer/scan/scanner.h"
#include "memory/engrams/store.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct RecallArguments {
  std::string text;
  std::string position;
  bool vendored = false;
  std::size_t limit = 8;
};

constexpr std::size_t kMaxFile = std::size_t{16} << 20;

struct RecallQuestion {
  std::string text;                // before the place
  std::string buffer;              // all of the file, or the text
  std::vector<std::string> types;  // of what stands before a half-typed member
  std::vector<EngramBuffer> buffers;
  EngramView::Options view;
};

Result<RecallQuestion> question_of(const RecallArguments& arguments, const fs::path& root,
                                   const Tokenizer& tokenizer) {
  RecallQuestion out;
  out.view.include_foreign = arguments.vendored;
  out.text = out.buffer = arguments.text;
  out.types = context_query("", "", out.buffer, out.text.size(), {}).receiver_types;
  if (arguments.position.empty()) return out;
  ENGRAM_TRY(position, parse_position(arguments.position));
  ENGRAM_TRY(contents, read_file(position.file, kMaxFile));
  ENGRAM_TRY(offset, offset_of(position, contents));
  out.text = contents.substr(0, offset);
  out.types = context_query("", "", contents, offset, {}).receiver_types;
  std::error_code ec;
  const auto path = relative_path(root, fs::weakly_canonical(position.file, ec));
  out.view.path = path.value_or("");
  if (path) out.buffers.push_back(buffer_for_memory(tokenizer, *path, contents, offset, offset));
  out.buffer = std::move(contents);
  return out;
}

// What a half-typed name at the end may become.
struct NameAnswer {
  RecalledName recalled;
  std::vector<EngramSource> sources;
};

std::vector<NameAnswer> names_for(const RecallQuestion& question, const fs::path& store,
                                  std::size_t limit) {
  constexpr std::size_t kSources = 2;
  std::vector<NameAnswer> out;
  IdentifierReader identifiers(store);
  const auto vocabulary = identifiers.newest();
  const auto catalogue = CatalogueReader::open(store);
  if (!vocabulary || !catalogue) return out;
  const NameQuestion asked{question.buffer, question.text.size(), question.types, limit};
  for (RecalledName& name : recall_names(vocabulary->get(), asked)) {
    out.push_back({std::move(name), {}});
    out.back().sources = name_sources(**catalogue, out.back().recalled.known.name, kSources);
  }
  if ((*vocabulary)->damaged()) out.clear();
  return out;
}

json::array sources_json(const std::vector<EngramSource>& from) {
  json::array out;
  for (const EngramSource& s : from) {
    out.push_back(
        {{"file", json_string(s.path)}, {"line", s.line}, {"foreign", is_foreign(s.flags)}});
  }
  return out;
}

json::array names_json(const std::vector<NameAnswer>& names) {
  json::array out;
  for (const NameAnswer& name : names) {
    const KnownIdentifier& known = name.recalled.known;
    json::array kinds;
    for (const auto& k : known.counts.kinds) kinds.push_back(json_string(to_string(k.kind)));
    out.push_back({{"name", json_string(known.name)},
                   {"uses", known.counts.uses},
                   {"kinds", std::move(kinds)},
                   {"member", known.member},
                   {"in_buffer", name.recalled.in_buffer},
                   {"sources", sources_json(name.sources)}});
  }
  return out;
}

std::string names_text(const std::vector<NameAnswer>& names) {
  std::string out;
  for (const NameAnswer& name : names) {
    const KnownIdentifier& known = name.recalled.known;
    out += fmt::format("{}{}\n  -- used {} times", known.name, known.member ? " (member)" : "",
                       known.counts.uses);
    for (const auto& k : known.counts.kinds) out += fmt::format(", {}", to_string(k.kind));
    for (const EngramSource& s : name.sources) out += fmt::format(", {}:{}", s.path, s.line);
    out += "\n";
  }
  return out;
}

json::value recalled_json(const Recalled& recalled, const std::vector<NameAnswer>& names) {
  json::array continuations;
  for (const Continuation& c : recalled.continuations) {
    continuations.push_back({{"text", json_string(c.text)},
                             {"count", c.count},
                             {"match_length", c.match_length},
                             {"sources", sources_json(c.sources)}});
  }
  return {{"continuations", std::move(continuations)},
          {"identifiers", names_json(names)},
          {"lookup_us", recalled.lookup_us}};
}

std::string recalled_text(const Recalled& recalled) {
  if (recalled.continuations.empty()) return "nothing in the repository goes on like this\n";
  std::string out;
  for (const Continuation& c : recalled.continuations) {
    out += c.text + "\n";
    out += fmt::format("  -- {} times after {} tokens", c.count, c.match_length);
    std::string_view between = ": ";
    for (const EngramSource& s : c.sources) {
      out += fmt::format("{}{}:{}", between, s.path, s.line);
      between = ", ";
    }
    out += c.count > c.sources.size() ? ", ...\n" : "\n";
  }
  return out + fmt::format("  -- {:.0f} us\n", recalled.lookup_us);
}

ExitCode run_recall(const Context& context, const RecallArguments& arguments) {
  if (arguments.text.empty() == arguments.position.empty()) {
    return context.fail(
        {Errc::kInvalidArgument, "say what to recall: TEXT, or --at FILE:LINE:COLUMN"});
  }
  const auto position = parse_position(arguments.position);
  const fs::path root =
      position ? workspace_of(position->file) : find_workspace(fs::current_path());
  const auto settings = context.settings(root);
  if (!settings) return context.fail(settings.error());
  const auto tokenizer = context.tokenizer(*settings);
  if (!tokenizer) return context.fail(tokenizer.error());
  const auto question = question_of(arguments, root, **tokenizer);
  if (!question) return context.fail(question.error());
  const fs::path store = context.store_directory(root, *settings);
  EngramReader reader(store, engram_vocabulary(**tokenizer));
  const auto snapshot = reader.snapshot();
  if (!snapshot && snapshot.error().code == Errc::kNotFound) {
    return context.fail(
        {Errc::kNotFound,
         fmt::format("cannot recall: no engrams of '{}' for this model's tokenizer; "
                     "'engram index' makes them",
                     root.string())});
  }
  if (!snapshot) return context.fail(snapshot.error());
  for (const std::string& problem : reader.problems()) context.notice(problem);
  const EngramView view(*snapshot, reader.vocabulary(), question->buffers, question->view);
  ContinuationOptions options;
  options.limit = arguments.limit;
  const Recalled recalled = recall(view, **tokenizer, question->text, options);
  if (view.damaged()) {
    return context.fail({Errc::kCorrupt,
                         "cannot recall: a segment was truncated meanwhile; "
                         "'engram index' makes it anew"});
  }
  const auto names = names_for(*question, store, arguments.limit);
  return context.answer(recalled_json(recalled, names),
                        names_text(names) + recalled_text(recalled));
}

}  // namespace

void register_recall(CLI::App& app, Context& context, Run& run) {
  auto arguments = std::make_shared<RecallArguments>();
  CLI::App* command = app.add_subcommand("recall", "What the engrams say follows a text");
  command->add_option("TEXT", arguments->text, "The text whose continuation is asked for");
  command->add_option("--at", arguments->position, "FILE:LINE:COLUMN, the text before it");
  command->add_flag("--vendored", arguments->vendored,
                    "Also from vendored and differently licensed code");
  command->add_option("--limit", arguments->limit, "At most so many continuations (default 8)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{64}));
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_recall(context, *arguments); };
  });
}

}  // namespace engram::cli
