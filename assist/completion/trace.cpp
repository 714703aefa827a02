#include "assist/completion/trace.h"

#include <fmt/format.h>

#include <fstream>

#include "core/atomic_file.h"
#include "core/hash.h"

namespace engram {

namespace fs = std::filesystem;

json::object trace_of(const TraceParts& parts) {
  const CompletionResult& result = parts.result;
  json::array prompt, facts, filters, items;
  for (const auto& part : parts.plan.prompt) prompt.push_back(json_string(part.value));
  for (const auto& snippet : parts.plan.snippets) {
    facts.push_back({{"text", json_string(snippet.text)},
                     {"file", json_string(snippet.path)},
                     {"line", snippet.line},
                     {"score", snippet.score}});
  }
  for (const auto& note : parts.notes) {
    filters.push_back({{"filter", note.filter}, {"action", json_string(note.action)}});
  }
  for (const auto& item : result.items) {
    items.push_back({{"text", json_string(item.text)},
                     {"confidence", item.confidence},
                     {"from_memory", item.from_memory}});
  }
  return {{"id", parts.id},
          {"path", json_string(parts.request.path)},
          {"offset", parts.request.offset},
          {"model", json_string(parts.model)},
          {"layout", parts.layout},
          {"prompt", prompt},
          {"forced", json_string(parts.forced)},
          {"facts", facts},
          {"drafts", json::array()},
          {"generated", json_string(parts.generated)},
          {"filters", filters},
          {"items", items},
          {"reason", result.reason},
          {"detail", json_string(result.detail)},
          {"tokens",
           {{"prompt", result.prompt_tokens},
            {"reused", result.reused_tokens},
            {"generated", result.generated_tokens}}},
          {"timings_ms",
           {{"context", result.timings.context_ms},
            {"prefill", result.timings.prefill_ms},
            {"decode", result.timings.decode_ms},
            {"check", result.timings.check_ms},
            {"total", result.timings.total_ms}}}};
}

// A fixed number of files, so that nothing has to be cleaned up: an id has its slot. They are not
// synced to disk: losing one in a crash costs nothing, waiting for a disk would cost every
// keystroke.
void save_trace(const fs::path& store, std::string_view id, const json::value& trace) {
  std::error_code ec;
  if (store.empty() || !fs::is_directory(store, ec)) return;
  const fs::path directory = store / "why";
  if (!make_private_directory(directory)) return;
  const fs::path file = directory / fmt::format("{:02}.json", xxh3(id) % kKeptTraces);
  const fs::path fresh = file.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << to_pretty_json(trace);
    if (!out) return;
  }
  fs::rename(fresh, file, ec);
}

Result<json::value> load_trace(const fs::path& store, std::string_view id) {
  std::error_code ec;
  fs::path newest;
  fs::file_time_type newest_time{};
  for (const auto& entry : fs::directory_iterator(store / "why", ec)) {
    if (entry.path().extension() != ".json") continue;
    std::error_code gone;
    const auto time = entry.last_write_time(gone);
    if (gone) continue;
    if (id.empty()) {
      if (newest.empty() || time > newest_time) newest = entry.path(), newest_time = time;
      continue;
    }
    const auto text = read_file(entry.path(), 4u << 20);
    if (!text) continue;
    auto value = parse_json(*text);
    if (value && find_string(*value, "id") == id) return value;
  }
  if (!newest.empty()) {
    ENGRAM_TRY(text, read_file(newest, 4u << 20));
    return parse_json(text);
  }
  return Error{Errc::kNotFound,
               id.empty() ? std::string("no suggestion has been made here yet")
                          : fmt::format("no trace of the suggestion {} is kept (the last {} are)",
                                        id, kKeptTraces)};
}

}  // namespace engram
