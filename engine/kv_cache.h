// engine/kv_cache.h: one sequence's keys and values: a table of pages and how many tokens it holds.
//
// A page is what all layers keep about kPageTokens positions; a KvMemory owns pages and hands out
// nothing else. Position p of a sequence lies in its page p / kPageTokens, wherever that is, so
// sequences with a common beginning can list the same pages (engine/kv_pool.h decides who may write
// where). A page is as large as the attention kernels' block of keys: one look-up for 64 keys, and
// pages that follow each other in memory are read like one array.
//
// Threads: confined to the engine thread.  Errors: none; who made the memory checked its size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/attention.h"

namespace engram {

using PageId = std::uint32_t;
inline constexpr std::size_t kPageTokens = kKeyBlock;

constexpr std::size_t pages_for(std::size_t tokens) {
  return (tokens + kPageTokens - 1) / kPageTokens;
}

class KvMemory {
 public:
  virtual ~KvMemory() = default;
  virtual std::size_t n_pages() const = 0;
  virtual std::size_t page_bytes() const = 0;
  // The first `n_tokens` positions of a page become those of another.
  virtual void copy(PageId from, PageId to, std::size_t n_tokens) = 0;
};

class KvCache {
 public:
  explicit KvCache(std::shared_ptr<KvMemory> memory) : memory_(std::move(memory)) {}
  // The whole of `memory`, for one sequence alone.
  static KvCache over(std::shared_ptr<KvMemory> memory) {
    KvCache cache(std::move(memory));
    for (PageId i = 0; i < cache.memory_->n_pages(); ++i) cache.pages.push_back(i);
    return cache;
  }

  std::size_t size() const { return size_; }                           // tokens held
  std::size_t capacity() const { return pages.size() * kPageTokens; }  // by its pages
  std::size_t bytes() const { return pages.size() * memory_->page_bytes(); }
  // Forget positions >= n, or claim that n are held (they were written, or came with their pages).
  void truncate(std::size_t n) { size_ = std::min(size_, n); }
  void set_size(std::size_t n) { size_ = n; }

  KvMemory& memory() const { return *memory_; }

  std::vector<PageId> pages;  // of positions 0..63, 64..127, ...

 private:
  std::shared_ptr<KvMemory> memory_;
  std::size_t size_ = 0;
};

}  // namespace engram
