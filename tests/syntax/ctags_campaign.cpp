// ctags_campaign LANGUAGE < PATHS: how many of universal-ctags' definitions we find in the files.
//
// Files of another language are passed over. Prints
// one line of JSON: language, files, tags, found, share, and up to 2000 missed tags.
#include <iostream>

#include "core/atomic_file.h"
#include "core/json.h"
#include "indexer/syntax/language.h"
#include "tests/syntax/ctags_agreement.h"

int main(int argc, char** argv) {
  using namespace engram;
  if (argc != 2) {
    std::cerr << "usage: ctags_campaign LANGUAGE < PATHS\n";
    return 2;
  }
  std::vector<std::string> files;
  for (std::string path; std::getline(std::cin, path);) {
    const auto text = read_file(path, 4u << 20);
    if (text && language_of(path, *text) == argv[1]) files.push_back(path);
  }
  const auto agreement = compare_with_ctags(argv[1], files);
  if (!agreement) {
    std::cerr << agreement.error().message << "\n";
    return 3;
  }
  json::array missed;
  for (const MissedTag& t : agreement->missed) {
    if (missed.size() == 2000) break;
    missed.push_back(json::object{
        {"path", t.path}, {"name", json_string(t.name)}, {"kind", t.kind}, {"line", t.line}});
  }
  std::cout << to_json(json::object{{"language", argv[1]},
                                    {"files", agreement->files},
                                    {"tags", agreement->tags},
                                    {"found", agreement->found},
                                    {"share", agreement->share()},
                                    {"missed", std::move(missed)}})
            << "\n";
  return 0;
}
