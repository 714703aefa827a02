// lsp/live_problems.h: what Clang has against an open document, as an editor is told it.
//
// In bytes of one text, so that it can follow an edit; positions are made when it is said. Notes in
// other files keep the place they had, as long as the file is what Clang read.
//
// Threads: plain values and functions.  Errors: none; a note whose place is not known any more
// stands at its problem.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "indexer/semantic/live_units.h"
#include "lsp/documents.h"

namespace engram::lsp {

struct ProblemNote {
  std::string message;
  std::uint32_t begin = 0, end = 0;            // in the document, unless
  std::optional<json::object> other_location;  // it lies elsewhere: a Location
};

struct ProblemFix {
  std::string title;
  std::vector<LiveEdit> edits;
};

struct Problem {
  DiagnosticLevel level = DiagnosticLevel::kError;
  std::uint32_t begin = 0, end = 0;
  std::string message, option;
  std::vector<ProblemNote> notes;
  std::vector<ProblemFix> fixes;
};

struct DocumentProblems {
  DocumentSnapshot document;  // whose text it is about
  Certainty certainty = Certainty::kSemantic;
  std::vector<Problem> problems;
};

// `open`: to place notes in other open documents. Reads the other files that notes lie in.
DocumentProblems problems_of(const DocumentSnapshot& document, const LiveAnswer& answer,
                             const std::vector<DocumentSnapshot>& open);

// Of a guessed command nothing is said about inclusions; where headers are missing as well, nothing
// Clang says can be relied on: one problem remains, which says what to do. `certainty` stays.
void hold_back_guesses(DocumentProblems& problems, const LiveAnswer& answer);

// Those of inclusions that are not used, or missing (kUnusedInclude, kMissingInclude).
void drop_include_hints(DocumentProblems& problems);

// As they are after an edit to `document`; those it touches are gone.
DocumentProblems after_edit(const DocumentProblems& problems, const DocumentSnapshot& document);
// Those of [begin, end) replaced.
void replace_within(DocumentProblems& problems, std::uint32_t begin, std::uint32_t end,
                    std::vector<Problem> fresh);

// TextEdit[].
json::array edits_json(const std::vector<LiveEdit>& edits, const Document& document);
// Diagnostic[]. `related`: the client shows notes by themselves.
json::array diagnostics_json(const DocumentProblems& problems, bool related);
json::object diagnostic_json(const Problem& problem, const DocumentProblems& all, bool related);
// The CodeActions that touch [begin, end). `versioned`: the client takes documentChanges.
json::array quick_fixes_json(const DocumentProblems& problems, std::size_t begin, std::size_t end,
                             bool related, bool versioned);

}  // namespace engram::lsp
