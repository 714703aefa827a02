// assist/recall/edited_documents.h: other open documents whose text is not what was remembered of
// their files: edited and not saved, or saved and not yet taken in.
//
// Their text stands in for the saved one. What is made of a text is kept while it is asked for
// unchanged, so that typing in one document costs nothing for the others. Left as saved: files that
// memory does not have (new ones, ignored ones), foreign ones, and what is beyond the first eight
// or beyond 256 KB together.
//
// Threads: confined to one thread at a time; what is answered is immutable.
// Errors: none. A text that now looks as if it held a secret only hides its saved one.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/hash.h"
#include "engine/tokenizer/tokenizer.h"
#include "memory/engrams/lookup.h"
#include "memory/engrams/snapshot.h"

namespace engram {

struct OpenBuffer {
  std::string path;  // workspace-relative
  std::shared_ptr<const std::string> text;
};

struct EditedDocument {
  OpenBuffer open;
  Sha256 content, content_marked;  // without and with a byte order mark
  bool secret = false;
  std::shared_ptr<const EngramSegment> segment;  // null: a secret, or not needed so far
};

class EditedDocuments {
 public:
  using All = std::vector<std::shared_ptr<const EditedDocument>>;
  // Those of `open` that differ from `snapshot`, which may be null.
  All find(std::span<const OpenBuffer> open, const EngramSnapshot* snapshot,
           const Tokenizer& tokenizer, const EngramVocabulary& vocabulary);

 private:
  std::shared_ptr<EditedDocument> known(const OpenBuffer& open);

  std::vector<std::shared_ptr<EditedDocument>> kept_;  // of the last question
};

}  // namespace engram
