#include "tests/syntax/ctags_agreement.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "core/atomic_file.h"
#include "core/json.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

struct CtagsLanguage {
  std::string_view ours;
  std::string_view theirs;
  std::vector<std::string_view> no_definitions;  // kinds that are references or contents
};

const std::vector<CtagsLanguage>& ctags_languages() {
  static const std::vector<CtagsLanguage> table = {
      {"bash", "Sh", {"heredoc", "script"}},
      {"c", "C", {"header"}},
      {"cpp", "C++", {"header"}},
      {"csharp", "C#", {}},
      {"css", "CSS", {}},
      {"cuda", "CUDA", {"header"}},
      {"go", "Go", {"packageName"}},
      {"html", "HTML", {"class", "stylesheet", "script"}},
      {"java", "Java", {}},
      {"javascript", "JavaScript", {}},
      {"json", "JSON", {}},
      {"kotlin", "Kotlin", {}},
      {"lua", "Lua", {}},
      {"markdown", "Markdown", {}},
      {"php", "PHP", {"alias"}},
      {"python", "Python", {"module", "namespace", "unknown"}},
      {"ruby", "Ruby", {"library", "describe", "context"}},
      {"rust", "Rust", {"implementation"}},
      {"typescript", "TypeScript", {}},
      {"yaml", "Yaml", {}},
  };
  return table;
}

const CtagsLanguage* find_language(std::string_view ours) {
  for (const CtagsLanguage& l : ctags_languages()) {
    if (l.ours == ours) return &l;
  }
  return nullptr;
}

std::string run(const std::string& command) {
  std::string out;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) return out;
  char buffer[1 << 16];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof(buffer), pipe.get())) > 0;) {
    out.append(buffer, n);
  }
  return out;
}

std::string field(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string();
}

// The part after the last separator, without brackets and quotes: a.b["c"] -> c.
std::string last_part(std::string name, std::string_view separators) {
  while (!name.empty() && (name.back() == ']' || name.back() == '"' || name.back() == '\'')) {
    name.pop_back();
  }
  const auto at = name.find_last_of(separators);
  return at == std::string::npos ? name : name.substr(at + 1);
}

// One form for what ctags writes differently: blanks in operators, qualified names, setters.
std::string plain_name(std::string name, std::string_view language) {
  while (name.starts_with(' ')) name.erase(0, 1);
  if (language == "cpp" || language == "cuda") std::erase(name, ' ');
  if (language == "csharp") {
    name = last_part(std::move(name), ".");
    if (name.starts_with("operator ")) name.erase(0, 9);
  }
  if (language == "lua") name = last_part(std::move(name), ".:[\"'");
  if (language == "ruby" && name.size() > 1 && name.ends_with('=') &&
      (std::isalnum(static_cast<unsigned char>(name[name.size() - 2])) != 0)) {
    name.pop_back();
  }
  return name;
}

// Names that ctags makes up for what has none.
bool is_made_up(std::string_view name) {
  return name.starts_with("__anon") || name.starts_with("anonymous") ||
         name.starts_with("AnonymousFunction") || name.starts_with("AnonymousClass") ||
         name == "<lambda>" || name == "<anonymous>" || name == "-g";  // alias -g
}

using Places = std::multimap<std::string, std::uint32_t>;  // name to line

Result<Places> our_places(std::string_view language, const std::string& path) {
  ENGRAM_TRY(text, read_file(path));
  ExtractLimits limits;
  limits.max_bytes = 64u << 20;
  limits.parse_time = std::chrono::milliseconds(60'000);
  ENGRAM_TRY(extraction, extract_facts(language, text, limits));
  Places places;
  for (const Symbol& s : extraction.facts.symbols) {
    places.emplace(plain_name(s.name, language), s.line);
  }
  return places;
}

bool near(std::uint32_t a, std::uint32_t b) {
  return a <= b + kLineTolerance && b <= a + kLineTolerance;
}

bool is_found(const MissedTag& tag, const Places& places, std::string_view language) {
  const auto [begin, end] = places.equal_range(plain_name(tag.name, language));
  if (std::any_of(begin, end, [&](const auto& p) { return near(p.second, tag.line); })) return true;
  // ctags names a CSS rule by its whole selector, we each class and id in it; and its "operator"
  // in CUDA is any operator.
  return std::any_of(places.begin(), places.end(), [&](const auto& p) {
    if (!near(p.second, tag.line)) return false;
    if (language == "css") return tag.name.find(p.first) != std::string::npos;
    return language == "cuda" && tag.name == "operator" && p.first.starts_with("operator");
  });
}

}  // namespace

bool ctags_knows(std::string_view language) { return find_language(language) != nullptr; }

Result<CtagsAgreement> compare_with_ctags(std::string_view language,
                                          const std::vector<std::string>& files) {
  const CtagsLanguage* theirs = find_language(language);
  if (theirs == nullptr) {
    return Error{Errc::kInvalidArgument, "ctags does not know " + std::string(language)};
  }
  if (run("ctags --list-features 2>/dev/null").find("json") == std::string::npos) {
    return Error{Errc::kNotFound, "no universal-ctags with JSON output: install universal-ctags"};
  }
  const TemporaryDirectory scratch;
  std::string list;
  for (const std::string& file : files) list += file + "\n";
  scratch.write("files", list);
  const std::string tags =
      run("ctags --options=NONE --quiet --sort=no --output-format=json --fields=NFnK "
          "--language-force='" +
          std::string(theirs->theirs) + "' -L '" + (scratch.path() / "files").string() +
          "' -f - 2>/dev/null");
  std::map<std::string, Places> ours;
  CtagsAgreement out;
  for (const std::string& file : files) {
    ENGRAM_TRY(places, our_places(language, file));
    ours.emplace(file, std::move(places));
    ++out.files;
  }
  std::set<std::string> seen;  // ctags repeats a tag of two kinds
  for (std::size_t begin = 0; begin < tags.size();) {
    const std::size_t end = std::min(tags.find('\n', begin), tags.size());
    const auto tag = parse_json(std::string_view(tags).substr(begin, end - begin));
    begin = end + 1;
    if (!tag) continue;
    MissedTag t{field(*tag, "path"), field(*tag, "name"), field(*tag, "kind"), 0};
    const json::value* line = find(*tag, "line");
    if (line == nullptr || !line->is_int64() || t.name.empty()) continue;
    t.line = static_cast<std::uint32_t>(line->as_int64());
    const auto& skip = theirs->no_definitions;
    if (std::find(skip.begin(), skip.end(), t.kind) != skip.end()) continue;
    if (is_made_up(t.name) || (language == "bash" && t.name.ends_with('='))) continue;  // a=()
    // The elements of a JSON array get their index as name.
    const bool index = t.name.find_first_not_of("0123456789") == std::string::npos;
    if (language == "json" && index) continue;
    if (!seen.insert(t.path + "\n" + t.name + "\n" + std::to_string(t.line)).second) continue;
    ++out.tags;
    const bool found = is_found(t, ours[t.path], language);
    if (found) {
      ++out.found;
    } else {
      out.missed.push_back(std::move(t));
    }
  }
  return out;
}

}  // namespace engram
