#include "assist/navigation/source_texts.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "core/atomic_file.h"
#include "core/path.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxParsed = 64;
constexpr std::size_t kMaxKeptBytes = 64u << 20;

std::string_view file_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view directory_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

SourceSnapshot make_source(const std::string& path, std::string_view language,
                           const Sha256& content, std::shared_ptr<const std::string> text) {
  LineIndex lines(*text);
  return std::make_shared<const SourceText>(
      SourceText{path, std::string(language), content, std::move(text), std::move(lines)});
}

}  // namespace

SourceTexts::SourceTexts(fs::path root, fs::path store)
    : root_(std::move(root)), store_(std::move(store)) {}

void SourceTexts::set_open(std::vector<OpenText> open) {
  open_ = std::move(open);
  begin_query();
}

void SourceTexts::begin_query() {
  sources_.clear();
  unchanged_.clear();
  ahead_.clear();
}

void SourceTexts::store_changed() {
  begin_query();
  listed_ = false;
  if (reader_ && !reader_->is_current()) reader_.reset();
}

CatalogueReader* SourceTexts::reader() {
  if (!reader_ && !store_.empty()) {
    if (auto opened = CatalogueReader::open(store_)) reader_ = *std::move(opened);
  }
  return reader_.get();
}

const OpenText* SourceTexts::find_open(std::string_view path) const {
  const auto it = std::find_if(open_.begin(), open_.end(),
                               [&](const OpenText& open) { return open.path == path; });
  return it != open_.end() ? &*it : nullptr;
}

bool SourceTexts::is_open(std::string_view path) const { return find_open(path) != nullptr; }

bool SourceTexts::changed_on_disk(const IndexedFile& file) const {
  struct stat now{};
  if (::stat((root_ / file.entry.path).c_str(), &now) != 0) return errno == ENOENT;
  const std::int64_t mtime =
      static_cast<std::int64_t>(now.st_mtim.tv_sec) * 1'000'000'000 + now.st_mtim.tv_nsec;
  return static_cast<std::uint64_t>(now.st_size) != file.entry.size || mtime != file.entry.mtime_ns;
}

const std::optional<SourceTexts::KnownFile>& SourceTexts::unchanged(
    const std::string& path, std::optional<std::string>* text) {
  const auto [known, fresh] = unchanged_.try_emplace(path);
  if (!fresh || is_open(path)) return known->second;
  CatalogueReader* const store = reader();
  const auto file = store != nullptr ? store->file(path) : Result(std::optional<IndexedFile>());
  if (!file || !*file) return known->second;
  const KnownFile then{(*file)->content, (*file)->entry.size, (*file)->entry.mtime_ns};
  if (text != nullptr) *text = read_if_still(path, then);
  if ((text != nullptr && *text) || !changed_on_disk(**file)) known->second = then;
  return known->second;
}

bool SourceTexts::is_overlaid(const std::string& path) { return !unchanged(path); }

WorkspaceRoot* SourceTexts::disk() {
  if (!disk_ && !root_.empty()) {
    if (auto opened = WorkspaceRoot::open(root_)) disk_ = *std::move(opened);
  }
  return disk_ ? &*disk_ : nullptr;
}

void SourceTexts::read_ahead(const std::vector<std::string>& paths) {
  std::vector<std::string> wanted;
  for (const std::string& path : paths) {
    if (path.starts_with('/') || is_open(path)) continue;
    if (!sources_.contains(path) && !kept_.contains(path)) wanted.push_back(path);
  }
  if (disk() != nullptr) ahead_.read(*disk(), wanted, kMaxKeptBytes);
}

// A file that is as it was says what the store has of it, and needs no unpacking.
std::optional<std::string> SourceTexts::read_if_still(const std::string& path,
                                                      const KnownFile& file) {
  std::optional<WorkspaceRoot::Contents> now = ahead_.take(path);
  if (!now && disk() != nullptr) {
    if (auto read = disk()->read(path, kMaxTextBytes)) now = *std::move(read);
  }
  if (!now || now->size != file.size || now->mtime_ns != file.mtime_ns) return {};
  auto decoded = utf8_from_utf16(now->text);  // as the store has it
  return decoded ? std::move(decoded) : std::optional(std::move(now->text));
}

std::optional<std::string> SourceTexts::text_of(const std::string& path, const KnownFile& file) {
  if (auto text = read_if_still(path, file)) return text;
  auto stored = reader()->text(path);
  return stored ? std::optional(*std::move(stored)) : std::nullopt;
}

// Never through a link that leads out of the workspace.
std::optional<std::string> SourceTexts::read_from_disk(const std::string& path) const {
  if (root_.empty() || !is_safe_relative_path(path)) return {};
  std::error_code ec;
  const fs::path real = fs::canonical(root_ / path, ec);
  if (ec || !relative_path(fs::canonical(root_, ec), real)) return {};
  auto text = read_file(real, kMaxTextBytes);
  if (!text) return {};
  auto decoded = utf8_from_utf16(*text);  // as the store has it
  return decoded ? std::move(decoded) : std::optional(*std::move(text));
}

bool SourceTexts::exists(const std::string& path) {
  if (is_open(path)) return true;
  if (root_.empty() || !is_safe_relative_path(path)) return false;
  std::error_code ec;
  return fs::is_regular_file(root_ / path, ec);
}

SourceSnapshot SourceTexts::find(const std::string& path) {
  if (const auto known = sources_.find(path); known != sources_.end()) return known->second;
  SourceSnapshot source;
  if (const OpenText* open = find_open(path)) {
    source = make_source(path, open->language, sha256(*open->text), open->text);
  } else {
    std::optional<std::string> text;
    const auto kept = kept_.find(path);
    // What was kept needs a look at the file alone; else one reading tells both.
    const std::optional<KnownFile>& known = unchanged(path, kept == kept_.end() ? &text : nullptr);
    std::optional<Sha256> content = known ? std::optional(known->content) : std::nullopt;
    if (kept != kept_.end() && known && kept->second->content == *content) {
      return sources_[path] = kept->second;
    }
    if (known && !text) text = text_of(path, *known);
    if (!text) {
      content.reset();
      text = read_from_disk(path);
    }
    if (text) {
      auto shared = std::make_shared<const std::string>(*std::move(text));
      const std::string_view language = language_of(path, *shared);
      const bool is_stored = content.has_value();
      if (!content) content = sha256(*shared);
      source = make_source(path, language, *content, std::move(shared));
      if (is_stored) source = keep(path, std::move(source));
    }
  }
  return sources_[path] = std::move(source);
}

SourceSnapshot SourceTexts::keep(const std::string& path, SourceSnapshot source) {
  if (const auto old = kept_.find(path); old != kept_.end()) {
    kept_bytes_ -= old->second->text->size();
  }
  kept_bytes_ += source->text->size();
  if (kept_bytes_ > kMaxKeptBytes) {
    kept_.clear();
    kept_bytes_ = source->text->size();
  }
  return kept_[path] = std::move(source);
}

std::optional<SourceTexts::StoredText> SourceTexts::stored(const std::string& path) {
  CatalogueReader* store = reader();
  if (store == nullptr) return {};
  const auto file = store->file(path);
  if (!file || !*file) return {};
  auto text = store->text(path);
  if (!text) return {};
  return StoredText{(*file)->content, std::make_shared<const std::string>(*std::move(text))};
}

SourceSnapshot SourceTexts::find_or_read(const std::string& path, const Sha256& content) {
  if (!path.starts_with('/')) return find(path);
  if (const auto known = sources_.find(path); known != sources_.end()) return known->second;
  SourceSnapshot source;
  auto text = read_file(path, kMaxTextBytes);
  if (text && sha256(*text) == content) {
    const std::string_view language = language_of(path, *text);
    source = make_source(path, language.empty() ? "cpp" : language, content,
                         std::make_shared<const std::string>(*std::move(text)));
  }
  return sources_[path] = std::move(source);
}

NamesSnapshot SourceTexts::find_names(const std::string& path, std::stop_token stop) {
  if (!is_open(path) && !sources_.contains(path)) {  // what would not be parsed is not read for it
    std::error_code ec;
    const auto size = fs::file_size(root_ / path, ec);
    if (!ec && size > ExtractLimits{}.max_bytes) return nullptr;
  }
  const SourceSnapshot source = find(path);
  if (!source || source->language.empty()) return nullptr;
  const auto known = parsed_.find(path);
  if (known != parsed_.end() &&
      (known->second.text == source->text || *known->second.text == *source->text)) {
    known->second.used = ++clock_;
    return known->second.names;
  }
  auto names = read_names(source->language, *source->text, {}, stop);
  if (!names) return nullptr;
  if (parsed_.size() >= kMaxParsed && known == parsed_.end()) {
    parsed_.erase(std::min_element(
        parsed_.begin(), parsed_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  auto snapshot = std::make_shared<const FileNames>(*std::move(names));
  parsed_[path] = {source->text, snapshot, ++clock_};
  return snapshot;
}

void SourceTexts::list_paths() {
  if (listed_) return;
  listed_ = true;
  by_name_.clear();
  by_directory_.clear();
  const auto add = [&](const std::string& path) {
    by_name_[std::string(file_name(path))].push_back(path);
    by_directory_[std::string(directory_of(path))].push_back(path);
  };
  if (CatalogueReader* store = reader()) {
    if (const auto files = store->files()) {
      for (const IndexedFile& file : *files) add(file.entry.path);
    }
  }
}

namespace {

std::vector<std::string> with_open(
    const std::map<std::string, std::vector<std::string>, std::less<>>& listed,
    std::string_view key, const std::vector<OpenText>& open,
    std::string_view (*key_of)(std::string_view)) {
  const auto it = listed.find(key);
  std::vector<std::string> paths = it != listed.end() ? it->second : std::vector<std::string>();
  for (const OpenText& text : open) {
    if (key_of(text.path) == key) paths.push_back(text.path);
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace

std::vector<std::string> SourceTexts::paths_named(std::string_view name) {
  list_paths();
  return with_open(by_name_, name, open_, file_name);
}

std::vector<std::string> SourceTexts::paths_in(std::string_view directory) {
  list_paths();
  return with_open(by_directory_, directory, open_, directory_of);
}

}  // namespace engram
