#include "tests/syntax/golden_facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace engram {

namespace {

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string facts_as_text(const FileFacts& facts, std::string_view text) {
  std::string out = fmt::format("{}: {} lines, {} error bytes\n\nsymbols\n", facts.language,
                                facts.lines, facts.error_bytes);
  for (const Symbol& s : facts.symbols) {
    int depth = 0;
    for (std::int32_t p = s.parent; p >= 0; p = facts.symbols[static_cast<std::size_t>(p)].parent) {
      ++depth;
    }
    out += fmt::format("  {:>3}:{:<3}{:{}}{}{} {}", s.line, s.column, "", depth * 2,
                       s.is_definition ? "" : "declared ", to_string(s.kind), s.name);
    if (!s.container.empty()) out += fmt::format("  in {}", s.container);
    if (s.is_local) out += "  local";
    if (s.end_line != s.line) out += fmt::format("  to {}", s.end_line);
    out += "\n";
    if (!s.is_local) out += fmt::format("          {:{}}| {}\n", "", depth * 2, s.signature);
    if (!s.doc.empty()) {
      out += fmt::format("          {:{}}\" {}\n", "", depth * 2, one_line(s.doc));
    }
  }
  out += "\nreferences\n";
  std::uint32_t line = 0;
  for (const Reference& r : facts.references) {
    if (r.line != line) out += fmt::format("{}  {:>3}:", line == 0 ? "" : "\n", r.line);
    line = r.line;
    out += fmt::format(" {}({})", r.name, to_string(r.kind));
  }
  out += line == 0 ? "" : "\n";
  out += "\nchunks\n";
  for (const Chunk& c : facts.chunks) {
    const std::string_view body = text.substr(c.begin, c.end - c.begin);
    const std::string_view first = body.substr(0, body.find('\n'));
    out += fmt::format("  {:>3}-{:<3} [{}] {}\n", c.line, c.end_line, c.scope, first);
  }
  out += "\ncomments\n";
  for (const std::string& comment : facts.comments) out += "  " + one_line(comment) + "\n";
  return out;
}

std::vector<GoldenCase> golden_cases() {
  std::vector<GoldenCase> out;
  for (const auto& directory : std::filesystem::directory_iterator(ENGRAM_SYNTAX_GOLDEN)) {
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
      if (file.path().extension() == ".facts") continue;
      out.push_back(
          {directory.path().filename().string(), file.path(), file.path().string() + ".facts"});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const GoldenCase& a, const GoldenCase& b) { return a.input < b.input; });
  return out;
}

}  // namespace engram
