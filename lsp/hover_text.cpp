#include "lsp/hover_text.h"

#include <fmt/format.h>

#include <vector>

namespace engram::lsp {

namespace {

std::string where(const HoverText& hover) {
  const FoundPlace& place = hover.place;
  std::string out =
      fmt::format("{}:{} ({}", place.source->path, place.source->lines.line_of(place.begin) + 1,
                  to_string(place.certainty));
  if (hover.others > 0) out += fmt::format(", {} more candidates", hover.others);
  return out + ")";
}

// A fence longer than any in the code keeps it together.
std::string code(const std::string& text, const std::string& language, bool markdown) {
  if (!markdown) return text + "\n";
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fmt::format("{}{}\n{}\n{}\n", fence, language, text, fence);
}

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// "4 bytes", "3 bits", "4 bytes 3 bits"
std::string bits_text(std::uint64_t bits) {
  const std::uint64_t bytes = bits / 8, rest = bits % 8;
  if (rest == 0) return counted(bytes, "byte");
  return bytes == 0 ? counted(rest, "bit") : counted(bytes, "byte") + " " + counted(rest, "bit");
}

// "offset 8 bytes, size 3 bits"; "value 42 (0x2a)"; empty: nothing.
std::string measures_text(const LiveDetails& details) {
  std::vector<std::string> parts;
  if (details.offset) parts.push_back("offset " + bits_text(*details.offset));
  if (details.size) {
    const bool of_bits = details.offset && !details.alignment;  // a bit field
    parts.push_back("size " + (of_bits ? counted(*details.size, "bit") : bits_text(*details.size)));
  }
  if (details.alignment) parts.push_back("alignment " + bits_text(*details.alignment));
  if (!details.value.empty()) parts.push_back("value " + details.value);
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string hover_text(const std::optional<HoverText>& hover,
                       const std::optional<HoverDetails>& live, const std::string& language,
                       bool markdown) {
  const Symbol* symbol = hover && hover->place.symbol ? &*hover->place.symbol : nullptr;
  std::string out;
  if (symbol != nullptr) {
    out = code(symbol->signature, hover->place.source->language, markdown);
    if (!symbol->doc.empty()) out += "\n" + symbol->doc + "\n";
  } else if (live && !live->details.head.empty()) {
    out = code(live->details.head, language, markdown);
    if (!live->details.doc.empty()) out += "\n" + live->details.doc + "\n";
  }
  if (live) {
    const LiveDetails& details = live->details;
    const auto known = to_string(live->certainty);
    const std::string measures = measures_text(details);
    if (!measures.empty()) out += fmt::format("\n{} ({})\n", measures, known);
    if (!details.expansion.empty()) {
      out += fmt::format("\nexpands here to ({})\n{}", known, markdown ? "\n" : "") +
             code(details.expansion, language, markdown);
    }
  }
  if (!hover) return out;
  if (symbol == nullptr) return out + (out.empty() ? "" : "\n") + where(*hover);
  return out +
         fmt::format("\n{} {}, {}", to_string(symbol->kind), hover->qualified_name, where(*hover));
}

}  // namespace engram::lsp
