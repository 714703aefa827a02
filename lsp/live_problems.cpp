#include "lsp/live_problems.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/edited_region.h"
#include "core/path.h"

namespace engram::lsp {

namespace {

constexpr std::size_t kMaxNotedFile = std::size_t{8} << 20;

bool is_about_inclusions(const std::string& option) {
  return option == kUnusedInclude || option == kMissingInclude;
}

int severity(const Problem& problem) {
  if (is_about_inclusions(problem.option)) return 4;  // a hint
  switch (problem.level) {
    case DiagnosticLevel::kFatal:
    case DiagnosticLevel::kError:
      return 1;
    case DiagnosticLevel::kWarning:
      return 2;
    case DiagnosticLevel::kRemark:
    case DiagnosticLevel::kNote:
      break;
  }
  return 3;
}

json::value range_json(const Document& document, std::uint32_t begin, std::uint32_t end) {
  return to_json(Range{document.position(begin), document.position(end)});
}

// Texts of the other files that notes lie in, each read once.
class NotedFiles {
 public:
  NotedFiles(PositionEncoding encoding, const std::vector<DocumentSnapshot>& open)
      : encoding_(encoding), open_(open) {}

  std::optional<json::object> location(const UnitFile& file, const UnitDiagnostic& note) {
    const DocumentSnapshot document = find(file);
    if (document == nullptr) return std::nullopt;
    return json::object{{"uri", json_string(document->uri)},
                        {"range", range_json(*document, note.begin, note.end)}};
  }

 private:
  // As Clang read it: open, or on disk; null when it is another now.
  DocumentSnapshot find(const UnitFile& file) {
    const auto [at, added] = read_.try_emplace(file.path);
    if (!added) return at->second;
    for (const DocumentSnapshot& document : open_) {
      if (document->path == file.path) return at->second = checked(document, file);
    }
    std::error_code error;  // a worker that was taken over might name a pipe
    if (!std::filesystem::is_regular_file(file.path, error)) return nullptr;
    auto text = read_file(file.path, kMaxNotedFile);
    if (!text) return nullptr;
    auto document = std::make_shared<Document>();
    document->uri = uri_from_path(file.path);
    document->encoding = encoding_;
    document->lines = std::make_shared<const LineIndex>(*text);
    document->text = std::make_shared<const std::string>(*std::move(text));
    return at->second = checked(document, file);
  }
  static DocumentSnapshot checked(DocumentSnapshot document, const UnitFile& file) {
    return sha256(*document->text) == file.content ? std::move(document) : nullptr;
  }

  PositionEncoding encoding_;
  const std::vector<DocumentSnapshot>& open_;
  std::map<std::string, DocumentSnapshot> read_;
};

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 40;
  const std::size_t first = text.find_first_not_of(" \n");  // of a line, the line alone
  if (first != std::string_view::npos) {
    text = text.substr(first, text.find_last_not_of(" \n") + 1 - first);
  }
  std::string out(text.substr(0, utf8_floor(text, kMost)));
  std::replace(out.begin(), out.end(), '\n', ' ');
  return "'" + out + (out.size() < text.size() ? "..." : "") + "'";
}

// "change 'foo' to 'bar'"
std::string title_of(const std::vector<FixIt>& fixes, const std::string& text,
                     const std::string& message) {
  const FixIt& fix = fixes.front();
  if (fixes.size() != 1 || fix.file != 0) return "fix: " + message;
  const std::string old = text.substr(fix.begin, fix.end - fix.begin);
  if (old.empty()) return "insert " + in_quotes(fix.text);
  if (fix.text.empty()) return "remove " + in_quotes(old);
  return "change " + in_quotes(old) + " to " + in_quotes(fix.text);
}

// Fix-its of other files are not offered: what they belong to is not seen here.
void add_fix(Problem& problem, const UnitDiagnostic& from, const std::string& text) {
  if (from.fixes.empty()) return;
  ProblemFix fix{title_of(from.fixes, text, from.message), {}};
  for (const FixIt& edit : from.fixes) {
    if (edit.file != 0) return;
    fix.edits.push_back({edit.begin, edit.end, edit.text});
  }
  problem.fixes.push_back(std::move(fix));
}

// False when the edit touches [begin, end).
template <class Place>
bool follow(const EditedRegion& edit, Place& place) {
  if (edit.is_empty() || place.end < edit.begin) return true;
  if (place.begin <= edit.end) return false;
  const auto shift =
      static_cast<std::int64_t>(edit.inserted) - static_cast<std::int64_t>(edit.end - edit.begin);
  place.begin = static_cast<std::uint32_t>(place.begin + shift);
  place.end = static_cast<std::uint32_t>(place.end + shift);
  return true;
}

json::array related_json(const Problem& problem, const Document& document) {
  json::array out;
  for (const ProblemNote& note : problem.notes) {
    json::object location =
        note.other_location ? *note.other_location
                            : json::object{{"uri", json_string(document.uri)},
                                           {"range", range_json(document, note.begin, note.end)}};
    out.push_back({{"location", std::move(location)}, {"message", json_string(note.message)}});
  }
  return out;
}

}  // namespace

json::array edits_json(const std::vector<LiveEdit>& edits, const Document& document) {
  json::array out;
  for (const LiveEdit& edit : edits) {
    out.push_back({{"range", range_json(document, edit.begin, edit.end)},
                   {"newText", json_string(edit.text)}});
  }
  return out;
}

namespace {

json::object edit_json(const ProblemFix& fix, const Document& document, bool versioned) {
  json::array edits = edits_json(fix.edits, document);
  if (!versioned) {
    json::object changes;
    changes[document.uri] = std::move(edits);
    return {{"changes", std::move(changes)}};
  }
  const json::value identifier{{"uri", json_string(document.uri)}, {"version", document.version}};
  return {{"documentChanges",
           json::array{{{"textDocument", identifier}, {"edits", std::move(edits)}}}}};
}

}  // namespace

DocumentProblems problems_of(const DocumentSnapshot& document, const LiveAnswer& answer,
                             const std::vector<DocumentSnapshot>& open) {
  DocumentProblems out{document, best_certainty(answer.command), {}};
  NotedFiles files(document->encoding, open);
  for (const UnitDiagnostic& d : answer.reply.facts.diagnostics) {
    if (d.level != DiagnosticLevel::kNote) {
      Problem problem;
      problem.level = d.level;
      if (d.file == 0) {  // else about the command: at the first line
        problem.begin = d.begin;
        problem.end = d.end;
      }
      problem.message = d.message;
      problem.option = d.option;
      add_fix(problem, d, *document->text);
      out.problems.push_back(std::move(problem));
      continue;
    }
    if (out.problems.empty()) continue;
    Problem& problem = out.problems.back();
    add_fix(problem, d, *document->text);
    ProblemNote note{d.message, problem.begin, problem.end, {}};
    if (d.file == 0) {
      note.begin = d.begin;
      note.end = d.end;
    } else if (d.file != kNoNumber) {
      note.other_location = files.location(answer.reply.facts.files[d.file], d);
    }
    problem.notes.push_back(std::move(note));
  }
  return out;
}

void hold_back_guesses(DocumentProblems& problems, const LiveAnswer& answer) {
  const auto& missing = answer.reply.missing_headers;
  if (problems.certainty == Certainty::kSemantic) return;
  drop_include_hints(problems);  // another command may use what this one does not
  if (missing.empty()) return;
  const auto is_of_missing = [&](const Problem& problem) {
    return problem.message.find("'" + missing.front() + "'") != std::string::npos;
  };
  auto first = std::find_if(problems.problems.begin(), problems.problems.end(), is_of_missing);
  Problem kept;
  if (first != problems.problems.end()) kept = *first;
  kept.level = DiagnosticLevel::kRemark;
  kept.fixes.clear();
  kept.message = fmt::format(
      "'{}' was not found{}; this file has no entry in a compile database, so its command is a "
      "guess ({}), and what Clang says of it is not shown",
      missing.front(), missing.size() > 1 ? fmt::format(" and {} more", missing.size() - 1) : "",
      answer.command.source);
  problems.problems.assign(1, kept);
}

void drop_include_hints(DocumentProblems& problems) {
  std::erase_if(problems.problems,
                [](const Problem& problem) { return is_about_inclusions(problem.option); });
}

DocumentProblems after_edit(const DocumentProblems& problems, const DocumentSnapshot& document) {
  DocumentProblems out = problems;
  out.document = document;
  const EditedRegion edit = edited_region(*problems.document->text, *document->text);
  std::erase_if(out.problems, [&](Problem& problem) {
    if (!follow(edit, problem)) return true;
    std::erase_if(problem.notes,
                  [&](ProblemNote& note) { return !note.other_location && !follow(edit, note); });
    std::erase_if(problem.fixes, [&](ProblemFix& fix) {
      return !std::all_of(fix.edits.begin(), fix.edits.end(),
                          [&](LiveEdit& one) { return follow(edit, one); });
    });
    return false;
  });
  return out;
}

void replace_within(DocumentProblems& problems, std::uint32_t begin, std::uint32_t end,
                    std::vector<Problem> fresh) {
  std::erase_if(problems.problems, [&](const Problem& problem) {
    return begin <= problem.begin && problem.end <= end;
  });
  const auto at = std::find_if(problems.problems.begin(), problems.problems.end(),
                               [&](const Problem& problem) { return problem.begin > end; });
  problems.problems.insert(at, std::make_move_iterator(fresh.begin()),
                           std::make_move_iterator(fresh.end()));
}

json::object diagnostic_json(const Problem& problem, const DocumentProblems& all, bool related) {
  const Document& document = *all.document;
  std::string message = problem.message;
  if (!problem.fixes.empty()) message += " (fix available)";
  if (!related) {
    for (const ProblemNote& note : problem.notes) message += "\nnote: " + note.message;
  }
  json::object out{
      {"range", range_json(document, problem.begin, problem.end)},
      {"severity", severity(problem)},
      {"source", all.certainty == Certainty::kSemantic ? "engram" : "engram (guessed command)"},
      {"message", json_string(message)}};
  if (!problem.option.empty()) {
    out["code"] = json_string((is_about_inclusions(problem.option) ? "" : "-W") + problem.option);
  }
  if (problem.option.starts_with("unused")) out["tags"] = json::array{1};
  if (problem.option.starts_with("deprecated")) out["tags"] = json::array{2};
  if (related && !problem.notes.empty()) {
    out["relatedInformation"] = related_json(problem, document);
  }
  return out;
}

json::array diagnostics_json(const DocumentProblems& problems, bool related) {
  json::array out;
  for (const Problem& problem : problems.problems) {
    out.push_back(diagnostic_json(problem, problems, related));
  }
  return out;
}

json::array quick_fixes_json(const DocumentProblems& problems, std::size_t begin, std::size_t end,
                             bool related, bool versioned) {
  json::array out;
  for (const Problem& problem : problems.problems) {
    if (problem.end < begin || end < problem.begin) continue;
    for (const ProblemFix& fix : problem.fixes) {
      out.push_back({{"title", json_string(fix.title)},
                     {"kind", "quickfix"},
                     {"isPreferred", problem.fixes.size() == 1},
                     {"diagnostics", json::array{diagnostic_json(problem, problems, related)}},
                     {"edit", edit_json(fix, *problems.document, versioned)}});
    }
  }
  return out;
}

}  // namespace engram::lsp
