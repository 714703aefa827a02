// syntax_facts: prints what indexer/syntax finds in files, one JSON object a symbol and line.
//
//   syntax_facts [--references] FILE...      symbols (and references) as JSON lines
//   syntax_facts --speed LANGUAGE < PATHS    parse alone against parse and extraction, CPU time
//
// Used by tools/campaigns/ctags.sh and by hand.
#include <time.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/json.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/syntax_tree.h"

namespace engram {
namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

int print_facts(const std::vector<std::string>& paths, bool references) {
  ExtractLimits limits;
  limits.max_bytes = 16u << 20;
  limits.parse_time = std::chrono::milliseconds(60'000);
  for (const std::string& path : paths) {
    const auto text = read_file(path);
    if (!text) {
      std::cerr << text.error().message << "\n";
      return 3;
    }
    const std::string_view language = language_of(path, *text);
    if (language.empty()) continue;
    const auto extraction = extract_facts(language, *text, limits);
    if (!extraction) {
      std::cerr << path << ": " << extraction.error().message << "\n";
      return 3;
    }
    for (const Symbol& s : extraction->facts.symbols) {
      json::object o{{"path", path},
                     {"name", json_string(s.name)},
                     {"kind", std::string(to_string(s.kind))},
                     {"line", s.line},
                     {"end_line", s.end_line},
                     {"container", json_string(s.container)},
                     {"definition", s.is_definition},
                     {"local", s.is_local}};
      std::cout << to_json(o) << "\n";
    }
    if (!references) continue;
    for (const Reference& r : extraction->facts.references) {
      json::object o{{"path", path},
                     {"reference", json_string(r.name)},
                     {"kind", std::string(to_string(r.kind))},
                     {"line", r.line}};
      std::cout << to_json(o) << "\n";
    }
  }
  return 0;
}

int print_speed(std::string_view language) {
  double parse = 0, extract = 0;
  std::size_t bytes = 0, symbols = 0, references = 0, chunks = 0, limited = 0;
  for (std::string path; std::getline(std::cin, path);) {
    const auto text = read_file(path, 4u << 20);
    if (!text) continue;
    const double t0 = cpu_seconds();
    {
      const auto tree = SyntaxTree::parse(language, *text, std::chrono::milliseconds(10'000));
      if (!tree) continue;
    }
    const double t1 = cpu_seconds();
    const auto out = extract_facts(language, *text);
    const double t2 = cpu_seconds();
    if (!out) return 3;
    parse += t1 - t0;
    extract += t2 - t1;
    bytes += text->size();
    symbols += out->facts.symbols.size();
    references += out->facts.references.size();
    chunks += out->facts.chunks.size();
    limited += out->limited_by.empty() ? 0 : 1;
  }
  const double mb = static_cast<double>(bytes) / 1e6;
  std::printf(
      "%-10s %7.1f MB  parse %6.1f MB/s  extract %6.1f MB/s  ratio %.3f  symbols %zu references "
      "%zu chunks %zu limited %zu\n",
      std::string(language).c_str(), mb, mb / parse, mb / extract, parse / extract, symbols,
      references, chunks, limited);
  return 0;
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--speed") return engram::print_speed(arguments[1]);
  std::vector<std::string> paths;
  bool references = false;
  for (const std::string& a : arguments) {
    if (a == "--references") {
      references = true;
    } else {
      paths.push_back(a);
    }
  }
  return engram::print_facts(paths, references);
}
