#include "indexer/syntax/query_set.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/sync.h"
#include "indexer/syntax/grammar.h"

namespace engram {

namespace {

// The files of one language, those it inherits first.
Result<void> load_files(std::string_view language, std::string_view only, int depth,
                        std::vector<QueryFile>& out) {
  for (const EmbeddedQuery& query : embedded_queries()) {
    const auto slash = query.path.find('/');
    if (query.path.substr(0, slash) != language) continue;
    const std::string_view file = query.path.substr(slash + 1);
    if (!only.empty() && file != only) continue;
    ENGRAM_TRY(parsed, parse_query_file(query.path, query.text));
    for (const Directive& directive : parsed.directives) {
      if (directive.name != "inherits!") continue;
      if (depth > 4) return Error{Errc::kInvalidArgument, "query files inherit in a circle"};
      for (const std::string& parent : directive.arguments) {
        ENGRAM_TRY_VOID(load_files(parent, file, depth + 1, out));
      }
    }
    out.push_back(std::move(parsed));
  }
  return {};
}

Result<PathAutomaton> compile_language(std::string_view language) {
  const TSLanguage* grammar = grammar_of(language);
  if (grammar == nullptr) {
    return Error{Errc::kInvalidArgument,
                 "no grammar for language \"" + std::string(language) + "\""};
  }
  std::vector<QueryFile> files;
  ENGRAM_TRY_VOID(load_files(language, {}, 0, files));
  return PathAutomaton::compile(grammar, files);
}

struct Compiled {
  Mutex mutex;
  std::map<std::string, Result<PathAutomaton>, std::less<>> by_language ENGRAM_GUARDED_BY(mutex);
};

Compiled& compiled() {
  static Compiled instance;  // a cache of constants
  return instance;
}

}  // namespace

Result<const PathAutomaton*> automaton_of(std::string_view language) {
  Compiled& cache = compiled();
  const MutexLock lock(cache.mutex);
  auto it = cache.by_language.find(language);
  if (it == cache.by_language.end()) {
    it = cache.by_language.emplace(std::string(language), compile_language(language)).first;
  }
  if (!it->second) return it->second.error();
  return &*it->second;
}

Result<Matcher*> matcher_of_thread(std::string_view language) {
  thread_local std::map<std::string, std::unique_ptr<Matcher>, std::less<>> matchers;
  auto it = matchers.find(language);
  if (it == matchers.end()) {
    ENGRAM_TRY(automaton, automaton_of(language));
    it = matchers.emplace(std::string(language), std::make_unique<Matcher>(*automaton)).first;
  }
  return it->second.get();
}

}  // namespace engram
