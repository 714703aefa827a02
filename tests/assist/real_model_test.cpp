// Completions by the real models, where they are on this machine. Each hole is one a person would
// fill without thinking; a model that fails here is not worth showing.
#include <cmath>

#include "assist/completion/completion.h"
#include "core/log.h"
#include "indexer/syntax/extract.h"
#include "memory/catalogue.h"
#include "tests/assist/marked_text.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

struct LoadedModel {
  ModelInfo info;
  std::shared_ptr<Engine> engine;
};

// Loaded once a program; absent models skip their tests with a printed reason.
const LoadedModel& model(const std::string& name) {
  static std::vector<std::pair<std::string, LoadedModel>> loaded;
  for (const auto& [known, one] : loaded) {
    if (known == name) return one;
  }
  const auto info = find_model(name);
  if (!info) SKIP(info.error().message);
  auto engine = Engine::open(info->file, {});
  INFO((engine ? "" : engine.error().message));
  REQUIRE(engine);
  if ((*engine)->kernels() == "ref" && info->bytes > 200'000'000) {
    SKIP("the reference kernels take minutes for a model of this size");
  }
  loaded.emplace_back(name, LoadedModel{*info, *std::move(engine)});
  return loaded.back().second;
}

CompletionResult complete(const LoadedModel& model, std::string_view marked, FimVerdict fim,
                          const std::filesystem::path& store = {},
                          const std::string& path = "src/main.cpp") {
  CompleterOptions options;
  options.fim = fim;
  options.store = store;
  options.repository_name = "events";
  const auto completer = Completer::create(model.engine, options);
  const MarkedText text(marked);
  CompletionRequest request;
  request.path = path;
  request.text = std::make_shared<std::string>(text.text);
  request.offset = text.offset;
  request.max_tokens = 32;
  request.invoked = true;
  auto result = completer->complete(request, {});
  REQUIRE(result);
  INFO("reason: " << result->reason << " " << result->detail);
  return *std::move(result);
}

void check_fills(const LoadedModel& model, FimVerdict fim, const char* marked, const char* filling,
                 const std::string& path) {
  INFO(marked);
  const auto result = complete(model, marked, fim, {}, path);
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].text == filling);
  CHECK(result.items[0].confidence > 0.3);
  CHECK(result.generated_tokens > 0);
}

}  // namespace

// A person at work, from a seed: keys of a line, now and then a wrong one that is taken back, and a
// pause after which the server warms up. Counted are the tokens of each keystroke's prompt that
// were not in the KV cache, the one that is spelled again included.
TEST_CASE("smollm2-135m: a keystroke costs only its own tokens", "[assist][model]") {
  const auto& small = model("smollm2-135m");
  CompleterOptions options;
  options.fim = FimVerdict::kNoTokens;
  const auto completer = Completer::create(small.engine, options);
  std::string text;
  for (int i = 0; i < 30; ++i) {
    text += "int area_" + std::to_string(i) +
            "(int width, int height) {\n  return width * height + " + std::to_string(i) +
            ";\n}\n\n";
  }
  const std::string below = "\nint main() { return area_3(4, 5); }\n";
  const std::string typed =
      "int total_area(const std::vector<int>& widths, int height) {\n"
      "  int sum = 0;\n  for (int width : widths) sum += area_1(width, height);\n";
  std::uint64_t state = 7;
  const auto draw = [&](std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33U) % n;
  };
  CompletionRequest request;
  request.path = "src/area.cpp";
  request.max_tokens = 1;
  std::size_t keys = 0, fresh = 0;
  const auto show = [&] {
    request.text = std::make_shared<std::string>(text + below);
    request.offset = text.size();
    const auto result = completer->complete(request, {});
    REQUIRE(result);
    ++keys;
    fresh += result->prompt_tokens - result->reused_tokens;
  };
  request.text = std::make_shared<std::string>(text + below);
  request.offset = text.size();
  completer->warm(request, {});
  for (const char c : typed) {
    if (draw(12) == 0) {
      text += static_cast<char>('a' + draw(26));
      show();
      text.pop_back();
      show();
    }
    text += c;
    show();
    if (draw(25) == 0) completer->warm(request, {});
  }
  INFO(fresh << " tokens in " << keys << " keystrokes");
  CHECK(keys > typed.size() + 5);
  CHECK(fresh <= 4 * keys);
}

TEST_CASE("smollm2-135m: no marks to fill with, and patterns go on", "[assist][model]") {
  const auto& small = model("smollm2-135m");
  CHECK(run_fim_self_test(*small.engine) == FimVerdict::kNoTokens);
  check_fills(small, FimVerdict::kNoTokens, "RED = 1\nGREEN = 2\nBLUE = 3\nCYAN = 4\nPINK = ^\n",
              "5", "colors.py");
  check_fills(small, FimVerdict::kNoTokens,
              "for name in names:\n    print(name)\n\nfor name in names:\n    pri^\n", "nt(name)",
              "show.py");
}

// At many places of one text; what is said of a line that another one replaced is what scoring it
// says, and it is worth more.
TEST_CASE("smollm2-135m: a line is replaced by a likelier one alone", "[assist][model]") {
  const auto& small = model("smollm2-135m");
  const std::string text =
      "#include <map>\n#include <string>\n#include <vector>\n\n"
      "struct Account {\n  std::string owner;\n  long balance = 0;\n"
      "  std::vector<long> history;\n};\n\n"
      "class Bank {\n public:\n  void open(const std::string& owner) {\n"
      "    accounts_[owner] = Account{owner, 0, {}};\n  }\n"
      "  bool withdraw(const std::string& owner, long amount) {\n"
      "    auto found = accounts_.find(owner);\n    if (found == accounts_.end()) return false;\n"
      "    if (found->second.balance < amount) return false;\n"
      "    found->second.balance -= amount;\n    found->second.history.push_back(-amount);\n"
      "    return true;\n  }\n\n private:\n  std::map<std::string, Account> accounts_;\n};\n";
  CompleterOptions options;
  options.unhurried = true;
  const auto searching = Completer::create(small.engine, options);
  options.ingredients.search = false;
  const auto greedy = Completer::create(small.engine, options);
  CompletionRequest request;
  request.path = "src/bank.cpp";
  request.single_line = request.invoked = true;
  std::size_t places = 0, replaced = 0;
  for (std::size_t offset = 60; offset < text.size(); offset += 9) {
    const std::size_t end = text.find('\n', offset);
    request.text = std::make_shared<std::string>(text.substr(0, offset) + text.substr(end));
    request.offset = offset;
    const auto first = greedy->complete(request, {}), best = searching->complete(request, {});
    REQUIRE((first && best));
    if (first->items.empty() || best->items.empty()) continue;
    ++places;
    const CompletionItem &a = first->items[0], &b = best->items[0];
    INFO(offset << ": '" << a.text << "' " << a.confidence << ", '" << b.text << "' "
                << b.confidence);
    if (a.text == b.text) continue;
    ++replaced;
    CHECK(b.confidence > a.confidence);
    const auto scored = searching->score(request, b.text, {});
    REQUIRE(scored);
    CHECK(std::exp(scored->log_probability) > 0.9 * b.confidence);  // of a line that begins so
  }
  INFO(replaced << " of " << places << " lines");
  CHECK(places > 30);
  CHECK(replaced > 3);
  CHECK(replaced < places / 2);
}

TEST_CASE("qwen2.5-coder-0.5b: this file cannot fill, and the self-test finds out",
          "[assist][model]") {
  const auto& broken = model("qwen2.5-coder-0.5b");
  CHECK(run_fim_self_test(*broken.engine) == FimVerdict::kBroken);
  check_fills(broken, FimVerdict::kBroken, "RED = 1\nGREEN = 2\nBLUE = 3\nCYAN = 4\nPINK = ^\n",
              "5", "colors.py");
}

TEST_CASE("qwen2.5-coder-1.5b: obvious holes are filled and nothing more", "[assist][model]") {
  const auto& good = model("qwen2.5-coder-1.5b");
  REQUIRE(run_fim_self_test(*good.engine) == FimVerdict::kWorks);
  check_fills(good, FimVerdict::kWorks,
              "def add(a, b):\n    return ^\n\ndef subtract(a, b):\n    return a - b\n", "a + b",
              "sums.py");
  check_fills(good, FimVerdict::kWorks,
              "int largest(int a, int b) {\n  if (a > b) {\n    return ^;\n  }\n  return b;\n}\n",
              "a", "src/largest.cpp");
}

TEST_CASE("qwen2.5-coder-1.5b: a method of another file is recalled and named as the source",
          "[assist][model]") {
  const auto& good = model("qwen2.5-coder-1.5b");
  TemporaryDirectory dir;
  const std::string header =
      "// Counts events by name.\nclass EventCounter {\n public:\n"
      "  void bump_tally_of(const char* event_name);\n"
      "  long tally_of(const char* event_name) const;\n};\n";
  {
    const auto writer = CatalogueWriter::open(dir.path());
    REQUIRE(writer);
    const auto extraction = extract_facts("cpp", header);
    REQUIRE(extraction);
    FileEntry entry;
    entry.path = "include/event_counter.h";
    entry.language = "cpp";
    entry.size = header.size();
    REQUIRE((*writer)->put_file(entry, sha256(header), &extraction->facts, header));
    REQUIRE((*writer)->commit());
  }
  const auto result = complete(good,
                               "#include \"event_counter.h\"\n\n// Counts one more start.\n"
                               "void on_start(EventCounter& counter) {\n  counter.^\n}\n",
                               FimVerdict::kWorks, dir.path());
  REQUIRE(result.items.size() == 1);
  CHECK(result.items[0].text.find("bump_tally_of(") == 0);
  REQUIRE_FALSE(result.items[0].sources.empty());
  CHECK(result.items[0].sources[0].path == "include/event_counter.h");
  CHECK(result.items[0].sources[0].line == 4);
}

}  // namespace engram
