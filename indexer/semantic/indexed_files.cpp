#include "indexer/semantic/indexed_files.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/hash.h"
#include "indexer/commands/clean_command.h"
#include "indexer/open_store.h"

namespace engram {

namespace {

class Chosen {
 public:
  void add(const FileEntry& file) {
    const std::string& path = file.path;
    const bool source = !c_family_language(path, false).empty() && !is_c_family_header(path);
    if (!source && !is_c_family_header(path) && !is_build_file(path)) return;
    out_.all.push_back(path);
    if (source && !has(file, FileFlag::kVendored)) {
      sources_.emplace_back(has(file, FileFlag::kTest), xxh3(path), path);
    }
  }

  WorkspaceFiles take() {
    std::sort(sources_.begin(), sources_.end());
    for (auto& source : sources_) out_.sources.push_back(std::move(std::get<2>(source)));
    return std::move(out_);
  }

 private:
  static bool has(const FileEntry& file, FileFlag flag) {
    return (file.flags & static_cast<std::uint32_t>(flag)) != 0;
  }

  WorkspaceFiles out_;
  std::vector<std::tuple<bool, std::uint64_t, std::string>> sources_;
};

Result<WorkspaceFiles> files_of(CatalogueReader& reader) {
  ENGRAM_TRY(files, reader.files());
  Chosen chosen;
  for (const IndexedFile& file : files) chosen.add(file.entry);
  return chosen.take();
}

}  // namespace

WorkspaceFiles indexed_files(const std::filesystem::path& store) {
  const auto reader = CatalogueReader::open(store);
  if (!reader) return {};
  auto files = files_of(**reader);
  return files ? *std::move(files) : WorkspaceFiles{};
}

WorkspaceFiles WorkspaceFileList::get() {
  const MutexLock lock(mutex_);
  if (!read_store() && !std::exchange(scanned_, true)) {
    Chosen chosen;
    if (const auto scan = scan_workspace(root_, options_)) {
      for (const FileEntry& file : scan->files) chosen.add(file);
    }
    files_ = chosen.take();
  }
  return files_;
}

bool WorkspaceFileList::read_store() {
  if (!reader_ || !reader_->is_current()) {
    auto opened = CatalogueReader::open(store_);
    reader_ = opened ? *std::move(opened) : nullptr;
    version_ = 0;
  }
  if (!reader_) return false;
  const auto version = reader_->version();
  if (version && *version == version_) return true;
  const auto whole = reader_->meta(kHeadKey);
  if (!version || !whole || !*whole) return false;
  auto files = files_of(*reader_);
  if (!files) return false;
  files_ = *std::move(files);
  version_ = *version;
  return true;
}

}  // namespace engram
