// indexer/clang/guarded_files.h: the file system that Clang sees: regular files below the allowed
// folders, everything else absent.
//
// The first wall of two: the kernel's (worker_sandbox.h) is not on every machine and cannot keep
// Clang from asking whether a file exists. A link is judged by where it leads. A pipe or device is
// absent, since opening one may never end. Files are read, never mapped: one that shrinks meanwhile
// must not end the parse.
//
// Threads: confined to the parse.  Errors: no_such_file_or_directory; refused() says what was
// there.
#pragma once

#include <llvm/ADT/IntrusiveRefCntPtr.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <set>
#include <string>
#include <vector>

namespace engram {

class GuardedFiles final : public llvm::vfs::ProxyFileSystem {
 public:
  GuardedFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
               std::vector<std::string> roots);  // absolute

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine& path) override;
  bool exists(const llvm::Twine& path) override;
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine& path) override;
  llvm::vfs::directory_iterator dir_begin(const llvm::Twine& path, std::error_code& error) override;

  // Files that are there and were asked for, outside the allowed folders; sorted.
  const std::set<std::string>& refused() const { return refused_; }
  void forget_refused() { refused_.clear(); }
  void note_refused(bool note) { notes_ = note; }

 private:
  bool is_allowed(const llvm::Twine& path);

  std::vector<std::string> roots_;
  std::set<std::string> refused_;
  bool notes_ = true;
};

}  // namespace engram
