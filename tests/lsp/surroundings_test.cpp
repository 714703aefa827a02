// The parts that touch the system: pipes, processes, directories, sockets. Each test runs the real
// loop until what it waits for has happened; a deadline turns a hang into a failure.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <thread>

#include "lsp/asio_loop.h"
#include "lsp/local_socket.h"
#include "lsp/process_watch.h"
#include "lsp/stream_transport.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram::lsp {

using namespace std::chrono_literals;

namespace {

// Runs until stop(); false when ten seconds did not suffice.
bool run_until_stopped(AsioLoop& loop) {
  bool late = false;
  const TimerId deadline = loop.after(10s, [&] {
    late = true;
    loop.stop();
  });
  loop.run();
  loop.cancel(deadline);
  return !late;
}

struct Pipe {
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
  ~Pipe() {
    close_read();
    close_write();
  }
  void close_read() {
    if (ends[0] >= 0) ::close(std::exchange(ends[0], -1));
  }
  void close_write() {
    if (ends[1] >= 0) ::close(std::exchange(ends[1], -1));
  }
  void write(std::string_view bytes) const {
    REQUIRE(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  std::array<int, 2> ends{-1, -1};
};

}  // namespace

TEST_CASE("timers: they run in order, and a cancelled one never", "[lsp]") {
  AsioLoop loop;
  std::vector<int> order;
  const TimerId cancelled = loop.after(1ms, [&] { order.push_back(0); });
  loop.after(3ms, [&] {
    order.push_back(2);
    loop.stop();
  });
  loop.after(2ms, [&] { order.push_back(1); });
  loop.cancel(cancelled);
  loop.cancel(12345);
  REQUIRE(run_until_stopped(loop));
  CHECK(order == std::vector{1, 2});
}

TEST_CASE("transport: frames come in, frames go out, and the end of the input ends it once",
          "[lsp]") {
  ::signal(SIGPIPE, SIG_IGN);
  AsioLoop loop;
  Pipe in;
  Pipe out;
  std::vector<std::string> received;
  int ends = 0;
  {
    StreamTransport transport(loop, in.ends[0], out.ends[1]);
    transport.start(
        [&](const Frame& f) {
          received.push_back(f.text);
          transport.send("answer to " + f.text);
        },
        [&] {
          ++ends;
          loop.stop();
        });
    in.write(frame("one") + frame("two"));
    in.close_write();
    REQUIRE(run_until_stopped(loop));
    transport.flush();
  }
  CHECK(received == std::vector<std::string>{"one", "two"});
  CHECK(ends == 1);
  std::array<char, 200> buffer{};
  const ssize_t n = ::read(out.ends[0], buffer.data(), buffer.size());
  CHECK(std::string(buffer.data(), static_cast<std::size_t>(n)) ==
        frame("answer to one") + frame("answer to two"));
  // O_NONBLOCK is put back: the descriptors belong to somebody else too.
  CHECK((::fcntl(in.ends[0], F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("transport: a client that never reads is given up, not waited for", "[lsp]") {
  AsioLoop loop;
  Pipe in;
  Pipe out;
  StreamTransport transport(loop, in.ends[0], out.ends[1]);
  bool ended = false;
  transport.start([](const Frame&) {},
                  [&] {
                    ended = true;
                    loop.stop();
                  });
  const std::string megabyte(1u << 20, 'x');
  for (std::size_t i = 0; i < 66; ++i) transport.send(megabyte);
  REQUIRE(run_until_stopped(loop));
  CHECK(ended);
}

TEST_CASE("transport: writing to a client that is gone ends the input", "[lsp]") {
  ::signal(SIGPIPE, SIG_IGN);
  AsioLoop loop;
  Pipe in;
  Pipe out;
  out.close_read();
  StreamTransport transport(loop, in.ends[0], out.ends[1]);
  transport.start([](const Frame&) {}, [&] { loop.stop(); });
  transport.send("{}");
  CHECK(run_until_stopped(loop));
}

TEST_CASE("process watch: the death of a process is told; one that is gone already is not watched",
          "[lsp]") {
  AsioLoop loop;
  Pipe life;  // the child lives until this closes
  const pid_t child = ::fork();
  if (child == 0) {
    life.close_write();
    char c = 0;
    (void)!::read(life.ends[0], &c, 1);
    ::_exit(0);
  }
  bool died = false;
  const ProcessWatch watch(loop, child, [&] {
    died = true;
    loop.stop();
  });
  loop.post([&] {
    CHECK_FALSE(died);
    life.close_write();
  });
  CHECK(run_until_stopped(loop));
  CHECK(died);
  ::waitpid(child, nullptr, 0);

  const ProcessWatch nobody(loop, child, [&] { FAIL("nobody cannot die"); });
  const ProcessWatch nonsense(loop, std::int64_t{1} << 40, [&] { FAIL("nor can this"); });
  loop.context().restart();
  loop.after(1ms, [&] { loop.stop(); });
  CHECK(run_until_stopped(loop));
}

TEST_CASE("socket: one client is accepted, on a socket of the user alone", "[lsp]") {
  TemporaryDirectory directory;
  const auto path = directory.path() / "engram.sock";
  const auto connect_to = [&](const std::filesystem::path& where) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, where.c_str(), sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
  };
  mode_t mode = 0;
  std::jthread client([&] {
    int fd = -1;
    while ((fd = connect_to(path)) < 0) {
      struct stat info{};
      if (::stat(path.c_str(), &info) == 0) mode = info.st_mode & 0777;
      std::this_thread::yield();
    }
    ::close(fd);
  });
  const auto accepted = accept_one_client(path);
  REQUIRE(accepted);
  client.join();
  ::close(*accepted);
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK((mode & 077) == 0);
}

TEST_CASE("socket: what is no dead socket is left alone, and long names are refused", "[lsp]") {
  TemporaryDirectory directory;
  directory.write("file", "precious");
  CHECK(accept_one_client(directory.path() / "file").error().code == Errc::kInvalidArgument);
  CHECK(std::filesystem::file_size(directory.path() / "file") == 8);
  CHECK(accept_one_client(std::string(200, 'x')).error().code == Errc::kInvalidArgument);
  CHECK(accept_one_client(directory.path() / "no/such/place").error().code == Errc::kIo);
}

}  // namespace engram::lsp
