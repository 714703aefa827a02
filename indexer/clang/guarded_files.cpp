#include "indexer/clang/guarded_files.h"

#include <llvm/Support/MemoryBuffer.h>

#include <filesystem>

namespace engram {

namespace {

constexpr std::size_t kMaxRefused = 100;

bool is_below(std::string_view path, std::string_view root) {
  return path.starts_with(root) &&
         (path.size() == root.size() || root.ends_with('/') || path[root.size()] == '/');
}

// Hands on everything, but never maps.
class ReadFile final : public llvm::vfs::File {
 public:
  explicit ReadFile(std::unique_ptr<llvm::vfs::File> file) : file_(std::move(file)) {}
  llvm::ErrorOr<llvm::vfs::Status> status() override { return file_->status(); }
  llvm::ErrorOr<std::string> getName() override { return file_->getName(); }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine& name,
                                                               std::int64_t size,
                                                               bool null_terminated,
                                                               bool) override {
    return file_->getBuffer(name, size, null_terminated, /*IsVolatile=*/true);
  }
  std::error_code close() override { return file_->close(); }

 private:
  std::unique_ptr<llvm::vfs::File> file_;
};

std::error_code absent() { return std::make_error_code(std::errc::no_such_file_or_directory); }

}  // namespace

GuardedFiles::GuardedFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                           std::vector<std::string> roots)
    : ProxyFileSystem(std::move(files)) {
  for (const std::string& root : roots) {
    std::error_code error;
    const auto real = std::filesystem::canonical(root, error);
    if (!error) roots_.push_back(real.string());
  }
}

bool GuardedFiles::is_allowed(const llvm::Twine& path) {
  llvm::SmallString<256> real;
  if (getUnderlyingFS().getRealPath(path, real)) return false;
  for (const std::string& root : roots_) {
    if (is_below(real.str(), root)) return true;
  }
  if (notes_ && refused_.size() < kMaxRefused) refused_.insert(real.str().str());
  return false;
}

llvm::ErrorOr<llvm::vfs::Status> GuardedFiles::status(const llvm::Twine& path) {
  auto status = ProxyFileSystem::status(path);
  // Folders are let through: the driver looks for toolchains, and nothing can be read of them.
  if (!status || status->isDirectory()) return status;
  if (!status->isRegularFile() || !is_allowed(path)) return absent();
  return status;
}

bool GuardedFiles::exists(const llvm::Twine& path) { return static_cast<bool>(status(path)); }

llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> GuardedFiles::openFileForRead(
    const llvm::Twine& path) {
  const auto known = status(path);  // before opening: a pipe would wait for its writer
  if (!known) return known.getError();
  auto file = ProxyFileSystem::openFileForRead(path);
  if (!file) return file.getError();
  return std::unique_ptr<llvm::vfs::File>(std::make_unique<ReadFile>(std::move(*file)));
}

llvm::vfs::directory_iterator GuardedFiles::dir_begin(const llvm::Twine& path,
                                                      std::error_code& error) {
  if (!is_allowed(path)) {
    error = absent();
    return {};
  }
  return ProxyFileSystem::dir_begin(path, error);
}

}  // namespace engram
