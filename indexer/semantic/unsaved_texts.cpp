#include "indexer/semantic/unsaved_texts.h"

#include <algorithm>

namespace engram {

const Sha256& UnsavedTexts::content_of(const OpenFile& file) {
  Hashed& known = texts_[file.path];
  if (known.text != file.text) known = {file.text, sha256(*file.text)};
  return known.content;
}

std::vector<UnsavedFile> UnsavedTexts::among(const std::vector<OpenFile>& open,
                                             const std::string& but) {
  std::erase_if(texts_, [&](const auto& known) {
    return std::ranges::find(open, known.first, &OpenFile::path) == open.end();
  });
  std::vector<UnsavedFile> out;
  for (const OpenFile& file : open) {
    if (file.path == but) continue;
    const auto saved = disk_.of(file.path);
    if (saved && saved->size == file.text->size() && saved->content == content_of(file)) continue;
    out.push_back({file.path, *file.text});
  }
  return out;
}

}  // namespace engram
