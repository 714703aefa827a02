#include "bench/semantic/made_workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace engram {

namespace {

constexpr auto kWords = std::to_array<const char*>(
    {"alloc",   "array",  "async",  "atomic", "attach", "block",  "buffer", "cache",  "call",
     "chunk",   "clear",  "client", "close",  "code",   "config", "copy",   "count",  "cursor",
     "data",    "decode", "delete", "device", "disk",   "dump",   "encode", "entry",  "error",
     "event",   "extent", "field",  "file",   "filter", "find",   "flag",   "flush",  "format",
     "frame",   "free",   "get",    "graph",  "group",  "handle", "hash",   "header", "heap",
     "http",    "index",  "init",   "insert", "key",    "kind",   "length", "level",  "limit",
     "line",    "list",   "load",   "lock",   "log",    "map",    "match",  "memory", "merge",
     "message", "mode",   "move",   "name",   "next",   "node",   "number", "object", "offset",
     "open",    "option", "output", "page",   "parse",  "path",   "point",  "pool",   "port",
     "print",   "query",  "queue",  "range",  "read",   "record", "ref",    "region", "request",
     "reset",   "result", "row",    "scan",   "scope",  "server"});

std::uint64_t mixed(std::uint64_t n) {  // splitmix64
  n += 0x9e3779b97f4a7c15u;
  n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
  n = (n ^ n >> 27) * 0x94d049bb133111ebu;
  return n ^ n >> 31;
}

SymbolKey key_of(std::uint64_t function) {
  const Sha256 hash = sha256("made " + std::to_string(function));
  SymbolKey key;
  std::copy_n(hash.bytes.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

}  // namespace

// Two to four words; of every second file in one style, of the others in another.
std::string MadeWorkspace::name_of(std::uint64_t function) {
  if (function == kCommon) return common_name();
  const bool snake = function / kFunctions % 2 == 0;
  std::uint64_t bits = mixed(function);
  const std::uint64_t words = 2 + bits % 3;
  std::string name;
  for (std::uint64_t i = 0; i < words; ++i) {
    bits = mixed(bits);
    std::string word = kWords[bits % kWords.size()];
    if (!name.empty() && snake) name += '_';
    if (!name.empty() && !snake) word[0] = static_cast<char>(word[0] - 'a' + 'A');
    name += word;
  }
  return words == 2 ? name + std::to_string(function % 1000) : name;
}

std::uint64_t MadeWorkspace::other_function(std::uint64_t function) const {
  return mixed(function ^ 0x5555) % (files_ * kFunctions);
}

std::string MadeWorkspace::path_of(std::uint64_t number) {
  return fmt::format("dir{}/file{}.cpp", number / 50, number);
}

MadeFile MadeWorkspace::file(std::uint64_t number) const {
  MadeFile out;
  out.path = path_of(number);
  out.text = fmt::format("#include \"{}\"\n\n", kHeader);
  const auto add = [&](std::uint64_t function, bool defines) {
    const std::string name = name_of(function);
    const auto begin = static_cast<std::uint32_t>(out.text.size());
    out.text += name;
    out.uses.push_back({begin, static_cast<std::uint32_t>(out.text.size()), function, defines});
  };
  constexpr std::uint64_t kEach = kFunctions / (kCommonUses / kCommonFiles);
  for (std::uint64_t i = 0; i < kFunctions; ++i) {
    const std::uint64_t function = number * kFunctions + i;
    out.text += "int ";
    add(function, true);
    out.text += "(int count) {\n  return ";
    add(number * kFunctions + mixed(function) % (i + 1), false);
    out.text += "(count) + ";
    add(other_function(function), false);
    out.text += "(count)";
    if (number < kCommonFiles && i % kEach == 0) {
      out.text += " + ";
      add(kCommon, false);
      out.text += "(count)";
    }
    out.text += ";\n}\n\n";
  }
  return out;
}

MadeFile MadeWorkspace::header() const {
  MadeFile out;
  out.path = kHeader;
  out.text = "inline int " + common_name() + "(int count) { return count; }\n";
  out.uses.push_back({11, static_cast<std::uint32_t>(11 + common_name().size()), kCommon, true});
  return out;
}

FileFacts MadeWorkspace::facts(const MadeFile& file) {
  constexpr std::uint32_t kLinesEach = 4;
  FileFacts facts;
  facts.language = "cpp";
  std::uint32_t line = file.path == kHeader ? 1 : 3;
  for (const MadeUse& use : file.uses) {
    const std::string name = name_of(use.function);
    if (!use.defines) {
      const std::uint32_t at = line - kLinesEach + 1;  // of the body before
      const auto start = static_cast<std::uint32_t>(file.text.rfind('\n', use.begin));
      facts.references.push_back(
          {name, ReferenceKind::kCall, use.begin, use.end, at, use.begin - start});
      continue;
    }
    Symbol s;
    s.name = name;
    s.kind = SymbolKind::kFunction;
    s.name_begin = use.begin;
    s.name_end = use.end;
    s.begin = use.begin - 4;
    s.end = static_cast<std::uint32_t>(file.text.find('}', use.end)) + 1;
    s.line = line;
    s.column = use.begin - s.begin + 1;
    s.end_line = line + 2;
    s.signature = "int " + name + "(int count)";
    facts.symbols.push_back(std::move(s));
    const bool starts_chunk = facts.symbols.size() % 10 == 1;
    if (starts_chunk) facts.chunks.push_back({facts.symbols.back().begin, 0, line, 0, ""});
    facts.chunks.back().end = facts.symbols.back().end;
    facts.chunks.back().end_line = line + 2;
    line += kLinesEach;
  }
  facts.lines = line;
  return facts;
}

SemanticUnit MadeWorkspace::unit(const MadeFile& file) const {
  SemanticUnit unit;
  unit.file = (root_ / file.path).string();
  unit.command = sha256("made " + file.path);
  return unit;
}

UnitFacts MadeWorkspace::unit_facts(const MadeFile& file) const {
  UnitFacts facts;
  const auto unit_file = [&](const MadeFile& of) {
    return UnitFile{(root_ / of.path).string(), sha256(of.text),
                    static_cast<std::uint32_t>(of.text.size()), false};
  };
  const MadeFile common = header();
  facts.files = {unit_file(file), unit_file(common)};
  std::map<SymbolKey, std::uint64_t> functions;
  for (const MadeUse& use : file.uses) functions.emplace(key_of(use.function), use.function);
  functions.emplace(key_of(kCommon), kCommon);
  std::map<std::uint64_t, std::uint32_t> index;
  for (const auto& [key, function] : functions) {
    const std::string name = name_of(function);
    index[function] = static_cast<std::uint32_t>(facts.symbols.size());
    facts.symbols.push_back(
        {key, SymbolKind::kFunction, false, name, name, "int " + name + "(int count)", ""});
  }
  std::uint32_t container = kNoNumber;
  for (const MadeUse& use : file.uses) {
    if (use.defines) container = index[use.function];
    facts.occurrences.push_back(
        {0, use.begin, use.end, index[use.function], use.defines ? kNoNumber : container,
         static_cast<std::uint16_t>(use.defines ? kRoleDefinition : kRoleReference | kRoleCall)});
    if (!use.defines) continue;
    const auto end = static_cast<std::uint32_t>(file.text.find('}', use.end)) + 1;
    const auto body = static_cast<std::uint32_t>(file.text.find('{', use.end));
    facts.extents.push_back({index[use.function], 0, use.begin - 4, end, body, end});
  }
  // The first file tells of the header, all others rely on that.
  const bool tells = file.path == path_of(0);
  FileView view{1, {}, tells ? ViewTold::kHere : ViewTold::kElsewhere};
  const Sha256 hash = facts.files[1].content;
  std::copy_n(hash.bytes.begin(), view.key.bytes.size(), view.key.bytes.begin());
  facts.views.push_back(view);
  const MadeUse& definition = common.uses.front();
  if (tells) {
    facts.occurrences.push_back(
        {1, definition.begin, definition.end, index[kCommon], kNoNumber, kRoleDefinition});
  }
  facts.inclusions.push_back({0, 9, 19, 1, false});
  return facts;
}

}  // namespace engram
