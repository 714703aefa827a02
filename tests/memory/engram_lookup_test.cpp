// Lookups against a memory that is a plain list of contents.

#include <algorithm>

#include "memory/engrams/context_order.h"
#include "memory/facts.h"
#include "tests/memory/engram_fixture.h"

namespace engram {
namespace {

std::shared_ptr<const EngramSnapshot> snapshot_of(
    std::vector<std::shared_ptr<const EngramSegment>> segments) {
  return std::make_shared<EngramSnapshot>(segments);
}

// Contexts that occur, contexts that nearly do, and noise.
std::vector<Tokens> contexts_for(std::mt19937& random, const PlainMemory& plain,
                                 EngramToken alphabet, std::size_t n) {
  std::vector<Tokens> out;
  while (out.size() < n) {
    const auto& content = plain.contents()[random() % plain.contents().size()].tokens;
    if (content.empty()) continue;
    const std::size_t end = random() % content.size();
    const std::size_t begin = end > 20 ? end - 20 : 0;
    Tokens context(content.begin() + static_cast<long>(begin),
                   content.begin() + static_cast<long>(end));
    std::erase(context, kEngramCut);
    if (!context.empty() && random() % 3 == 0) {
      context[random() % context.size()] =
          static_cast<EngramToken>(random() % static_cast<unsigned>(alphabet));
    }
    out.push_back(std::move(context));
  }
  return out;
}

}  // namespace

TEST_CASE("context order: sorted by what comes before, ties by position", "[memory]") {
  std::mt19937 random(7);
  for (const std::uint32_t alphabet : {2u, 3u, 7u, 60u}) {
    std::vector<std::uint32_t> text(3000);
    for (auto& s : text) s = static_cast<std::uint32_t>(random() % alphabet);
    if (alphabet == 7) std::fill(text.begin() + 100, text.begin() + 1200, 3u);  // one long run
    const auto order = order_by_context(text, alphabet);
    REQUIRE(order);
    const auto context = [&](std::uint32_t p) {
      std::vector<std::uint32_t> out;
      while (p-- > 0 && text[p] != 0 && out.size() < kMaxEngramContext) out.push_back(text[p]);
      return out;
    };
    std::vector<std::uint32_t> expected;
    for (std::uint32_t p = 1; p < text.size(); ++p) {
      if (text[p] != 0 && text[p - 1] != 0) expected.push_back(p);
    }
    std::sort(expected.begin(), expected.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(context(a), a) < std::pair(context(b), b);
    });
    REQUIRE(order->places == expected);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::size_t shared = 0;
      if (i > 0) {
        const auto a = context(expected[i - 1]), b = context(expected[i]);
        while (shared < std::min(a.size(), b.size()) && a[shared] == b[shared]) ++shared;
      }
      REQUIRE(order->shared[i] == shared);
    }
  }
}

TEST_CASE("lookup: every order agrees with looking everywhere", "[memory]") {
  std::mt19937 random(11);
  for (const EngramToken alphabet : {2, 5, 40, 300}) {
    const auto vocabulary = numbered_vocabulary(static_cast<std::size_t>(alphabet));
    PlainMemory plain;
    std::vector<RememberedFile> files;
    for (int f = 0; f < 12; ++f) {
      Tokens tokens = random_tokens(random, random() % 900, alphabet);
      if (f % 4 == 0 && !tokens.empty()) tokens[tokens.size() / 2] = kEngramCut;
      files.push_back({"f" + std::to_string(f), tokens, 0});
      plain.add(tokens);
    }
    const EngramView view(snapshot_of({segment_of(*vocabulary, files)}), vocabulary, {}, {});
    for (const Tokens& context : contexts_for(random, plain, alphabet, 150)) {
      check_lookup(view, plain, context);
    }
  }
}

TEST_CASE("lookup: several segments, replaced and removed files, foreign code, buffers",
          "[memory]") {
  std::mt19937 random(13);
  constexpr EngramToken kAlphabet = 12;
  const auto vocabulary = numbered_vocabulary(kAlphabet);
  const auto text = [&] { return random_tokens(random, 100 + random() % 200, kAlphabet); };
  const Tokens old_a = text(), b = text(), gone = text(), new_a = text(), shared = text();
  const Tokens vendored = text(), saved = text(), above = text(), below = text();
  constexpr auto kVendored = static_cast<std::uint32_t>(FileFlag::kVendored);
  const auto oldest = segment_of(
      *vocabulary,
      {{"a", old_a, 0}, {"b", b, 0}, {"gone", gone, 0}, {"x", shared, 0}, {"y", shared, 0}});
  const auto newer = segment_of(*vocabulary, {{"a", new_a, 0}, {"open", saved, 0}}, 2, {"gone"});
  const auto foreign =
      segment_of(*vocabulary, {{"third_party/v", vendored, kVendored}}, 1, {}, true);
  const auto snapshot = snapshot_of({oldest, newer, foreign});
  EngramBuffer buffer{"open", {{1, above}, {40, below}}};

  PlainMemory own;
  own.add(new_a);
  own.add(b);
  own.add(shared);  // once, however many paths it has
  own.add(above, true);
  own.add(below, true);
  PlainMemory all = own;
  all.add(vendored);
  const EngramView view(snapshot, vocabulary, std::span(&buffer, 1), {"open", false});
  const EngramView wide(snapshot, vocabulary, std::span(&buffer, 1), {"open", true});
  for (const Tokens& context : contexts_for(random, all, kAlphabet, 300)) {
    check_lookup(view, own, context);
    check_lookup(wide, all, context);
  }
}

TEST_CASE("lookup: contexts too frequent to count have exact summaries", "[memory]") {
  std::mt19937 random(17);
  constexpr EngramToken kAlphabet = 90;
  const auto vocabulary = numbered_vocabulary(kAlphabet);
  const Tokens tokens = random_tokens(random, 60000, kAlphabet);
  PlainMemory plain;
  plain.add(tokens);
  const EngramView view(snapshot_of({segment_of(*vocabulary, {{"f", tokens, 0}})}), vocabulary, {},
                        {});
  std::size_t frequent = 0;
  for (EngramToken t = 0; t < kAlphabet; ++t) {
    const Tokens one = {t}, two = {t, 0}, three = {0, t, 1};
    for (const Tokens& context : {one, two, three}) {
      check_lookup(view, plain, context);
      if (plain.find(context, context.size()).occurrences > kScannedPlaces) ++frequent;
    }
  }
  CHECK(frequent > 20);
}

TEST_CASE("lookup: long contexts that are frequent, and what is rare after them", "[memory]") {
  std::mt19937 random(23);
  constexpr EngramToken kAlphabet = 200;
  const auto vocabulary = numbered_vocabulary(kAlphabet);
  const Tokens header = random_tokens(random, 40, kAlphabet);  // of every file, a third cut short
  PlainMemory plain;
  std::vector<RememberedFile> files;
  for (int f = 0; f < 700; ++f) {
    Tokens tokens = header;
    if (f % 3 == 0) tokens.resize(5 + random() % 30);
    const Tokens rest = random_tokens(random, 15, kAlphabet);
    tokens.insert(tokens.end(), rest.begin(), rest.end());
    files.push_back({"f" + std::to_string(f), tokens, 0});
    plain.add(tokens);
  }
  std::shuffle(files.begin(), files.end(), random);
  const auto half = files.begin() + 300;
  const auto one = segment_of(*vocabulary, files);
  const auto first = segment_of(*vocabulary, {files.begin(), half});
  const auto second = segment_of(*vocabulary, {half, files.end()}, 2);
  const EngramView whole(snapshot_of({one}), vocabulary, {}, {});
  const EngramView halves(snapshot_of({first, second}), vocabulary, {}, {});
  for (const Tokens& context : contexts_for(random, plain, kAlphabet, 60)) {
    check_lookup(whole, plain, context);
    check_lookup(halves, plain, context);
  }
  for (std::size_t end = 1; end <= header.size(); end += 3) {
    const auto context = std::span(header).first(end);
    CHECK(plain.find(context, std::min<std::size_t>(end, 16)).occurrences > kScannedPlaces);
    check_lookup(whole, plain, context);
    check_lookup(halves, plain, context);
  }
}

TEST_CASE("positions: the same file first, each one right, none twice", "[memory]") {
  std::mt19937 random(19);
  constexpr EngramToken kAlphabet = 6;
  const auto vocabulary = numbered_vocabulary(kAlphabet);
  const Tokens a = random_tokens(random, 400, kAlphabet), b = random_tokens(random, 400, kAlphabet);
  const auto segment = segment_of(*vocabulary, {{"a", a, 0}, {"b", b, 0}});
  const EngramView view(snapshot_of({segment}), vocabulary, {}, {"b", false});
  const Tokens context = {1, 0};
  const auto some = view.positions(context, 2);
  CHECK(some.size() <= ContextMatch::kMaxPositions);
  const auto all = view.positions(context, 2, 100000);
  bool left_same_file = false;
  std::set<std::uint32_t> seen;
  for (const EngramPosition p : all) {
    CHECK(seen.insert(p.token).second);
    CHECK(view.tokens_at({p.part, p.token - 2}, 2) == context);
    if (view.source(p).path != "b") left_same_file = true;
    if (left_same_file) CHECK(view.source(p).path == "a");
  }
  std::size_t iterated = 0;
  view.for_each(context, [&](EngramPosition p) {
    ++iterated;
    return seen.contains(p.token);
  });
  CHECK(iterated == all.size());
  for (const EngramPosition p : some) CHECK(seen.contains(p.token));
  CHECK(view.source(some.front()).path == "b");
}

TEST_CASE("source: the line of every token, blocks and borders between", "[memory]") {
  std::mt19937 random(23);
  constexpr EngramToken kAlphabet = 30;
  const auto vocabulary = numbered_vocabulary(kAlphabet);
  const Tokens a = random_tokens(random, 700, kAlphabet), b = random_tokens(random, 300, kAlphabet);
  const EngramView view(snapshot_of({segment_of(*vocabulary, {{"a", a, 0}, {"b", b, 0}})}),
                        vocabulary, {}, {});
  for (const auto& [path, tokens] : {std::pair("a", &a), std::pair("b", &b)}) {
    std::uint32_t line = 1;
    for (std::size_t i = 0; i < tokens->size(); ++i) {
      const auto position = static_cast<std::uint32_t>((tokens == &a ? 0 : a.size() + 1) + i);
      const EngramSource source = view.source({0, position});
      CHECK(source.path == path);
      CHECK(source.line == line);
      if ((*tokens)[i] % 10 == 9) ++line;
    }
  }
}

TEST_CASE("cursor: follows a decode as if asked anew each time", "[memory]") {
  std::mt19937 random(29);
  constexpr EngramToken kAlphabet = 8;
  const auto vocabulary = numbered_vocabulary(kAlphabet);
  const Tokens a = random_tokens(random, 500, kAlphabet);
  PlainMemory plain;
  plain.add(a);
  const auto view = std::make_shared<EngramView>(
      snapshot_of({segment_of(*vocabulary, {{"a", a, 0}})}), vocabulary,
      std::span<const EngramBuffer>(), EngramView::Options{});
  EngramCursor cursor(view);
  const Tokens decoded = random_tokens(random, 60, kAlphabet);
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    cursor.append(std::span(decoded).subspan(i, 1));
    LookupAnswer fresh;
    view->look_up(std::span(decoded).first(i + 1), fresh);
    const auto followed = cursor.answer().matches();
    REQUIRE(followed.size() == fresh.matches().size());
    for (std::size_t j = 0; j < followed.size(); ++j) {
      CHECK(followed[j].occurrences == fresh.matches()[j].occurrences);
      CHECK(followed[j].length == fresh.matches()[j].length);
    }
    LookupAnswer longest;
    view->look_up(std::span(decoded).first(i + 1), longest, kMaxEngramContext, 1);
    REQUIRE(longest.matches().size() == std::min<std::size_t>(1, followed.size()));
    if (followed.empty()) continue;
    CHECK(longest.longest()->length == followed.front().length);
    CHECK(longest.longest()->occurrences == followed.front().occurrences);
  }
}

}  // namespace engram
