// textDocument/semanticTokens: full, range, and what changed since the last full answer.
#include <algorithm>
#include <map>

#include "lsp/session.h"
#include "lsp/text_positions.h"

namespace engram::lsp {

namespace {

// In the order of their numbers. Certainties below semantic are modifiers of ours.
constexpr const char* kTypes[] = {"namespace", "class",    "enum",          "interface",
                                  "struct",    "type",     "typeParameter", "parameter",
                                  "variable",  "property", "enumMember",    "function",
                                  "method",    "macro",    "label"};
enum : std::uint32_t {
  kDeclaration = 1,
  kDefinition = 2,
  kReadonly = 4,
  kModification = 8,
  kInferred = 16,
  kSyntactic = 32,
  kTextual = 64,
};
constexpr const char* kModifiers[] = {"declaration", "definition", "readonly", "modification",
                                      "inferred",    "syntactic",  "textual"};

constexpr int kNoType = -1;

int type_of(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kModule:
    case SymbolKind::kNamespace:
    case SymbolKind::kPackage:
      return 0;
    case SymbolKind::kClass:
    case SymbolKind::kConstructor:  // it is the class's name that is written
      return 1;
    case SymbolKind::kEnum:
      return 2;
    case SymbolKind::kInterface:
    case SymbolKind::kTrait:
      return 3;
    case SymbolKind::kStruct:
    case SymbolKind::kUnion:
      return 4;
    case SymbolKind::kTypeAlias:
      return 5;
    case SymbolKind::kTypeParameter:
      return 6;
    case SymbolKind::kParameter:
      return 7;
    case SymbolKind::kVariable:
    case SymbolKind::kConstant:
      return 8;
    case SymbolKind::kField:
    case SymbolKind::kProperty:
      return 9;
    case SymbolKind::kEnumMember:
      return 10;
    case SymbolKind::kFunction:
      return 11;
    case SymbolKind::kMethod:
      return 12;
    case SymbolKind::kMacro:
      return 13;
    case SymbolKind::kLabel:
      return 14;
    default:
      return kNoType;
  }
}

std::uint32_t modifiers_of(const CodeToken& token) {
  std::uint32_t out = 0;
  if (token.declares) out |= kDeclaration;
  if (token.defines) out |= kDefinition;
  if (token.writes) out |= kModification;
  if (token.kind == SymbolKind::kConstant || token.kind == SymbolKind::kEnumMember) {
    out |= kReadonly;
  }
  if (token.certainty == Certainty::kInferred) out |= kInferred;
  if (token.certainty == Certainty::kSyntactic) out |= kSyntactic;
  if (token.certainty == Certainty::kTextual) out |= kTextual;
  return out;
}

using Data = std::vector<std::uint32_t>;

// Five numbers a token: line and column from the last one, length, type, modifiers.
Data encoded(const NavigationView& view, const SourceText& source,
             const std::vector<CodeToken>& tokens, std::size_t begin, std::size_t end) {
  Data out;
  Position last;
  for (const CodeToken& token : tokens) {
    const int type = type_of(token.kind);
    if (type == kNoType || token.end <= begin || token.begin >= end) continue;
    const auto position = [&](std::size_t at) {
      return position_at(*source.text, source.lines, view.encoding, at);
    };
    const Position from = position(token.begin), to = position(token.end);
    if (from.line != to.line) continue;
    const auto column = from.line == last.line ? from.character - last.character : from.character;
    for (const auto number : {from.line - last.line, column, to.character - from.character}) {
      out.push_back(static_cast<std::uint32_t>(number));
    }
    out.push_back(static_cast<std::uint32_t>(type));
    out.push_back(modifiers_of(token));
    last = from;
  }
  return out;
}

json::array json_of(const Data& data, std::size_t begin, std::size_t end) {
  json::array out;
  out.reserve(end - begin);
  for (std::size_t i = begin; i < end; ++i) out.push_back(data[i]);
  return out;
}

// The full answer last given for each document. Used on the navigation worker alone.
class LastAnswers {
 public:
  json::object full(const std::string& uri, Data data) {
    json::object out{{"resultId", remember(uri, data)}, {"data", json_of(data, 0, data.size())}};
    return out;
  }

  // One edit: what lies between the common beginning and end; all of it without a common past.
  json::object changed(const std::string& uri, const std::string& previous, Data data) {
    const auto known = answers_.find(uri);
    if (known == answers_.end() || known->second.id != previous) return full(uri, std::move(data));
    const Data old = std::move(known->second.data);
    const std::size_t shorter = std::min(old.size(), data.size());
    std::size_t front = 0, back = 0;
    while (front < shorter && old[front] == data[front]) ++front;
    while (back < shorter - front && old[old.size() - 1 - back] == data[data.size() - 1 - back]) {
      ++back;
    }
    json::array edits;
    if (front + back < std::max(old.size(), data.size())) {
      edits.push_back({{"start", front},
                       {"deleteCount", old.size() - front - back},
                       {"data", json_of(data, front, data.size() - back)}});
    }
    return {{"resultId", remember(uri, std::move(data))}, {"edits", std::move(edits)}};
  }

 private:
  struct Answer {
    std::string id;
    Data data;
  };
  std::string remember(const std::string& uri, Data data) {
    constexpr std::size_t kMost = 32;  // documents
    if (answers_.size() >= kMost && !answers_.contains(uri)) answers_.erase(answers_.begin());
    std::string id = std::to_string(++next_);
    answers_[uri] = {id, std::move(data)};
    return id;
  }
  std::map<std::string, Answer> answers_;
  std::uint64_t next_ = 0;
};

Result<Data> tokens_in(Navigator& navigator, const NavigationView& view, std::size_t begin,
                       std::size_t end, const std::stop_token& stop) {
  ENGRAM_TRY(tokens, navigator.tokens(view.path, stop));
  const SourceSnapshot source = navigator.texts().find(view.path);
  return encoded(view, *source, tokens, begin, end);
}

}  // namespace

json::object semantic_tokens_capability() {
  json::array types, modifiers;
  for (const char* type : kTypes) types.push_back(type);
  for (const char* modifier : kModifiers) modifiers.push_back(modifier);
  return {{"legend", {{"tokenTypes", std::move(types)}, {"tokenModifiers", std::move(modifiers)}}},
          {"full", {{"delta", true}}},
          {"range", true}};
}

void add_semantic_tokens(Session& session) {
  const auto answers = std::make_shared<LastAnswers>();
  session.connection.on_request<DocumentParams>(
      "textDocument/semanticTokens/full",
      [&session, answers](const DocumentParams& params, const Reply& reply) {
        session.ask_about(
            params.uri, reply,
            [answers, uri = params.uri](Navigator& navigator, const NavigationView& view,
                                        const std::stop_token& stop) -> Result<json::value> {
              ENGRAM_TRY(data, tokens_in(navigator, view, 0, SIZE_MAX, stop));
              return json::value(answers->full(uri, std::move(data)));
            });
      });
  session.connection.on_request<SemanticTokensDeltaParams>(
      "textDocument/semanticTokens/full/delta",
      [&session, answers](const SemanticTokensDeltaParams& params, const Reply& reply) {
        session.ask_about(
            params.uri, reply,
            [answers, params](Navigator& navigator, const NavigationView& view,
                              const std::stop_token& stop) -> Result<json::value> {
              ENGRAM_TRY(data, tokens_in(navigator, view, 0, SIZE_MAX, stop));
              return json::value(answers->changed(params.uri, params.previous, std::move(data)));
            });
      });
  session.connection.on_request<DocumentRangeParams>(
      "textDocument/semanticTokens/range",
      [&session](const DocumentRangeParams& params, const Reply& reply) {
        session.ask_in(params, reply,
                       [](Navigator& navigator, const NavigationView& view, std::size_t begin,
                          std::size_t end, const std::stop_token& stop) -> Result<json::value> {
                         ENGRAM_TRY(data, tokens_in(navigator, view, begin, end, stop));
                         return json::value(json::object{{"data", json_of(data, 0, data.size())}});
                       });
      });
}

}  // namespace engram::lsp
