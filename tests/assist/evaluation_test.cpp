// Evaluation: which places are hidden, what memory may still say, and how results are kept.
#include "assist/evaluation/evaluation.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>

#include "assist/completion/line_view.h"
#include "assist/engrams/sync.h"
#include "assist/evaluation/similar_files.h"
#include "assist/evaluation/summary.h"
#include "core/atomic_file.h"
#include "indexer/syntax/extract.h"
#include "memory/catalogue.h"
#include "memory/sub_words.h"
#include "tests/assist/fake_engine.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

// A Python file of functions; `name` makes its lines differ from other files'.
std::string functions(const std::string& name, int n) {
  std::string text;
  for (int i = 0; i < n; ++i) {
    const std::string k = std::to_string(i);
    text += "def compute_" + name + "_" + k + "(value, factor):\n    shared_prologue(value)\n    " +
            name + "_total = value * factor + " + k +
            "\n    for element in range(value):\n        " + name + "_total += element * " + k +
            "\n    return " + name + "_total\n\n\n";
  }
  return text;
}

struct Repository {
  TemporaryDirectory dir;
  Repository() {
    dir.write("alpha.py", functions("alpha", 6));
    dir.write("beta.py", functions("beta", 6));
    dir.write("copies/alpha_again.py", functions("alpha", 6) + "extra_line = 1\n");
    dir.write("README.md", "# words\n");
  }
  std::string file(const std::string& path) const { return *read_file(dir.path() / path); }
};

std::vector<HiddenPlace> places_of(const Repository& repository, HideMode mode,
                                   std::size_t samples = 40) {
  HideOptions options;
  options.samples = samples;
  options.seed = 7;
  options.mode = mode;
  options.languages = {"python"};
  auto places = hide_places(repository.dir.path(), options);
  REQUIRE(places);
  return *std::move(places);
}

}  // namespace

TEST_CASE("hidden places: the truth put back makes the file again, or its beginning",
          "[evaluation]") {
  const Repository repository;
  const HideMode mode = GENERATE(HideMode::kLineOut, HideMode::kFileOut);
  const auto places = places_of(repository, mode);
  REQUIRE(places.size() == 40);
  std::set<std::string> seen;
  std::size_t kinds[3] = {};
  for (const auto& place : places) {
    CHECK(seen.insert(place.id()).second);
    ++kinds[static_cast<std::size_t>(place.kind)];
    std::string text = *place.text;
    REQUIRE(place.offset <= text.size());
    CHECK((mode == HideMode::kLineOut || place.offset == text.size()));
    text.insert(place.offset, place.truth);
    const std::string whole = repository.file(place.path);
    CHECK((mode == HideMode::kFileOut ? whole.starts_with(text) : whole == text));
    const auto lines = std::count(place.truth.begin(), place.truth.end(), '\n') + 1;
    CHECK((place.kind == PlaceKind::kBlock ? lines >= 3 && lines <= 8 : lines == 1));
  }
  CHECK(kinds[0] == 20);
  CHECK(kinds[1] == 10);
  CHECK(kinds[2] == 10);
}

TEST_CASE("hidden places: one seed draws the same places, another others", "[evaluation]") {
  const Repository repository;
  const auto a = places_of(repository, HideMode::kLineOut);
  const auto b = places_of(repository, HideMode::kLineOut);
  HideOptions other;
  other.seed = 8;
  const auto c = *hide_places(repository.dir.path(), other);
  REQUIRE(a.size() == b.size());
  bool same = a.size() == c.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].id() == b[i].id());
    same = same && a[i].id() == c[i].id();
  }
  CHECK_FALSE(same);
}

TEST_CASE("hidden places: novel is what stands nowhere else, copies of the file aside",
          "[evaluation]") {
  const Repository repository;
  std::size_t novel = 0, repeated = 0;
  for (const auto& place : places_of(repository, HideMode::kLineOut)) {
    if (place.kind == PlaceKind::kBlock) continue;
    const bool alpha = place.path != "beta.py";
    CHECK(place.copies.size() == (alpha ? 1 : 0));
    // The whole line, looked for by hand in what may be known.
    const auto begin = place.text->rfind('\n', place.offset - 1) + 1;
    std::string line = place.text->substr(begin, place.offset - begin) + place.truth;
    line.erase(0, line.find_first_not_of(' '));
    std::string known = *place.text + repository.file(alpha ? "beta.py" : "alpha.py");
    CHECK(place.novel == (known.find(' ' + line + '\n') == std::string::npos &&
                          known.find('\n' + line + '\n') == std::string::npos));
    ++(place.novel ? novel : repeated);
  }
  CHECK(novel > 0);
  CHECK(repeated > 0);
}

TEST_CASE("hidden places: names that stand elsewhere are known, half-typed ones as a whole",
          "[evaluation]") {
  const Repository repository;
  const HideMode mode = GENERATE(HideMode::kLineOut, HideMode::kFileOut);
  std::size_t known = 0, unknown = 0;
  for (const auto& place : places_of(repository, mode)) {
    std::size_t begin = place.offset;
    while (begin > 0 && is_identifier_byte((*place.text)[begin - 1])) --begin;
    const std::string typed = place.text->substr(begin, place.offset - begin);
    const std::string elsewhere = std::string(*place.text).erase(begin, typed.size()) + "\n" +
                                  repository.file(place.path == "beta.py" ? "alpha.py" : "beta.py");
    std::size_t expected = 0, wanted = 0;
    for (const auto name : identifiers_in(place.truth)) {
      const std::string whole =
          (name.data() == place.truth.data() ? typed : "") + std::string(name);
      expected += std::regex_search(elsewhere, std::regex("\\b" + whole + "\\b")) ? 1 : 0;
      ++wanted;
    }
    CHECK(place.names_known == expected);
    known += expected;
    unknown += wanted - expected;
  }
  CHECK(known > 0);
  CHECK(unknown > 0);
}

TEST_CASE("hidden places: in the project's own code, vendored code is only looked up",
          "[evaluation]") {
  const Repository repository;
  repository.dir.write("third_party/words.py", functions("alpha", 6) + functions("other", 6));
  const auto own = places_of(repository, HideMode::kLineOut);
  CHECK(own.size() == 40);
  for (const HiddenPlace& place : own) CHECK_FALSE(place.path.starts_with("third_party/"));
  HideOptions options{.samples = 40, .languages = {}};
  options.vendored = true;
  const auto all = hide_places(repository.dir.path(), options);
  REQUIRE(all);
  CHECK(std::any_of(all->begin(), all->end(), [](const HiddenPlace& place) {
    return place.path.starts_with("third_party/");
  }));
}

TEST_CASE("hidden places: a folder without code is an error that names it", "[evaluation]") {
  const TemporaryDirectory empty;
  const auto places = hide_places(empty.path(), {});
  REQUIRE_FALSE(places);
  CHECK(places.error().code == Errc::kNotFound);
  CHECK(places.error().message.find(empty.path().string()) != std::string::npos);
}

TEST_CASE("hidden places: a file of UTF-16 is code as the index has it", "[evaluation]") {
  const TemporaryDirectory wide;
  std::string utf16 = "\xff\xfe";
  for (const char c : functions("alpha", 6)) (utf16 += c) += '\0';
  wide.write("alpha.py", utf16);
  const auto places = hide_places(wide.path(), {});
  REQUIRE(places);
  REQUIRE_FALSE(places->empty());
  for (const HiddenPlace& place : *places) {
    std::string whole = *place.text;
    CHECK(whole.insert(place.offset, place.truth) == functions("alpha", 6));
  }
}

TEST_CASE("similar files: four lines of five make a copy, three do not", "[evaluation]") {
  SimilarFiles files;
  files.add("a1\nb2\nc3\nd4\ne5\n");
  files.add("  a1\n\nb2\nc3\nd4\nother\n");  // indentation and blank lines do not count
  files.add("a1\nb2\nc3\nelse\nmore\n");
  files.add("a1\nb2\nc3\nd4\ne5\nf\ng\nh\n");  // five of eight
  files.add("");
  using Copies = std::vector<std::vector<std::size_t>>;
  CHECK(files.copies_of(std::vector<std::size_t>{4, 1, 2, 0, 1}) == Copies{{}, {0}, {}, {1}, {0}});
  CHECK(files.copies_of({}).empty());
}

TEST_CASE("conditions: ingredients by name, anything else is named", "[evaluation]") {
  const auto all = parse_conditions("model,suffix+chunks@512,all");
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK_FALSE((*all)[0].ingredients.suffix);
  CHECK_FALSE((*all)[0].ingredients.drafts);
  CHECK((*all)[1].ingredients.suffix);
  CHECK((*all)[1].ingredients.chunks);
  CHECK_FALSE((*all)[1].ingredients.definitions);
  CHECK((*all)[1].file_tokens == 512);
  CHECK((*all)[2].ingredients.drafts);
  CHECK((*all)[2].recall.drafts);
  CHECK((*all)[2].recall.evidence);
  CHECK_FALSE((*all)[0].recall.evidence);
  const auto memory =
      *parse_conditions("suffix+drafts,memory-drafts,model+gate+below,memory+below");
  CHECK((memory[0].ingredients.drafts && !memory[0].recall.drafts));
  CHECK((memory[1].ingredients.drafts && memory[1].recall.drafts));
  CHECK((memory[2].recall.evidence && memory[2].recall.below_cursor && !memory[2].alone));
  CHECK((memory[3].alone && memory[3].recall.below_cursor));
  CHECK(((*all)[2].ingredients.search && !(*all)[0].ingredients.search));
  CHECK(parse_condition("gate+search")->ingredients.search);
  for (const std::string wrong : {"", "suffix+", "magic", "all@", "all@x", "all@1x", "model,,all",
                                  "memory+suffix", "memory+gate", "memory+search"}) {
    const auto parsed = parse_conditions(wrong);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::kInvalidArgument);
  }
}

TEST_CASE("sample log: what was done is known again, a torn line and other keys are not",
          "[evaluation]") {
  const TemporaryDirectory dir;
  const fs::path path = dir.path() / "results.jsonl";
  SampleResult r;
  r.place = "a.py:3:5 line", r.kind = "line", r.condition = "model";
  r.truth = "x = \"\xC3\xA4\"", r.text = "x\n", r.novel = r.exact = true;
  r.similarity = 0.5, r.confidence = 0.25, r.names_wanted = 3, r.names_found = 2;
  r.names_known = 3;
  r.agrees = true, r.bits = 12.5, r.bytes = 7, r.prompt_tokens = 100, r.tokens = 4, r.passes = 2,
  r.ms = 1.5;
  {
    auto log = SampleLog::open(path, "one");
    REQUIRE(log);
    REQUIRE(log->add(r));
    auto other = SampleLog::open(path, "two");
    REQUIRE(other->add(r));
    std::ofstream(path, std::ios::app) << R"({"key":"one","place":"torn)";
  }
  auto log = SampleLog::open(path, "one");
  REQUIRE(log);
  REQUIRE(log->known().size() == 1);
  const SampleResult& k = log->known()[0];
  CHECK(k.place == r.place);
  CHECK(k.truth == r.truth);
  CHECK(k.text == r.text);
  CHECK((k.novel && k.exact && k.agrees));
  CHECK(k.similarity == r.similarity);
  CHECK(k.names_known == 3);
  CHECK(k.bits == r.bits);
  CHECK(k.bytes == r.bytes);
  CHECK(k.names_found == r.names_found);
  CHECK(k.tokens == r.tokens);
  REQUIRE(log->add(r));
  CHECK(SampleLog::open(path, "one")->known().size() == 2);  // the torn line swallowed nothing
  CHECK(SampleLog::open(dir.path() / "no/such/folder.jsonl", "one").error().code == Errc::kIo);
}

// A catalogue with these files and their engrams in `tokenizer`'s terms.
void remember(const fs::path& store, const Repository& repository,
              const std::vector<std::string>& paths, const Tokenizer& tokenizer) {
  {
    const auto writer = CatalogueWriter::open(store);
    REQUIRE(writer);
    for (const std::string& path : paths) {
      const std::string text = repository.file(path);
      const auto extraction = extract_facts("python", text);
      REQUIRE(extraction);
      FileEntry entry;
      entry.path = path, entry.language = "python", entry.size = text.size();
      REQUIRE((*writer)->put_file(entry, sha256(text), &extraction->facts, text));
    }
    REQUIRE((*writer)->commit());
  }
  REQUIRE(sync_engrams(store, tokenizer, {}));
}

TEST_CASE("evaluation: the engram memory takes part where a condition says so, copies do not",
          "[evaluation]") {
  const Repository repository;
  const TemporaryDirectory store;
  const auto engine = std::make_shared<FakeEngine>(
      qwen_marks(), [&](const GenerationRequest&) { return std::string("pass"); });
  const bool known = GENERATE(true, false);
  // The only other file that goes on in the same way, first as itself, then as a copy.
  HiddenPlace place;
  place.path = "gamma.py";
  place.language = "python";
  place.text = std::make_shared<std::string>("def f(value):\n    shared_pro");
  place.offset = place.text->size();
  place.line = 2;
  place.truth = "logue(value)";
  if (!known) place.copies = {"beta.py"};
  remember(store.path(), repository, {"beta.py"}, engine->tokenizer());
  EvaluationSetup setup;
  setup.engine = engine;
  setup.tokenizer = engine->shared_tokenizer();
  setup.fim = FimVerdict::kWorks;
  setup.store = store.path();
  auto log = *SampleLog::open({}, "k");
  const auto conditions = *parse_conditions("model,memory-drafts,gate,memory");
  const auto results = evaluate(setup, {place}, conditions, log, {});
  REQUIRE(results);
  REQUIRE(results->size() == 4);
  const auto requests = engine->requests();
  REQUIRE(requests.size() == 6);  // written and scored; memory alone asks no model
  CHECK_FALSE(requests[0].drafter);
  CHECK_FALSE((requests[0].evidence || requests[1].evidence));
  CHECK(static_cast<bool>(requests[2].drafter) == true);
  CHECK_FALSE(requests[2].evidence);
  CHECK_FALSE(requests[4].drafter);
  CHECK((requests[4].evidence && requests[5].evidence));
  const SampleResult& memory = results->back();
  CHECK(memory.exact == known);
  CHECK(memory.text == (known ? place.truth : ""));
  CHECK(memory.bytes == 0);  // nothing was scored
  CHECK((*results)[0].bytes == place.truth.size());
  const auto summary = summarize(*results, "model", 1);
  const auto& compared = summary.at("comparisons").as_array()[2].as_object();
  CHECK(compared.if_contains("exact_match"));
  CHECK_FALSE(compared.if_contains("bits_per_byte"));
}

TEST_CASE(
    "evaluation: copies say nothing, ingredients are what the condition names, and nothing is "
    "asked twice",
    "[evaluation]") {
  const Repository repository;
  const TemporaryDirectory store;
  const auto places = places_of(repository, HideMode::kLineOut, 8);
  std::string truth;  // the engine knows it
  const auto engine = std::make_shared<FakeEngine>(
      qwen_marks(), [&](const GenerationRequest&) { return places[0].truth; });
  remember(store.path(), repository, {"alpha.py", "beta.py", "copies/alpha_again.py"},
           engine->tokenizer());
  EvaluationSetup setup;
  setup.engine = engine;
  setup.fim = FimVerdict::kWorks;
  setup.store = store.path();
  setup.prompt_tokens = 4000;
  const auto conditions = *parse_conditions("model,suffix,suffix+chunks");
  auto log = *SampleLog::open(repository.dir.path() / "log", "k");
  const auto results = evaluate(setup, {places.begin(), places.begin() + 2}, conditions, log, {});
  REQUIRE(results);
  REQUIRE(results->size() == 6);
  CHECK((*results)[0].exact);
  CHECK((*results)[0].condition == "model");
  CHECK((*results)[5].condition == "suffix+chunks");
  const auto requests = engine->requests();
  REQUIRE(requests.size() == 12);  // written, then scored
  const auto text_of = [](const GenerationRequest& request) {
    std::string all;
    for (const auto& part : request.prompt) all += part.value;
    return all;
  };
  CHECK(requests[1].scored_text == places[0].truth);
  CHECK(text_of(requests[0]).find("return") != std::string::npos);
  CHECK(text_of(requests[2]).size() > text_of(requests[0]).size());  // the suffix
  CHECK(text_of(requests[4]).size() > text_of(requests[2]).size());  // a chunk of the other file
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (const auto& copy : places[i / 6].copies) {
      CHECK(text_of(requests[i]).find(copy) == std::string::npos);
    }
  }
  auto again = *SampleLog::open(repository.dir.path() / "log", "k");
  const auto known = evaluate(setup, {places.begin(), places.begin() + 2}, conditions, again, {});
  REQUIRE(known);
  CHECK(known->size() == 6);
  CHECK(engine->requests().size() == 12);
  HiddenPlace changed = places[0];  // what stands there is another text by now
  changed.truth += " ";
  REQUIRE(evaluate(setup, {changed}, conditions, again, {}));
  CHECK(engine->requests().size() == 18);
}

}  // namespace engram
