#include "engine/kv_pool.h"

#include <fmt/format.h>

#include <algorithm>

namespace engram {
namespace {

constexpr std::size_t kGranule = 512;  // tokens; smaller caches are multiples of it

std::size_t common_prefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

KvPool::KvPool(const Transformer& model, const Options& options)
    : model_(model), options_(options) {}

std::uint64_t KvPool::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& slot : slots_) sum += slot->cache->bytes();
  return sum;
}

Result<KvSlot*> KvPool::acquire(std::uint64_t owner, std::span<const TokenId> sequence,
                                std::size_t needed) {
  KvSlot* slot = find_owned(owner);
  if (slot != nullptr && slot->cache->capacity() < needed) {
    slot->owner = 0;
    slot = nullptr;
  }
  if (slot == nullptr) slot = best_match(sequence, needed);
  if (slot == nullptr) {
    ENGRAM_TRY(added, add_slot(needed));
    slot = added;
  }
  const std::size_t keep = std::min(common_prefix(slot->tokens, sequence), sequence.size() - 1);
  if (keep < slot->tokens.size()) {
    slot->cache->truncate(keep);
    slot->tokens.resize(keep);
  }
  slot->owner = owner;
  slot->last_used = ++clock_;
  return slot;
}

void KvPool::release(std::uint64_t owner) {
  if (KvSlot* slot = find_owned(owner)) slot->owner = 0;
}

KvSlot* KvPool::find_owned(std::uint64_t owner) {
  for (const auto& slot : slots_) {
    if (slot->owner == owner) return slot.get();
  }
  return nullptr;
}

// The free cache that saves most, unless that would throw away more than it saves and another
// cache can be had.
KvSlot* KvPool::best_match(std::span<const TokenId> sequence, std::size_t needed) {
  KvSlot* best = nullptr;
  std::size_t longest = 0;
  for (const auto& slot : slots_) {
    if (slot->owner != 0 || slot->cache->capacity() < needed) continue;
    const std::size_t shared = common_prefix(slot->tokens, sequence);
    const bool better = best == nullptr || shared > longest ||
                        (shared == longest && slot->last_used > best->last_used);
    if (shared > 0 && better) {
      best = slot.get();
      longest = shared;
    }
  }
  if (best == nullptr) return nullptr;
  const std::size_t lost = best->tokens.size() - longest;
  const bool worth_it = longest >= lost || longest * 4 >= sequence.size();
  return worth_it ? best : nullptr;
}

KvSlot* KvPool::least_recently_used() {
  KvSlot* oldest = nullptr;
  for (const auto& slot : slots_) {
    const auto rank = [](const KvSlot& s) { return std::pair(s.owner != 0, s.last_used); };
    if (oldest == nullptr || rank(*slot) < rank(*oldest)) oldest = slot.get();
  }
  return oldest;
}

std::uint64_t KvPool::estimated_bytes(std::size_t capacity) {
  constexpr std::size_t kProbe = 64;
  if (bytes_per_token_ < 0) {
    const auto probe = model_.make_cache(kProbe);
    bytes_per_token_ = probe ? static_cast<double>((*probe)->bytes()) / kProbe : 0;
  }
  return static_cast<std::uint64_t>(bytes_per_token_ * static_cast<double>(capacity));
}

// A new cache, or the least recently used one emptied, whichever the limits allow.
Result<KvSlot*> KvPool::add_slot(std::size_t needed) {
  const auto reset = [&](KvSlot* slot) {
    slot->cache->truncate(0);
    slot->tokens.clear();
    return slot;
  };
  KvSlot* oldest = least_recently_used();
  if (slots_.size() >= options_.max_sequences && oldest->cache->capacity() >= needed) {
    return reset(oldest);
  }
  std::size_t capacity = options_.capacity;
  const auto fits = [&](std::size_t tokens) {
    return bytes() + estimated_bytes(tokens) <= options_.budget_bytes;
  };
  while (!fits(capacity) || slots_.size() >= options_.max_sequences) {
    oldest = least_recently_used();
    if (oldest != nullptr && oldest->cache->capacity() >= needed) return reset(oldest);
    const std::size_t smaller = (needed + kGranule - 1) / kGranule * kGranule;
    if (slots_.size() < options_.max_sequences && smaller < capacity && fits(smaller)) {
      capacity = smaller;
      break;
    }
    if (oldest == nullptr) {
      return Error{Errc::kBusy,
                   fmt::format("cannot hold {} tokens: their KV cache takes {} MB and {} MB are "
                               "left of the memory budget; ask for a shorter context or raise "
                               "the budget",
                               needed, estimated_bytes(needed) >> 20, options_.budget_bytes >> 20)};
    }
    std::erase_if(slots_, [&](const auto& slot) { return slot.get() == oldest; });
  }
  ENGRAM_TRY(cache, model_.make_cache(capacity));
  auto slot = std::make_unique<KvSlot>();
  slot->cache = std::move(cache);
  slots_.push_back(std::move(slot));
  return slots_.back().get();
}

}  // namespace engram
