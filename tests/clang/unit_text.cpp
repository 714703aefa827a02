#include "tests/clang/unit_text.h"

#include <algorithm>
#include <vector>

namespace engram {

namespace {

std::string name_of(const UnitFacts& facts, std::uint32_t symbol) {
  const UnitSymbol& s = facts.symbols[symbol];
  const std::string& name = s.qualified_name.empty() ? s.name : s.qualified_name;
  return std::string(to_string(s.kind)) + " " + (name.empty() ? "(unnamed)" : name);
}

std::string short_path(const UnitFacts& facts, std::uint32_t file, const std::string& root) {
  const std::string& path = facts.files[file].path;
  return path.starts_with(root + "/") ? path.substr(root.size() + 1) : path;
}

struct Lines {
  std::string_view text;
  std::vector<std::size_t> starts{0};

  explicit Lines(std::string_view t) : text(t) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts.push_back(i + 1);
    }
  }
  std::size_t line_of(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), offset) -
                                    starts.begin() - 1);
  }
  std::string place(std::uint32_t begin, std::uint32_t end) const {
    const auto at = [&](std::size_t offset) {
      const std::size_t line = line_of(offset);
      return std::to_string(line + 1) + ":" + std::to_string(offset - starts[line] + 1);
    };
    return at(begin) + "-" + at(end);
  }
};

void append_line(std::string& out, const Lines& lines, std::size_t line) {
  const std::size_t begin = lines.starts[line];
  std::size_t end = line + 1 < lines.starts.size() ? lines.starts[line + 1] : lines.text.size();
  while (end > begin && lines.text[end - 1] == '\n') --end;
  out += std::string("| ") + std::string(lines.text.substr(begin, end - begin));
  while (out.back() == ' ') out.pop_back();
  out += '\n';
}

void append_occurrences(std::string& out, const UnitFacts& facts, const Lines& lines) {
  std::size_t next = 0;
  const auto& all = facts.occurrences;
  for (std::size_t line = 0; line < lines.starts.size(); ++line) {
    if (line + 1 == lines.starts.size() && lines.starts[line] == lines.text.size()) break;
    append_line(out, lines, line);
    // In the file's order, so that the text does not hang on how keys happen to sort.
    std::vector<std::pair<std::size_t, std::string>> below;
    for (; next < all.size() && all[next].file == 0 && lines.line_of(all[next].begin) == line;
         ++next) {
      const Occurrence& o = all[next];
      std::string text = std::string(2 + o.begin - lines.starts[line], ' ') +
                         std::string(std::max(1u, o.end - o.begin), '^') + " " +
                         roles_as_text(o.roles) + " " + name_of(facts, o.symbol);
      if (o.container != kNoNumber) text += "  in " + name_of(facts, o.container);
      below.emplace_back(o.begin, std::move(text));
    }
    std::sort(below.begin(), below.end());
    for (const auto& [begin, text] : below) out += text + "\n";
  }
}

template <class Append>
void append_sorted(std::string& out, std::string_view title, Append append) {
  std::vector<std::string> items;
  append(items);
  if (items.empty()) return;
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  out += "\n" + std::string(title) + "\n";
  for (const std::string& item : items) out += "  " + item + "\n";
}

std::string_view link_as_text(RelationKind kind) {
  switch (kind) {
    case RelationKind::kMemberOf:
      return "member of";
    case RelationKind::kDerivesFrom:
      return "derives from";
    case RelationKind::kOverrides:
      return "overrides";
    case RelationKind::kCalls:
      return "calls";
    case RelationKind::kSpecialises:
      return "specialises";
    case RelationKind::kTypeOf:
      return "has type";
  }
  return "?";
}

std::string diagnostic_as_text(const UnitDiagnostic& d, const Lines& lines) {
  static constexpr std::string_view kLevels[] = {"note", "remark", "warning", "error", "fatal"};
  std::string text = d.file == 0 ? lines.place(d.begin, d.end) + " " : "";
  text += std::string(kLevels[static_cast<std::size_t>(d.level)]) + ": " + d.message;
  if (!d.option.empty()) text += " [" + d.option + "]";
  for (const FixIt& fix : d.fixes) {
    text += "  fix " + lines.place(fix.begin, fix.end) + " \"" + fix.text + "\"";
  }
  return text;
}

}  // namespace

std::string roles_as_text(std::uint16_t roles) {
  static constexpr std::pair<OccurrenceRole, std::string_view> kNames[] = {
      {kRoleDeclaration, "declaration"},
      {kRoleDefinition, "definition"},
      {kRoleReference, "reference"},
      {kRoleRead, "read"},
      {kRoleWrite, "write"},
      {kRoleCall, "call"},
      {kRoleDynamic, "dynamic"},
      {kRoleAddressOf, "address"},
      {kRoleImplicit, "implicit"},
      {kRoleExpansion, "expansion"},
      {kRoleUndefine, "undefine"},
      {kRoleFromMacro, "from-macro"},
      {kRoleInferred, "inferred"},
      {kRoleNameOnly, "name-only"}};
  // A definition is a declaration and a use a reference: said only when nothing else is.
  std::string text;
  for (const auto& [role, name] : kNames) {
    if ((roles & role) == 0) continue;
    if (role == kRoleDeclaration && (roles & kRoleDefinition) != 0) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::string unit_as_text(const UnitFacts& facts, std::string_view text, const std::string& root) {
  const Lines lines(text);
  std::vector<bool> told(facts.symbols.size(), true);  // unless it stands in files elsewhere alone
  for (const Occurrence& o : facts.occurrences) told[o.symbol] = false;
  for (const Occurrence& o : facts.occurrences) {
    if (!short_path(facts, o.file, root).starts_with("/")) told[o.symbol] = true;
  }
  std::string out;
  append_occurrences(out, facts, lines);
  append_sorted(out, "links", [&](auto& items) {
    for (const SymbolLink& link : facts.links) {
      if (!told[link.from]) continue;
      items.push_back(name_of(facts, link.from) + " " + std::string(link_as_text(link.kind)) + " " +
                      name_of(facts, link.to));
    }
  });
  append_sorted(out, "symbols", [&](auto& items) {
    for (std::size_t i = 0; i < facts.symbols.size(); ++i) {
      const UnitSymbol& s = facts.symbols[i];
      if (!told[i] || s.local || (s.signature.empty() && s.doc.empty())) continue;
      std::string doc = s.doc;
      std::replace(doc.begin(), doc.end(), '\n', ' ');
      items.push_back(s.qualified_name + ": " + s.signature + (doc.empty() ? "" : "  // " + doc));
    }
  });
  append_sorted(out, "extents", [&](auto& items) {
    for (const DefinitionExtent& e : facts.extents) {
      if (e.file != 0 || facts.symbols[e.symbol].local) continue;
      std::string item = name_of(facts, e.symbol) + " " + lines.place(e.begin, e.end);
      if (e.body_end > e.body_begin) item += " body " + lines.place(e.body_begin, e.body_end);
      items.push_back(std::move(item));
    }
  });
  append_sorted(out, "inclusions", [&](auto& items) {
    for (const Inclusion& i : facts.inclusions) {
      const std::string from = short_path(facts, i.file, root);
      if (from.starts_with("/")) continue;
      const std::string to = i.target == kNoNumber ? "?" : short_path(facts, i.target, root);
      const bool elsewhere = to.starts_with("/");  // where that is differs
      items.push_back(from + " -> " + (elsewhere ? to.substr(to.rfind('/') + 1) : to));
    }
  });
  append_sorted(out, "inactive", [&](auto& items) {
    for (const InactiveRegion& r : facts.inactive) {
      if (r.file == 0) items.push_back(lines.place(r.begin, r.end));
    }
  });
  append_sorted(out, "diagnostics", [&](auto& items) {
    for (const UnitDiagnostic& d : facts.diagnostics) items.push_back(diagnostic_as_text(d, lines));
  });
  return out;
}

}  // namespace engram
