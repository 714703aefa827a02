#include "assist/recall/edited_documents.h"

#include <algorithm>
#include <utility>

#include "assist/engrams/memory_tokens.h"
#include "indexer/scan/secrets.h"
#include "memory/facts.h"

namespace engram {
namespace {

constexpr std::size_t kMostTexts = 8;  // each is a segment that every look-up asks
constexpr std::size_t kMostBytes = std::size_t{256} << 10;   // of all: made within a keystroke
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // which editors do not show

std::shared_ptr<const EngramSegment> segment_of_text(const Tokenizer& tokenizer,
                                                     const EngramVocabulary& vocabulary,
                                                     const OpenBuffer& open) {
  EngramBuffer buffer;
  buffer.path = open.path;
  buffer.pieces.push_back({1, memory_tokens(tokenizer, *open.text).tokens});
  return segment_of(buffer, vocabulary);
}

}  // namespace

std::shared_ptr<EditedDocument> EditedDocuments::known(const OpenBuffer& open) {
  const auto it = std::find_if(kept_.begin(), kept_.end(), [&](const auto& kept) {
    return kept->open.text == open.text && kept->open.path == open.path;
  });
  if (it != kept_.end()) return *it;
  auto made = std::make_shared<EditedDocument>();
  made->open = open;
  made->content = sha256(*open.text);
  made->content_marked = sha256(std::string(kByteOrderMark) + *open.text);
  return made;
}

EditedDocuments::All EditedDocuments::find(std::span<const OpenBuffer> open,
                                           const EngramSnapshot* snapshot,
                                           const Tokenizer& tokenizer,
                                           const EngramVocabulary& vocabulary) {
  All out;
  std::vector<std::shared_ptr<EditedDocument>> kept;
  std::size_t bytes = 0;
  for (const OpenBuffer& one : open) {
    if (snapshot == nullptr || out.size() == kMostTexts) break;
    if (one.text == nullptr || one.text->size() > kMostBytes - bytes) continue;
    const auto file = snapshot->file(one.path);
    if (!file || is_foreign(file->flags)) continue;
    const std::shared_ptr<EditedDocument> text = known(one);
    kept.push_back(text);
    if (text->content == file->content || text->content_marked == file->content) continue;
    bytes += one.text->size();
    if (text->segment == nullptr && !text->secret) {
      text->secret = find_secret(*one.text).has_value();
      if (!text->secret) text->segment = segment_of_text(tokenizer, vocabulary, one);
    }
    out.push_back(text);
  }
  kept_ = std::move(kept);
  return out;
}

}  // namespace engram
