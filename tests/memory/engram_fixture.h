// tests/memory/engram_fixture.h: small memories made from token lists, and a memory that is a plain
// list of contents searched by comparing: the oracle of every lookup.
#pragma once

#include <map>
#include <random>
#include <set>

#include "memory/engrams/lookup.h"
#include "memory/engrams/segment.h"
#include "memory/engrams/segment_builder.h"
#include "memory/engrams/snapshot.h"
#include "tests/support/catch.h"

namespace engram {

using Tokens = std::vector<EngramToken>;

// Ids 0..n-1 as "t0 ", "t1 "...; every tenth id is a line end.
inline std::shared_ptr<const EngramVocabulary> numbered_vocabulary(std::size_t n) {
  std::vector<std::string> bytes;
  for (std::size_t i = 0; i < n; ++i) {
    bytes.push_back(i % 10 == 9 ? "\n" : "t" + std::to_string(i) + " ");
  }
  const std::vector<std::string_view> views(bytes.begin(), bytes.end());
  return std::make_shared<EngramVocabulary>("numbered", views);
}

struct RememberedFile {
  std::string path;
  Tokens tokens;
  std::uint32_t flags = 0;
};

inline Sha256 content_of(const Tokens& tokens) {
  return sha256(
      {reinterpret_cast<const char*>(tokens.data()), tokens.size() * sizeof(EngramToken)});
}

inline std::shared_ptr<const EngramSegment> segment_of(const EngramVocabulary& vocabulary,
                                                       const std::vector<RememberedFile>& files,
                                                       std::uint64_t sequence = 1,
                                                       const std::vector<std::string>& removed = {},
                                                       bool foreign = false) {
  SegmentBuilder builder(vocabulary, foreign);
  std::set<Sha256> added;
  for (const RememberedFile& f : files) {
    const Sha256 content = content_of(f.tokens);
    if (added.insert(content).second) {
      EngramContentInfo info;
      info.sha256 = content;
      REQUIRE(builder.add_content(info, f.tokens));
    }
    builder.add_path({f.path, content, sequence, f.flags, false});
  }
  for (const std::string& path : removed) builder.add_path({path, {}, sequence, 0, true});
  std::string image;
  const auto sink = make_string_sink(image);
  REQUIRE(builder.write(*sink));
  auto segment = EngramSegment::from_image(std::move(image), vocabulary);
  REQUIRE(segment);
  REQUIRE((*segment)->verify());
  return *segment;
}

// What a lookup should say, found by looking everywhere.
class PlainMemory {
 public:
  struct Content {
    Tokens tokens;
    bool same_file = false;
  };
  void add(Tokens tokens, bool same_file = false) {
    contents_.push_back({std::move(tokens), same_file});
  }

  struct Found {
    std::uint64_t occurrences = 0;
    std::map<EngramToken, NextToken> next;
  };
  Found find(std::span<const EngramToken> context, std::size_t length) const {
    Found out;
    const auto end = context.last(length);
    for (const Content& c : contents_) {
      for (std::size_t p = length; p < c.tokens.size(); ++p) {
        if (!std::equal(end.begin(), end.end(), c.tokens.begin() + static_cast<long>(p - length))) {
          continue;
        }
        if (c.tokens[p] == kEngramCut) continue;
        ++out.occurrences;
        NextToken& next = out.next[c.tokens[p]];
        next.token = c.tokens[p];
        ++next.count;
        if (c.same_file) ++next.same_file;
      }
    }
    return out;
  }
  const std::vector<Content>& contents() const { return contents_; }

 private:
  std::vector<Content> contents_;
};

// Every order of one lookup, against the oracle.
inline void check_lookup(const EngramView& view, const PlainMemory& plain,
                         std::span<const EngramToken> context) {
  LookupAnswer answer;
  view.look_up(context, answer);
  std::size_t longest = 0;
  for (std::size_t n = 1; n <= std::min(context.size(), kMaxEngramContext); ++n) {
    if (plain.find(context, n).occurrences > 0) longest = n;
  }
  REQUIRE(answer.matches().size() == longest);
  for (std::size_t i = 0; i < longest; ++i) {
    const ContextMatch& match = answer.matches()[i];
    REQUIRE(match.length == longest - i);
    const auto expected = plain.find(context, match.length);
    if (expected.occurrences <= kScannedPlaces) REQUIRE(match.exact);
    if (!match.exact) continue;
    REQUIRE(match.occurrences == expected.occurrences);
    REQUIRE(match.distinct == expected.next.size());
    REQUIRE(match.next.size() == std::min(expected.next.size(), ContextMatch::kMaxNext));
    for (std::size_t j = 0; j < match.next.size(); ++j) {
      const NextToken& next = match.next[j];
      REQUIRE(expected.next.contains(next.token));
      REQUIRE(expected.next.at(next.token).count == next.count);
      REQUIRE(next.same_file <= expected.next.at(next.token).same_file);
      if (match.occurrences <= kScannedPlaces) {
        REQUIRE(next.same_file == expected.next.at(next.token).same_file);
      }
      if (j > 0) REQUIRE(match.next[j - 1].count >= next.count);
    }
  }
}

inline Tokens random_tokens(std::mt19937& random, std::size_t n, EngramToken alphabet) {
  Tokens out(n);
  for (EngramToken& t : out) {
    // Skewed, so that some contexts are frequent and some rare.
    const double u = static_cast<double>(random()) / 4294967296.0;
    t = static_cast<EngramToken>(u * u * u * alphabet);
  }
  return out;
}

}  // namespace engram
