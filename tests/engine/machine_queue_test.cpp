#include "engine/machine_queue.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/atomic_file.h"
#include "tests/support/catch.h"
#include "tests/support/stepped_engine.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

using std::chrono::milliseconds;

// Another process with a queue of its own; does one thing for each letter and answers with one.
class Process {
 public:
  explicit Process(const std::filesystem::path& directory) {
    int orders[2], answers[2];
    REQUIRE(::pipe(orders) == 0);
    REQUIRE(::pipe(answers) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(orders[1]);
      serve(directory, orders[0], answers[1]);
      ::_exit(0);
    }
    ::close(orders[0]);
    ::close(answers[1]);
    to_ = orders[1];
    from_ = answers[0];
    REQUIRE(ask(0, 'o') == 'y');
  }
  ~Process() {
    ::close(to_);
    ::close(from_);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool enter(std::uint64_t now_ms, bool interactive = true) {
    return ask(now_ms, interactive ? 'i' : 'b') == 'y';
  }
  bool should_yield(std::uint64_t now_ms) { return ask(now_ms, '?') == 'y'; }
  void leave() { ask(0, 'l'); }
  void kill() {
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  }

 private:
  struct Order {
    std::uint64_t now_ms;
    char what;
  };
  static void serve(const std::filesystem::path& directory, int in, int out) {
    milliseconds time{1};
    auto queue = MachineQueue::open(directory, [&] { return time; });
    milliseconds asked{0};
    Order order{};
    while (::read(in, &order, sizeof(order)) == sizeof(order)) {
      time = milliseconds(std::max<std::uint64_t>(1, order.now_ms));
      bool yes = static_cast<bool>(queue);
      if (order.what == 'i' || order.what == 'b') {
        if (asked.count() == 0) asked = time;
        yes = (*queue)->try_enter(order.what == 'i', asked);
      }
      if (order.what == '?') yes = (*queue)->should_yield();
      if (order.what == 'l') (*queue)->leave(), asked = milliseconds(0);
      const char answer = yes ? 'y' : 'n';
      if (::write(out, &answer, 1) != 1) return;
    }
  }
  char ask(std::uint64_t now_ms, char what) {
    const Order order{now_ms, what};
    REQUIRE(::write(to_, &order, sizeof(order)) == sizeof(order));
    char answer = 0;
    REQUIRE(::read(from_, &answer, 1) == 1);
    return answer;
  }

  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
};

}  // namespace

TEST_CASE("machine_queue: one process at a time, the newest keystroke first", "[engine]") {
  const TemporaryDirectory directory;
  Process a(directory.path()), b(directory.path()), c(directory.path());
  CHECK(a.enter(10));
  CHECK_FALSE(a.should_yield(11));
  CHECK_FALSE(b.enter(20));
  CHECK_FALSE(c.enter(30));
  CHECK(a.should_yield(31));  // to a newer keystroke
  a.leave();
  CHECK_FALSE(b.enter(32));  // an older one than c's
  CHECK(c.enter(33));
  CHECK_FALSE(c.should_yield(34));  // b's is older
  c.leave();
  CHECK(b.enter(35));
}

TEST_CASE("machine_queue: background work waits for keystrokes and gives way to them", "[engine]") {
  const TemporaryDirectory directory;
  Process a(directory.path()), b(directory.path()), c(directory.path());
  CHECK(a.enter(10, false));
  CHECK_FALSE(b.enter(20, false));
  CHECK_FALSE(a.should_yield(21));  // in order of arrival
  CHECK_FALSE(c.enter(30));
  CHECK(a.should_yield(31));
  a.leave();
  CHECK_FALSE(b.enter(32, false));
  CHECK(c.enter(33));
  c.leave();
  CHECK(b.enter(34, false));
}

TEST_CASE("machine_queue: a process that dies frees its turn and its place", "[engine]") {
  const TemporaryDirectory directory;
  Process holder(directory.path()), waiter(directory.path()), last(directory.path());
  CHECK(holder.enter(10));
  CHECK_FALSE(last.enter(20));
  CHECK_FALSE(waiter.enter(30));
  waiter.kill();  // the most urgent of those that wait
  holder.kill();
  CHECK(last.enter(31));
}

TEST_CASE("machine_queue: nobody starves", "[engine]") {
  const TemporaryDirectory directory;
  Process busy(directory.path()), old(directory.path()), background(directory.path());
  CHECK(busy.enter(10));
  CHECK_FALSE(old.enter(15));
  CHECK_FALSE(background.enter(16, false));
  // A newer keystroke every 100 ms takes the turn again and again...
  std::uint64_t now = 20;
  for (; now < 1000; now += 100) {
    busy.leave();
    CHECK(busy.enter(now));
    CHECK_FALSE(old.enter(now + 1));
    CHECK_FALSE(busy.should_yield(now + 2));
  }
  // ...until patience ends; the old one then keeps the turn for a while.
  CHECK(busy.should_yield(1015));
  busy.leave();
  CHECK_FALSE(busy.enter(1016));
  CHECK(old.enter(1017));
  CHECK_FALSE(old.should_yield(1018));
  CHECK(old.should_yield(1017 + 200));
  old.leave();
  CHECK(busy.enter(1300));
  CHECK(busy.should_yield(5016));  // the background's time has come
  busy.leave();
  CHECK(background.enter(5017, false));
}

TEST_CASE("machine_queue: engines take turns, and a waiting one neither computes nor forgets",
          "[engine]") {
  const TemporaryDirectory directory;
  const auto tokenizer = tiny_tokenizer(
      {.merges = {{"a", "b"}}, .control = {"<|endoftext|>", "<|a|>"}, .user_defined = {}});
  milliseconds time{1};
  const auto engine = [&] {
    auto queue = MachineQueue::open(directory.path(), [&] { return time; });
    REQUIRE(queue);
    return std::make_unique<SteppedEngine>(tokenizer, babble(tokenizer->vocab_size()), 8,
                                           EngineOptions{}, *std::move(queue));
  };
  const auto a = engine(), b = engine();
  GenerationRequest request;
  request.prompt.push_back({PromptPart::Kind::kText, "some text"});
  request.max_tokens = 3;
  request.priority = Priority::kBackground;
  const auto work = a->submit(request);
  CHECK(a->engine->run_step());
  request.priority = Priority::kInteractive;
  const auto keystroke = b->submit(request);
  time += milliseconds(1);
  CHECK_FALSE(b->engine->run_step());  // a holds the turn
  CHECK_FALSE(a->engine->run_step());  // and gives it away between two passes
  while (!keystroke->result) {
    REQUIRE(b->engine->run_step());
    CHECK_FALSE(a->engine->run_step());
  }
  CHECK_FALSE(work->result);
  CHECK_FALSE(b->engine->run_step());  // nothing left: the turn is free
  a->run();
  REQUIRE(work->result);
  CHECK(work->result->text == keystroke->result->text);
}

TEST_CASE("machine_queue: a damaged file and a directory that cannot be had", "[engine]") {
  const TemporaryDirectory directory;
  REQUIRE(write_file_atomically(directory.path() / "generation-queue", std::string(100, '\xFF')));
  const auto a = MachineQueue::open(directory.path());
  REQUIRE(a);
  CHECK((*a)->try_enter(true, (*a)->now()));
  CHECK_FALSE((*a)->should_yield());
  REQUIRE(write_file_atomically(directory.path() / "file", "x"));
  const auto refused = MachineQueue::open(directory.path() / "file" / "below");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kIo);
}

}  // namespace engram
