// memory/string_ids.h: a dense id for each distinct string, in order of first sight.
//
// An open-addressing table over borrowed views: the caller keeps the bytes alive (or uses a
// StringArena). Made for the indexing path, where std::unordered_map costs too much.
//
// Threads: thread-compatible.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

class StringIds {
 public:
  static constexpr std::uint32_t kAbsent = UINT32_MAX;

  explicit StringIds(std::size_t expected = 64) { rehash(expected * 2); }

  std::size_t size() const { return strings_.size(); }
  std::string_view string(std::uint32_t id) const { return strings_[id]; }
  const std::vector<std::string_view>& strings() const { return strings_; }

  std::uint32_t find(std::string_view s) const { return slots_[slot_of(s, hash(s))].id; }

  // The id of `s`; when new, `keep(s)` must return a view that outlives this table.
  template <class Keep>
  std::uint32_t insert(std::string_view s, Keep keep) {
    const std::uint32_t h = hash(s);
    std::size_t at = slot_of(s, h);
    if (slots_[at].id != kAbsent) return slots_[at].id;
    if ((strings_.size() + 1) * 2 > slots_.size()) {
      rehash(slots_.size() * 2);
      at = slot_of(s, h);
    }
    const auto id = static_cast<std::uint32_t>(strings_.size());
    strings_.push_back(keep(s));
    slots_[at] = {h, id};
    return id;
  }
  std::uint32_t insert(std::string_view s) {
    return insert(s, [](std::string_view same) { return same; });
  }

  void clear() {
    strings_.clear();
    slots_.assign(slots_.size(), Slot{});
  }

 private:
  struct Slot {
    std::uint32_t hash = 0, id = kAbsent;
  };

  template <class Word>
  static std::uint64_t load(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
  }

  // Eight bytes a step; the last bytes overlap those before rather than being taken singly.
  static std::uint32_t hash(std::string_view s) {
    constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
    const char* at = s.data();
    std::size_t left = s.size();
    std::uint64_t h = left * kMultiplier;
    const auto mix = [&](std::uint64_t bytes) {
      h = (h ^ bytes) * kMultiplier;
      h ^= h >> 29;
    };
    for (; left > 8; left -= 8, at += 8) mix(load<std::uint64_t>(at));
    if (left >= 4) {
      mix(load<std::uint32_t>(at) << 32 | load<std::uint32_t>(at + left - 4));
    } else if (left > 0) {
      mix(std::uint64_t{static_cast<unsigned char>(at[0])} << 16 |
          std::uint64_t{static_cast<unsigned char>(at[left / 2])} << 8 |
          static_cast<unsigned char>(at[left - 1]));
    }
    return static_cast<std::uint32_t>(h ^ (h >> 32));
  }

  std::size_t slot_of(std::string_view s, std::uint32_t h) const {
    std::size_t at = h & (slots_.size() - 1);
    while (slots_[at].id != kAbsent && (slots_[at].hash != h || strings_[slots_[at].id] != s)) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return at;
  }

  void rehash(std::size_t at_least) {
    std::size_t n = 16;
    while (n < at_least) n *= 2;
    std::vector<Slot> old(n);
    old.swap(slots_);
    for (const Slot& s : old) {
      if (s.id == kAbsent) continue;
      std::size_t at = s.hash & (n - 1);
      while (slots_[at].id != kAbsent) at = (at + 1) & (n - 1);
      slots_[at] = s;
    }
  }

  std::vector<std::string_view> strings_;
  std::vector<Slot> slots_;
};

// Bytes that stay where they are until the arena dies.
class StringArena {
 public:
  std::string_view keep(std::string_view s) {
    if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < s.size()) {
      blocks_.emplace_back().reserve(s.size() > kBlock ? s.size() : kBlock);
    }
    std::string& block = blocks_.back();
    const std::size_t at = block.size();
    block.append(s);
    return std::string_view(block).substr(at);
  }
  void clear() { blocks_.clear(); }

 private:
  static constexpr std::size_t kBlock = 16 << 10;
  std::deque<std::string> blocks_;
};

}  // namespace engram
