// tests/semantic/fake_worker.cpp: a worker without Clang that does as its request's first argument
// says: what a crashing, hanging or lying one would do, without having to find code that makes it.
#include <signal.h>
#include <unistd.h>

#include <set>
#include <string>

#include "core/file_descriptor.h"
#include "indexer/semantic/live_message.h"
#include "indexer/semantic/message_channel.h"
#include "indexer/semantic/worker_process.h"
#include "tests/semantic/sample_unit.h"

namespace engram {

namespace {

void answer(const UnitReply& reply) {
  static_cast<void>(send_message(kWorkerDescriptor, encode_reply(reply)));
}

// Views as a worker would tell them that keeps to what it was sent.
std::vector<FileView> views(const UnitRequest& request) {
  static std::set<ViewKey> held;
  held.insert(request.newly_held.begin(), request.newly_held.end());
  std::vector<FileView> views = sample_unit().views;
  for (FileView& view : views) {
    const bool known = request.each_header_once && held.contains(view.key);
    view.told = known ? ViewTold::kElsewhere : ViewTold::kHere;
  }
  return views;
}

void obey(const UnitRequest& request) {
  const std::string& order = request.arguments.front();
  UnitReply reply{{}, sample_unit()};
  if (order != "lie-elsewhere") reply.facts.views = views(request);
  if (order == "broken") reply.facts.views[0].told = ViewTold::kHereUnclaimed;
  reply.facts.bodies_skipped = request.skip_bodies;
  if (order == "crash" || (order == "crash-on-bodies" && !request.skip_bodies)) {
    ::signal(SIGSEGV, SIG_DFL);  // a sanitizer would report and exit
    ::raise(SIGSEGV);
  } else if (order == "too-long") {
    ::raise(SIGXCPU);
  } else if (order == "exit") {
    ::_exit(7);
  } else if (order == "hang") {
    ::pause();
  } else if (order == "garbage") {
    static_cast<void>(write_all(kWorkerDescriptor, "this is no message at all"));
  } else if (order == "lie") {
    reply.facts.occurrences[0].end = 5000;
  } else if (order == "huge") {
    static_cast<void>(write_all(kWorkerDescriptor, message_head(0xfffffff0u)));
    ::pause();
  } else if (order == "half") {
    static_cast<void>(write_all(kWorkerDescriptor, message_head(1000) + "the rest never comes"));
    ::_exit(0);
  } else if (order == "fail") {
    reply = {"no such file", {}};
  } else if (order == "pid") {
    reply = {std::to_string(::getpid()), {}};
  }
  answer(reply);
}

// The order is the text of the open file.
void obey(const LiveRequest& request) {
  static int asked = 0;
  const std::string& order = request.unsaved.front().contents;
  ++asked;
  LiveReply reply;
  reply.missing_headers = {std::to_string(::getpid())};
  if (order == "crash") {
    ::signal(SIGSEGV, SIG_DFL);
    ::raise(SIGSEGV);
  } else if (order == "hang") {
    ::pause();
  } else if (order == "garbage") {
    static_cast<void>(write_all(kWorkerDescriptor, "this is no message at all"));
  } else if (order == "lie") {
    reply.end = 5000;
  } else if (order == "unsaved") {
    reply.missing_headers.clear();
    for (const UnsavedFile& file : request.unsaved) reply.missing_headers.push_back(file.path);
  } else if (order == "until-given-up" || (order == "give-up-once" && asked == 1)) {
    const auto word = receive_message(kWorkerDescriptor, 1u << 20);
    reply.given_up = word && word->empty();
  }
  static_cast<void>(send_message(kWorkerDescriptor, encode_live_reply(reply)));
}

int serve_live() {
  while (true) {
    const auto body = receive_message(kWorkerDescriptor, 1u << 20);
    if (!body) return 0;
    if (body->empty()) continue;
    const auto request = decode_live_request(*body);
    if (!request) return 1;
    obey(*request);
  }
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--live") return engram::serve_live();
  }
  while (true) {
    const auto body = engram::receive_message(engram::kWorkerDescriptor, 1u << 20);
    if (!body) return 0;
    const auto request = engram::decode_request(*body);
    if (!request) return 1;
    engram::obey(*request);
  }
}
