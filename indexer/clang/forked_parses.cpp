#include "indexer/clang/forked_parses.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "indexer/clang/unit_parser.h"
#include "indexer/clang/worker_sandbox.h"
#include "indexer/semantic/message_channel.h"
#include "indexer/semantic/worker_process.h"

namespace engram {

namespace {

// Ends this process as that one ended.
void end_like(int status) {
  if (status > kSignalStatus) {
    ::signal(status - kSignalStatus, SIG_DFL);
    ::raise(status - kSignalStatus);
  }
  ::_exit(status);
}

bool two_pipes(int (&there)[2], int (&back)[2]) {
  if (::pipe2(there, O_CLOEXEC) != 0) return false;
  if (::pipe2(back, O_CLOEXEC) == 0) return true;
  ::close(there[0]);
  ::close(there[1]);
  return false;
}

// What units must have in common to begin alike: all but the file, and what it is written in.
std::string command_of(const UnitRequest& request) {
  std::string text = request.root + '\0' + request.directory + '\0' +
                     std::to_string(static_cast<int>(request.system_headers));
  for (std::size_t i = 0; i + 1 < request.arguments.size(); ++i) {
    text += '\0' + request.arguments[i];
  }
  return text + '\0' + std::filesystem::path(request.arguments.back()).extension().string();
}

// Path and key of each.
std::vector<std::string> system_views(const UnitFacts& facts) {
  std::vector<std::string> views;
  for (const FileView& view : facts.views) {
    const UnitFile& file = facts.files[view.file];
    if (!file.system) continue;
    views.push_back(file.path);
    views.emplace_back(view.key.bytes.begin(), view.key.bytes.end());
  }
  return views;
}

}  // namespace

bool ForkedParses::answer(UnitRequest request) {
  held_.add(request.newly_held);
  held_in_order_.insert(held_in_order_.end(), request.newly_held.begin(), request.newly_held.end());
  request.newly_held.clear();
  Part differences;
  if (may_have_prefix(request)) {
    auto whole = parse_after_prefix(request);
    if (!whole) return true;
    differences = *std::move(whole);
  }
  return parse_whole(std::move(request), differences);
}

bool ForkedParses::parse_whole(UnitRequest request, const Part& differences) {
  constexpr int kUnitsPerProcess = 32;
  if (parsed_whole_ == kUnitsPerProcess) end_whole();
  if (whole_ < 0 && !begin_whole()) return false;
  ++parsed_whole_;
  request.newly_held.assign(held_in_order_.begin() + static_cast<std::ptrdiff_t>(held_by_whole_),
                            held_in_order_.end());
  held_by_whole_ = held_in_order_.size();
  if (send_whole(to_whole_->get(), encode_request(request))) {
    const auto views = receive_message(from_whole_->get(), kMaxPrefixMessage);
    if (views && !differences.empty()) learn(command_of(request), differences, *views);
    if (views) return true;
  }
  const int status = wait_for_copy(std::exchange(whole_, -1));
  end_like(status == 0 ? 1 : status);
  return false;
}

// A unit that was parsed whole has told what the ones after it will rely on.
void ForkedParses::learn(const std::string& command, const Part& differences,
                         std::string_view views) {
  const Part paths_and_keys = names_in(views);
  std::map<std::string_view, const std::string*> keys;
  for (std::size_t i = 0; i + 1 < paths_and_keys.size(); i += 2) {
    keys[paths_and_keys[i]] = &paths_and_keys[i + 1];
  }
  for (std::size_t i = 0; i + 1 < differences.size(); i += 2) {
    const auto known = keys.find(differences[i]);
    if (known == keys.end()) continue;
    add_told({differences[i], differences[i + 1], *known->second}, experience_[command].told);
  }
}

bool ForkedParses::begin_whole() {
  int there[2], back[2];
  if (!two_pipes(there, back)) return false;
  const FileDescriptor in(there[0]), out(back[1]);
  to_whole_.emplace(there[1]);
  from_whole_.emplace(back[0]);
  held_by_whole_ = held_in_order_.size();
  parsed_whole_ = 0;
  whole_ = fork_copy();
  if (whole_ == 0) serve_whole(in.get(), out.get());
  return whole_ > 0;
}

void ForkedParses::serve_whole(int in, int out) {
  to_whole_.reset();
  from_whole_.reset();
  to_last_.reset();
  from_units_.reset();
  if (!give_up_processes()) ::_exit(1);
  ImportedModules modules;
  while (true) {
    const auto message = receive_message(in, kMaxPrefixMessage);
    if (!message) ::_exit(0);
    const auto request = decode_request(*message);
    if (!request) ::_exit(1);
    held_.add(request->newly_held);
    limit_time(request->cpu_seconds, stretch_);
    const UnitReply reply = parse_unit(*request, roots_, held_, modules);
    ::alarm(0);
    if (!send_whole(kWorkerDescriptor, encode_reply(reply)) ||
        !send_names(out, kReplied, system_views(reply.facts))) {
      ::_exit(1);
    }
  }
}

void ForkedParses::end_whole() {
  to_whole_.reset();
  from_whole_.reset();
  if (whole_ > 0) wait_for_copy(whole_);
  whole_ = -1;
}

// A prefix that shows in every third unit costs more than it saves; differences become known.
bool ForkedParses::may_have_prefix(const UnitRequest& request) const {
  if (request.prefix.empty() || request.skip_bodies || !request.unsaved.empty() ||
      !request.each_header_once || request.arguments.empty() || !request.modules.empty()) {
    return false;
  }
  const auto known = experience_.find(command_of(request));
  return known == experience_.end() || (known->second.repeated <= 2 + known->second.shared / 3 &&
                                        known->second.different <= 12 + known->second.shared / 3);
}

std::optional<ForkedParses::Part> ForkedParses::parse_after_prefix(UnitRequest request) {
  if (!reach(request)) return Part();
  Experience& experience = experience_[command_];
  request.newly_held.assign(held_in_order_.begin() + static_cast<std::ptrdiff_t>(held_then_),
                            held_in_order_.end());
  const bool sent =
      (experience.told.empty() || send_names(to_last_->get(), kTold, as_names(experience.told))) &&
      send_whole(to_last_->get(), kUnit + encode_request(request));
  const auto answer = sent ? receive_message(from_units_->get(), kMaxPrefixMessage)
                           : Result<std::string>(Error{Errc::kIo, ""});
  if (!answer || answer->empty()) {
    const int status = wait_for_copy(std::exchange(first_, -1));
    end_like(status == 0 ? 1 : status);
  }
  if (answer->front() == kReplied) {
    ++experience.shared;
    return std::nullopt;
  }
  if (answer->front() == kDiffers) {
    ++experience.different;
    return names_in(*answer);
  }
  ++experience.repeated;
  for (std::string& name : names_in(*answer)) experience.unfit.insert(std::move(name));
  return Part();
}

std::vector<ForkedParses::Part> ForkedParses::fit_parts(const std::vector<Part>& parts) const {
  const auto known = experience_.find(command_);
  std::vector<Part> fit;
  for (const Part& part : parts) {
    Part kept;
    for (const std::string& name : part) {
      if (known == experience_.end() || !known->second.unfit.contains(name)) kept.push_back(name);
    }
    if (!kept.empty()) fit.push_back(std::move(kept));
  }
  return fit;
}

// Until a process waits that has read the unit's prefix and nothing else.
bool ForkedParses::reach(const UnitRequest& request) {
  constexpr int kTries = 8;  // each finds names that cannot be in a prefix
  const std::string command = command_of(request);
  for (int i = 0; i < kTries; ++i) {
    if (command != command_ || first_ < 0) {
      end_prefix();
      command_ = command;
      if (!begin_prefix(request)) return false;
    }
    const std::vector<Part> wanted = fit_parts(request.prefix);
    if (wanted.empty()) return false;
    bool whole = true;
    while (whole && (parts_.size() > wanted.size() ||
                     !std::equal(parts_.begin(), parts_.end(), wanted.begin()))) {
      parts_.pop_back();
      whole = send_whole(to_last_->get(), std::string(1, kEnd));
    }
    while (whole && parts_.size() < wanted.size()) whole = add_part(wanted[parts_.size()]);
    if (whole) return true;
    if (parts_.empty()) end_prefix();
  }
  return false;
}

bool ForkedParses::begin_prefix(const UnitRequest& request) {
  int there[2], back[2];
  if (!two_pipes(there, back)) return false;
  const FileDescriptor in(there[0]), out(back[1]);
  to_last_.emplace(there[1]);
  from_units_.emplace(back[0]);
  held_then_ = held_in_order_.size();
  first_ = fork_copy();
  if (first_ == 0) {
    to_last_.reset();
    from_units_.reset();
    to_whole_.reset();  // it must see its end when this process's parent ends it
    from_whole_.reset();
    serve_prefix(request, in.get(), out.get());
  }
  if (first_ < 0) return false;
  const auto ready = receive_message(from_units_->get(), kMaxPrefixMessage);
  if (ready && *ready == std::string(1, kReady) + '\0') return true;
  end_prefix();
  experience_[command_].repeated = 1 << 20;  // never again
  return false;
}

void ForkedParses::serve_prefix(UnitRequest request, int in, int out) {
  limit_time(request.cpu_seconds, stretch_);
  ForkingHost host(in, out, stretch_, held_);
  const UnitReply reply = parse_after_prefixes(request, roots_, held_, host);
  if (!reply.failure.empty() || reply.facts.errors > 0) host.give_up({});
  const std::string body = encode_reply(reply);
  if (!send_whole(kWorkerDescriptor, body)) ::_exit(1);
  send_whole(out, std::string(1, kReplied));
  ::_exit(0);
}

bool ForkedParses::add_part(const Part& part) {
  if (!send_names(to_last_->get(), kMoreHeaders, part)) {
    end_prefix();
    return false;
  }
  const auto answer = receive_message(from_units_->get(), kMaxPrefixMessage);
  if (answer && !answer->empty() && answer->front() == kReady) {
    parts_.push_back(part);
    return true;
  }
  if (answer && !answer->empty()) {
    for (std::string& name : names_in(*answer)) {
      experience_[command_].unfit.insert(std::move(name));
    }
  } else {
    experience_[command_].unfit.insert(part.begin(), part.end());  // Clang crashed on them
    end_prefix();
  }
  return false;
}

void ForkedParses::end_prefix() {
  to_last_.reset();  // the last one ends, then who waits for it, and so on
  from_units_.reset();
  parts_.clear();
  if (first_ > 0) wait_for_copy(first_);
  first_ = -1;
}

}  // namespace engram
