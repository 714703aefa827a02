// tests/assist/completer_calls.h: how tests ask a Completer: scripted models, requests, stores.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "assist/completion/completion.h"
#include "indexer/syntax/extract.h"
#include "memory/catalogue.h"
#include "tests/assist/fake_engine.h"
#include "tests/assist/marked_text.h"
#include "tests/support/catch.h"

namespace engram::test {

inline FakeEngine::Script says(std::string text) {
  return [text = std::move(text)](const GenerationRequest&) { return text; };
}

inline CompletionRequest request_at(const MarkedText& marked, std::string path = "src/a.cpp") {
  CompletionRequest request;
  request.path = std::move(path);
  request.text = std::make_shared<std::string>(marked.text);
  request.offset = marked.offset;
  return request;
}

inline CompletionResult complete(Completer& completer, const CompletionRequest& request) {
  auto result = completer.complete(request, {});
  REQUIRE(result);
  CHECK(result->items.empty() == !result->reason.empty());
  CHECK(result->timings.total_ms >= result->timings.context_ms);
  return *std::move(result);
}

inline CompletionResult complete_once(std::shared_ptr<Engine> engine, std::string_view marked,
                                      std::string path = "src/a.cpp") {
  const auto completer = Completer::create(std::move(engine), {});
  return complete(*completer, request_at(MarkedText(marked), std::move(path)));
}

inline std::string many_lines(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += "int value_" + std::to_string(i) + " = 1;\n";
  return text;
}

// A store that knows one other file.
inline void index_file(const std::filesystem::path& store, const std::string& path,
                       const std::string& text) {
  const auto writer = CatalogueWriter::open(store);
  REQUIRE(writer);
  const auto extraction = extract_facts("cpp", text);
  REQUIRE(extraction);
  FileEntry entry;
  entry.path = path;
  entry.language = "cpp";
  entry.size = text.size();
  REQUIRE((*writer)->put_file(entry, sha256(text), &extraction->facts, text));
  REQUIRE((*writer)->commit());
}

inline constexpr const char* kCounterFile =
    "// Counts events by name.\n"
    "class EventCounter {\n"
    " public:\n"
    "  void increment_event(const char* event_name);\n"
    "  long count_of_event(const char* event_name) const;\n"
    "};\n";

}  // namespace engram::test
