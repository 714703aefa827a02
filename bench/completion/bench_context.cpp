// bench/completion: what looked-up code shows of a text that is hidden, without a model.
//
// Places of real repositories whose file the prompt shows whole, so that memory has room. Counted
// are the names of the truth that stand nowhere in the part of the file that is shown, and how many
// of them the snippets have; and how near their nearest line comes to the truth's. Neither is what
// a model makes of them: it tells apart ways of looking up over thousands of places in minutes, and
// the best are then worth a model's time (foreign_eval). `known`: how many of those names stand
// anywhere else in the repository, which no way of looking up can exceed. One JSON line: all and
// novel places.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <set>

#include "assist/completion/context.h"
#include "assist/completion/line_view.h"
#include "assist/completion/plan.h"
#include "assist/evaluation/evaluation.h"
#include "assist/evaluation/scores.h"
#include "assist/models/model_store.h"
#include "core/json.h"
#include "engine/gguf.h"
#include "indexer/pipeline.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/syntax_tree.h"
#include "memory/catalogue.h"

namespace engram {

namespace {

struct Options {
  std::vector<std::string> repos, languages;
  std::string model, store, mode = "file-out", places;
  HideOptions hide{.kinds = {PlaceKind::kLine, PlaceKind::kIdentifier}, .languages = {}};
  std::size_t prompt_tokens = 1500;
};

struct Shown {
  bool novel = false;
  // Names that the file does not show; of those, in snippets, and anywhere in the repository.
  std::size_t wanted = 0, found = 0, known = 0;
  double nearest = 0;  // similarity of the nearest line
  std::size_t snippets = 0, tokens = 0;
};

class Looker {
 public:
  explicit Looker(const Options& options) : options_(options) {}
  Result<void> run();

 private:
  Result<void> repository(const std::filesystem::path& root, const std::string& language);
  void place(const HiddenPlace& place, ContextSource& context, const std::string& repository);
  bool occurs_elsewhere(std::string_view name, const HiddenPlace& place);
  json::object summary(bool novel_only) const;

  const Options& options_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  ModelFormat format_;
  std::unique_ptr<CatalogueReader> reader_;
  std::vector<Shown> all_;
  std::ofstream lines_;
};

std::set<std::string_view> names_of(std::string_view text) {
  const auto names = identifiers_in(text, 3);
  return {names.begin(), names.end()};
}

// Whole names that end behind the first `typed` bytes: of one that is half typed, all of it.
std::set<std::string_view> names_behind(std::string_view text, std::size_t typed) {
  std::set<std::string_view> names;
  for (const auto name : identifiers_in(text, 3)) {
    const auto end = static_cast<std::size_t>(name.data() - text.data()) + name.size();
    if (end > typed) names.insert(name);
  }
  return names;
}

double nearest_line(const std::vector<PromptSnippet>& snippets, std::string_view truth) {
  double best = 0;
  for (const PromptSnippet& snippet : snippets) {
    for (const auto line : split_lines(snippet.text)) {
      best = std::max(best, edit_similarity(trimmed(line), trimmed(truth)));
    }
  }
  return best;
}

bool Looker::occurs_elsewhere(std::string_view name, const HiddenPlace& place) {
  const auto hits = reader_->references(name, 64);
  CatalogueReader::SymbolQuery query;
  query.name = std::string(name);
  const auto symbols = reader_->symbols(query);
  const auto other = [&](const auto& hit) {
    return hit.path != place.path &&
           std::find(place.copies.begin(), place.copies.end(), hit.path) == place.copies.end();
  };
  return (hits && std::any_of(hits->begin(), hits->end(), other)) ||
         (symbols && std::any_of(symbols->begin(), symbols->end(), other));
}

void Looker::place(const HiddenPlace& place, ContextSource& context,
                   const std::string& repository) {
  PlanInput input;
  input.text = *place.text;
  input.offset = place.offset;
  input.path = place.path;
  input.repository = repository;
  const auto tree = SyntaxTree::parse(place.language, *place.text);
  const auto known = identifiers_near(tree ? &*tree : nullptr, place.text->size(), place.offset);
  auto query = context_query(place.path, place.language, *place.text, place.offset, known);
  query.excluded_paths = place.copies;
  input.suffix = options_.mode == "line-out";
  const PromptPlan bare = make_plan(*tokenizer_, format_, input, options_.prompt_tokens);
  const bool whole = bare.window_begin == 0 && (bare.suffix_to_end || !input.suffix);
  if (!whole || bare.ids.size() + 128 > options_.prompt_tokens) return;
  input.snippets = context.gather(query, std::chrono::seconds(5), {}).snippets;
  const PromptPlan plan = make_plan(*tokenizer_, format_, input, options_.prompt_tokens);
  std::string text;
  for (const PromptSnippet& snippet : plan.snippets) text += snippet.text + "\n";
  const auto in_file = names_of(plan.prefix), below = names_of(plan.suffix);
  const auto have = names_of(text);
  const std::string typed = plan.forced(*place.text, place.offset);
  Shown shown;
  shown.novel = place.novel;
  shown.nearest = nearest_line(plan.snippets, typed + place.truth);
  shown.snippets = plan.snippets.size();
  shown.tokens = plan.ids.size();
  const std::string line = typed + place.truth;
  for (const auto name : names_behind(line, typed.size())) {
    if (in_file.contains(name) || below.contains(name)) continue;
    ++shown.wanted;
    shown.found += have.contains(name) ? 1 : 0;
    shown.known += occurs_elsewhere(name, place) ? 1 : 0;
  }
  all_.push_back(shown);
  if (!lines_.is_open()) return;
  lines_ << to_json(json::object{{"place", json_string(repository + "/" + place.id())},
                                 {"novel", shown.novel},
                                 {"wanted", shown.wanted},
                                 {"found", shown.found},
                                 {"nearest", shown.nearest}})
         << '\n';
}

Result<void> Looker::repository(const std::filesystem::path& root, const std::string& language) {
  const auto store = std::filesystem::path(options_.store) / root.filename();
  ENGRAM_TRY(index, index_workspace(root, store, {}));
  HideOptions hide = options_.hide;
  hide.mode = options_.mode == "file-out" ? HideMode::kFileOut : HideMode::kLineOut;
  if (!language.empty()) hide.languages = {language};
  ENGRAM_TRY(places, hide_places(root, hide));
  ENGRAM_TRY(reader, CatalogueReader::open(store));
  reader_ = std::move(reader);
  ContextSource context(store, std::chrono::seconds(100));
  for (const HiddenPlace& p : places) place(p, context, root.filename().string());
  return {};
}

json::object Looker::summary(bool novel_only) const {
  double places = 0, wanted = 0, found = 0, in_repository = 0, nearest = 0, near = 0, snippets = 0,
         tokens = 0;
  for (const Shown& shown : all_) {
    if (novel_only && !shown.novel) continue;
    ++places;
    wanted += static_cast<double>(shown.wanted), found += static_cast<double>(shown.found);
    in_repository += static_cast<double>(shown.known);
    nearest += shown.nearest, near += shown.nearest >= 0.8 ? 1 : 0;
    snippets += static_cast<double>(shown.snippets), tokens += static_cast<double>(shown.tokens);
  }
  const double n = std::max(1.0, places);
  return {{"places", places},
          {"names_wanted", wanted},
          {"names_shown", found / std::max(1.0, wanted)},
          {"names_known", in_repository / std::max(1.0, wanted)},
          {"nearest_line", nearest / n},
          {"near_lines", near / n},
          {"snippets", snippets / n},
          {"prompt_tokens", tokens / n}};
}

Result<void> Looker::run() {
  ENGRAM_TRY(model, find_model(options_.model));
  ENGRAM_TRY(file, GgufFile::open(model.file));
  ENGRAM_TRY(tokenizer, Tokenizer::from_gguf(*file));
  tokenizer_ = tokenizer;
  format_ = model_format(*tokenizer_, model.fim);
  if (!options_.places.empty()) lines_.open(options_.places);
  for (std::size_t i = 0; i < options_.repos.size(); ++i) {
    const auto& languages = options_.languages;
    ENGRAM_TRY_VOID(
        repository(options_.repos[i], i < languages.size() ? languages[i] : std::string()));
  }
  fmt::print("{}\n", to_json(json::object{{"bench", "context"},
                                          {"mode", options_.mode},
                                          {"seed", options_.hide.seed},
                                          {"all", summary(false)},
                                          {"novel", summary(true)}}));
  return {};
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  CLI::App app{"What looked-up code shows of hidden places"};
  engram::Options options;
  app.add_option("--repo", options.repos, "repositories")->required()->delimiter(',');
  app.add_option("--language", options.languages, "of each repository")->delimiter(',');
  app.add_option("--store", options.store, "a directory of stores")->required();
  app.add_option("--model", options.model, "whose tokenizer and layout")->required();
  app.add_option("--mode", options.mode)->check(CLI::IsMember({"line-out", "file-out"}));
  app.add_option("--samples", options.hide.samples, "of each repository");
  app.add_option("--seed", options.hide.seed);
  app.add_option("--prompt-tokens", options.prompt_tokens);
  app.add_option("--places", options.places, "a JSON line a place");
  CLI11_PARSE(app, argc, argv);
  const auto done = engram::Looker(options).run();
  if (done) return 0;
  fmt::print(stderr, "bench_context: {}\n", done.error().message);
  return 1;
}
