#include "lsp/session.h"

namespace engram::lsp {

namespace {

bool inside_git_directory(const std::string& path) {
  return path.starts_with(".git/") || path.find("/.git/") != std::string::npos;
}

}  // namespace

void add_did_change_watched_files(Session& session) {
  session.connection.on_notification<DidChangeWatchedFilesParams>(
      "workspace/didChangeWatchedFiles", [&session](const DidChangeWatchedFilesParams& params) {
        std::vector<std::string> paths;
        for (const FileEvent& event : params.changes) {
          auto path = session.indexable(event.uri);
          if (path && !inside_git_directory(*path)) paths.push_back(*std::move(path));
        }
        session.files_changed(paths);
      });
}

}  // namespace engram::lsp
