// tests/memory/engram_rig.h: a store of engrams to write, merge and hold against the files that
// were put into it. What fails ends the case.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "memory/engrams/store.h"
#include "memory/facts.h"
#include "tests/memory/engram_fixture.h"
#include "tests/support/temporary_directory.h"

namespace engram {

constexpr EngramToken kAlphabet = 24;

inline const std::shared_ptr<const EngramVocabulary>& vocabulary() {
  static const auto made = numbered_vocabulary(kAlphabet);
  return made;
}

inline std::unique_ptr<EngramWriter> open_writer(const std::filesystem::path& store) {
  auto writer = EngramWriter::open(store, vocabulary());
  REQUIRE(writer);
  return *std::move(writer);
}

inline void put(EngramWriter& writer, const std::string& path, const Tokens& tokens,
                std::uint32_t flags = 0) {
  EngramContentInfo info;
  info.sha256 = content_of(tokens);
  const bool known = writer.has_tokens(info.sha256, is_foreign(flags));
  REQUIRE(writer.put_file(path, flags, info, known ? Tokens{} : tokens));
}

using Files = std::map<std::string, Tokens>;

// The reader's answers about contexts of these files, against the files themselves.
inline void check_remembers(const std::filesystem::path& store, const Files& files, unsigned seed,
                            int questions = 40) {
  EngramReader reader(store, vocabulary());
  const auto snapshot = reader.snapshot();
  REQUIRE(snapshot);
  PlainMemory plain;
  std::set<Sha256> added;
  for (const auto& [path, tokens] : files) {
    if (added.insert(content_of(tokens)).second) plain.add(tokens);
    const auto file = (*snapshot)->file(path);
    REQUIRE(file);
    REQUIRE(file->content == content_of(tokens));
  }
  std::size_t named = 0;
  (*snapshot)->for_each_file([](std::string_view) { return true; },
                             [&](std::string_view, const PathRecord&) { ++named; });
  REQUIRE(named == files.size());
  REQUIRE((*snapshot)->parts().size() <= kMaxSegments);
  const EngramView view(*snapshot, vocabulary(), {}, {});
  std::mt19937 random(seed);
  for (int i = 0; i < questions; ++i)
    check_lookup(view, plain, random_tokens(random, 18, kAlphabet));
  for (const auto& [path, tokens] : files) {
    const std::size_t n = std::min<std::size_t>(tokens.size(), 20);
    check_lookup(view, plain, std::span(tokens).first(n));
  }
}

inline void merge_all(EngramWriter& writer) {
  for (int i = 0; i < 50; ++i) {
    const auto merged = writer.merge();
    REQUIRE(merged);
    if (!*merged) return;
  }
  FAIL("merging does not come to an end");
}

inline std::size_t segment_count(const std::filesystem::path& store) {
  std::size_t n = 0;
  for (const auto& e :
       std::filesystem::directory_iterator(engram_directory(store, vocabulary()->fingerprint()))) {
    if (e.path().extension() == ".seg") ++n;
  }
  return n;
}

}  // namespace engram
