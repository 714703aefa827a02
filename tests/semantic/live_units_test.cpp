// The workers of open files, when they crash, hang and lie; and whose turn it is.
#include <future>

#include "indexer/semantic/live_units.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

// The fake worker does as the last argument says; the file's text is the order.
LiveOptions live_options() {
  LiveOptions options;
  options.worker.program = ENGRAM_FAKE_WORKER;
  options.worker.reply_time = std::chrono::seconds(20);
  return options;
}

Result<LiveCommand> as_ordered(const OpenFile& file) {
  LiveCommand command;
  command.command.file = file.path;
  command.command.directory = "/";
  command.command.arguments = {"clang++", file.path};
  return command;
}

using Answer = std::future<Result<LiveAnswer>>;

Answer ask(LiveUnits& units, const std::string& order, const std::string& path = "/w/a.cpp",
           LiveQuestion question = LiveQuestion::kDiagnose) {
  auto promise = std::make_shared<std::promise<Result<LiveAnswer>>>();
  LiveAsk asked;
  asked.question = question;
  asked.file = {path, std::make_shared<const std::string>(order)};
  units.ask(std::move(asked),
            [promise](Result<LiveAnswer> answer) { promise->set_value(std::move(answer)); });
  return promise->get_future();
}

std::string pid(Answer answer) {
  const auto result = answer.get();
  REQUIRE(result);
  return result->reply.missing_headers.at(0);
}

}  // namespace

TEST_CASE("live_units: each open file has a worker that stays", "[semantic]") {
  LiveUnits units(live_options(), as_ordered);
  const std::string a = pid(ask(units, "pid", "/w/a.cpp"));
  const std::string b = pid(ask(units, "pid", "/w/b.cpp"));
  CHECK(a != b);
  CHECK(pid(ask(units, "pid", "/w/a.cpp")) == a);
  units.close("/w/a.cpp");
  CHECK(pid(ask(units, "pid", "/w/a.cpp")) != a);
  CHECK(pid(ask(units, "pid", "/w/b.cpp")) == b);
}

TEST_CASE("live_units: of too many files the one not asked about for longest is closed",
          "[semantic]") {
  LiveOptions options = live_options();
  options.most_files = 2;
  LiveUnits units(options, as_ordered);
  const std::string a = pid(ask(units, "pid", "/w/a.cpp"));
  const std::string b = pid(ask(units, "pid", "/w/b.cpp"));
  CHECK(pid(ask(units, "pid", "/w/a.cpp")) == a);
  pid(ask(units, "pid", "/w/c.cpp"));
  CHECK(pid(ask(units, "pid", "/w/a.cpp")) == a);
  CHECK(pid(ask(units, "pid", "/w/b.cpp")) != b);
}

TEST_CASE("live_units: of the other open files those go along that are not as on disk",
          "[semantic]") {
  const TemporaryDirectory folder;
  folder.write("saved.h", "int a;\n");
  folder.write("edited.h", "int b;\n");
  const auto open = [&](const char* name, const char* text) {
    return OpenFile{(folder.path() / name).string(), std::make_shared<const std::string>(text)};
  };
  const OpenFile file{"/w/a.cpp", std::make_shared<const std::string>("unsaved")};
  LiveUnits units(live_options(), as_ordered);
  const auto sent = [&](std::vector<OpenFile> others) {
    auto promise = std::make_shared<std::promise<Result<LiveAnswer>>>();
    LiveAsk asked;
    asked.file = file;
    asked.others = std::move(others);
    units.ask(std::move(asked),
              [promise](Result<LiveAnswer> answer) { promise->set_value(std::move(answer)); });
    const auto answer = promise->get_future().get();
    REQUIRE(answer);
    std::vector<std::string> names;
    for (const std::string& path : answer->reply.missing_headers) {
      names.push_back(std::filesystem::path(path).filename());
    }
    return names;
  };
  using Names = std::vector<std::string>;
  const std::vector<OpenFile> others{file, open("saved.h", "int a;\n"),
                                     open("edited.h", "int c;\n"), open("new.h", "")};
  CHECK(sent(others) == Names{"a.cpp", "edited.h", "new.h"});
  folder.write("edited.h", "int c;\n");  // saved
  folder.write("saved.h", "int d;\n");   // by another program
  CHECK(sent(others) == Names{"a.cpp", "saved.h", "new.h"});
  CHECK(sent({open("saved.h", "int d;\n")}) == Names{"a.cpp"});
}

TEST_CASE("live_units: a fault costs its question; three in a row, the file", "[semantic]") {
  LiveUnits units(live_options(), as_ordered);
  for (const char* order : {"crash", "garbage"}) {
    INFO(order);
    CHECK_FALSE(ask(units, order).get());
    CHECK(ask(units, "pid").get());
  }
  CHECK_FALSE(ask(units, "crash").get());
  CHECK_FALSE(ask(units, "lie").get());
  const auto third = ask(units, "crash").get();
  REQUIRE_FALSE(third);
  CHECK(third.error().code == Errc::kDevice);
  const auto after = ask(units, "pid").get();
  REQUIRE_FALSE(after);
  CHECK(after.error().message == third.error().message);
  CHECK(after.error().message.starts_with("engram-clang-worker crashed"));
  CHECK(ask(units, "pid", "/w/other.cpp").get());
  units.close("/w/a.cpp");
  CHECK(ask(units, "pid").get());
}

TEST_CASE("live_units: a worker that is silent for too long is replaced", "[semantic]") {
  LiveOptions options = live_options();
  options.worker.reply_time = std::chrono::milliseconds(50);
  LiveUnits units(options, as_ordered);
  const auto answer = ask(units, "hang").get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::kBusy);
}

TEST_CASE("live_units: the newest question of a kind replaces the older", "[semantic]") {
  LiveUnits units(live_options(), as_ordered);
  Answer running = ask(units, "until-given-up");
  Answer newest = ask(units, "pid");
  const auto first = running.get();
  REQUIRE_FALSE(first);
  CHECK(first.error().code == Errc::kCancelled);
  CHECK(newest.get());
}

TEST_CASE("live_units: a diagnosis steps aside for names and goes on after them", "[semantic]") {
  LiveUnits units(live_options(), as_ordered);
  Answer diagnosis = ask(units, "give-up-once");
  CHECK(ask(units, "pid", "/w/a.cpp", LiveQuestion::kComplete).get());
  CHECK(diagnosis.get());
}

TEST_CASE("live_units: no worker program and no command are said so", "[semantic]") {
  LiveOptions options = live_options();
  options.worker.program = "/nowhere/engram-clang-worker";
  {
    LiveUnits units(options, as_ordered);
    CHECK(ask(units, "pid").get().error().code == Errc::kNotFound);
  }
  LiveUnits units(live_options(), [](const OpenFile&) {
    return Result<LiveCommand>(Error{Errc::kInvalidArgument, "no command"});
  });
  const auto answer = ask(units, "pid").get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::kInvalidArgument);
  CHECK(answer.error().message == "no command");
}

TEST_CASE("live_units: what waits when it ends is answered", "[semantic]") {
  Answer running, waiting;
  {
    LiveUnits units(live_options(), as_ordered);
    running = ask(units, "hang");
    waiting = ask(units, "pid", "/w/a.cpp", LiveQuestion::kSignatures);
  }
  CHECK(running.get().error().code == Errc::kCancelled);
  CHECK(waiting.get().error().code == Errc::kCancelled);
}

}  // namespace engram
