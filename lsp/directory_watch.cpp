#include "lsp/directory_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstring>
#include <map>
#include <set>

namespace engram::lsp {

namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_ONLYDIR | IN_EXCL_UNLINK;

std::string join(const std::string& directory, std::string_view name) {
  return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

}  // namespace

struct DirectoryWatch::State : std::enable_shared_from_this<State> {
  State(AsioLoop& loop, std::filesystem::path the_root, Changed on_changed)
      : root(std::move(the_root)), changed(std::move(on_changed)), events(loop.context()) {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0) events.assign(fd);
    limited = fd < 0;
  }

  bool add(const std::string& directory);
  void read();
  void received(std::size_t n);
  void take(const inotify_event& event, std::set<std::string>& paths);

  std::filesystem::path root;
  Changed changed;
  boost::asio::posix::stream_descriptor events;
  std::map<int, std::string> directories;  // by watch descriptor
  std::set<std::string> known;
  bool limited = false;
  alignas(inotify_event) std::array<char, 32u << 10> buffer;
};

bool DirectoryWatch::State::add(const std::string& directory) {
  if (!events.is_open() || known.contains(directory)) return false;
  const int wd = ::inotify_add_watch(events.native_handle(), (root / directory).c_str(), kEvents);
  if (wd < 0) {
    limited = limited || errno == ENOSPC;
    return false;
  }
  directories[wd] = directory;
  return known.insert(directory).second;
}

void DirectoryWatch::State::read() {
  if (!events.is_open()) return;
  events.async_read_some(
      boost::asio::buffer(buffer),
      [self = shared_from_this()](const boost::system::error_code& ec, std::size_t n) {
        if (ec || !self->changed) return;
        self->received(n);
        self->read();
      });
}

void DirectoryWatch::State::received(std::size_t n) {
  std::set<std::string> paths;
  for (std::size_t at = 0; at + sizeof(inotify_event) <= n;) {
    inotify_event event{};
    std::memcpy(&event, buffer.data() + at, sizeof event);
    take(*reinterpret_cast<const inotify_event*>(buffer.data() + at), paths);
    at += sizeof event + event.len;
  }
  if (!paths.empty()) changed({paths.begin(), paths.end()});
}

void DirectoryWatch::State::take(const inotify_event& event, std::set<std::string>& paths) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    paths.insert("");
    return;
  }
  const auto found = directories.find(event.wd);
  if (found == directories.end()) return;
  if ((event.mask & IN_IGNORED) != 0) {  // the directory is gone
    known.erase(found->second);
    directories.erase(found);
    return;
  }
  if (event.len == 0) return;
  const std::string_view name(event.name);
  if (name == ".git") return;
  // A file just created is empty still: its IN_CLOSE_WRITE follows.
  const bool directory = (event.mask & IN_ISDIR) != 0;
  if (directory || (event.mask & IN_CREATE) == 0) paths.insert(join(found->second, name));
}

DirectoryWatch::DirectoryWatch(AsioLoop& loop, std::filesystem::path root, Changed changed)
    : state_(std::make_shared<State>(loop, std::move(root), std::move(changed))) {
  state_->read();
}

DirectoryWatch::~DirectoryWatch() {
  state_->changed = nullptr;
  boost::system::error_code ignored;
  state_->events.close(ignored);
}

std::vector<std::string> DirectoryWatch::watch(const std::vector<std::string>& directories) {
  std::vector<std::string> added;
  for (const std::string& directory : directories) {
    if (state_->add(directory)) added.push_back(directory);
  }
  return added;
}

bool DirectoryWatch::limited() const { return state_->limited; }

}  // namespace engram::lsp
