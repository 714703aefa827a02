#include "assist/navigation/includable_names.h"

#include <algorithm>
#include <map>

#include "assist/navigation/module_files.h"
#include "assist/navigation/stored_places.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

namespace {

constexpr std::size_t kMostScanned = 5000;
constexpr std::size_t kMostUses = 50;

constexpr std::uint32_t bit(SymbolKind kind) { return 1U << static_cast<unsigned>(kind); }
constexpr std::uint32_t kTypes = bit(SymbolKind::kClass) | bit(SymbolKind::kStruct) |
                                 bit(SymbolKind::kUnion) | bit(SymbolKind::kEnum) |
                                 bit(SymbolKind::kTypeAlias) | bit(SymbolKind::kTrait);
constexpr std::uint32_t kWanted =
    kTypes | bit(SymbolKind::kFunction) | bit(SymbolKind::kVariable) | bit(SymbolKind::kMacro);

constexpr std::uint16_t kDefinitions = kRoleDefinition;
constexpr std::uint16_t kDeclarations = kRoleDefinition | kRoleDeclaration;

bool is_includable(const std::string& path) {
  return is_header_path(path) && !path.ends_with(".inl");  // those belong to a header
}

class Finder {
 public:
  Finder(SemanticReader& reader, std::filesystem::path root)
      : reader_(reader), root_(std::move(root)) {}

  std::vector<std::string> names(const std::string& prefix, std::size_t limit) {
    std::vector<std::string> out;
    std::size_t scanned = 0;
    static_cast<void>(reader_.scan_names(prefix, [&](std::string_view name, std::uint32_t kinds) {
      if ((kinds & kWanted) != 0) out.emplace_back(name);
      return ++scanned < kMostScanned;
    }));
    std::sort(out.begin(), out.end(), [](const std::string& a, const std::string& b) {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    if (out.size() > limit) out.resize(limit);
    return out;
  }

  void add(const std::string& name, std::vector<LiveCandidate>& out) {
    const auto numbers = reader_.named(name);
    const auto symbols = numbers ? reader_.symbols(*numbers) : numbers.error();
    if (!symbols) return;
    for (const SemanticSymbol& symbol : *symbols) {
      const UnitSymbol& facts = symbol.facts;
      if (facts.local || (bit(facts.kind) & kWanted) == 0) continue;
      const auto scope = scope_of(facts);
      if (!scope) continue;
      const std::string path = header_of(symbol);
      if (path.empty()) continue;
      out.push_back({facts.name, *scope, facts.kind, (root_ / path).string()});
    }
  }

 private:
  // nullopt: not a namespace.
  std::optional<std::string> scope_of(const UnitSymbol& symbol) {
    const std::string& whole = symbol.qualified_name;
    if (whole == symbol.name) return "";
    if (!whole.ends_with("::" + symbol.name)) return std::nullopt;
    std::string scope = whole.substr(0, whole.size() - symbol.name.size() - 2);
    const auto [at, added] = is_namespace_.try_emplace(scope, false);
    if (added) at->second = is_namespace(scope);
    return at->second ? std::optional(std::move(scope)) : std::nullopt;
  }
  bool is_namespace(const std::string& scope) {
    const std::size_t cut = scope.rfind("::");
    const auto numbers = reader_.named(cut == std::string::npos ? scope : scope.substr(cut + 2));
    const auto symbols = numbers ? reader_.symbols(*numbers) : numbers.error();
    return symbols && std::any_of(symbols->begin(), symbols->end(), [&](const auto& symbol) {
             return symbol.facts.kind == SymbolKind::kNamespace &&
                    symbol.facts.qualified_name == scope;
           });
  }
  // Where a type is defined; where anything else is declared first.
  std::string header_of(const SemanticSymbol& symbol) {
    const bool defined = (bit(symbol.facts.kind) & (kTypes | bit(SymbolKind::kMacro))) != 0;
    const auto sources =
        reader_.uses_of(symbol.number, defined ? kDefinitions : kDeclarations, kMostUses);
    if (!sources) return {};
    for (const SourceUses& in : *sources) {
      const bool named = std::any_of(in.uses.begin(), in.uses.end(), [](const SemanticUse& use) {
        return (use.roles & kUnwritten) == 0;
      });
      if (named && !in.source.system && is_includable(in.source.path)) return in.source.path;
    }
    return {};
  }

  SemanticReader& reader_;
  const std::filesystem::path root_;
  std::map<std::string, bool> is_namespace_;
};

}  // namespace

std::vector<LiveCandidate> includable_names(const std::filesystem::path& root,
                                            const std::filesystem::path& store,
                                            const std::string& prefix, std::size_t limit) {
  std::vector<LiveCandidate> out;
  const auto reader = SemanticReader::open(store);
  if (!reader || prefix.empty()) return out;
  Finder finder(**reader, root);
  for (const std::string& name : finder.names(prefix, limit)) finder.add(name, out);
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace engram
