#include "engine/kv_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "engine/drafter.h"

namespace engram {

struct KvPool::Node {
  Node* parent = nullptr;
  PageId page = 0;
  std::size_t position = 0;     // of its first token
  std::vector<TokenId> tokens;  // fewer than a page's only in a leaf
  std::vector<std::unique_ptr<Node>> children;
  std::uint32_t pins = 0;  // sequences that run on it
  std::uint32_t uses = 0;
  std::uint64_t last_used = 0;

  std::pair<Node*, std::size_t> longest(std::span<const TokenId> sequence) const {
    std::pair<Node*, std::size_t> best{nullptr, 0};
    for (const auto& child : children) {
      const std::size_t n = common_prefix(child->tokens, sequence);
      if (n > best.second) best = {child.get(), n};
    }
    return best;
  }
};

struct KvPool::Attached {
  std::uint64_t owner = 0;
  KvCache cache;
  std::vector<TokenId> tokens;  // what the cache holds
  std::vector<Node*> nodes;     // its first pages; the others are its own
  std::uint64_t last_used = 0;
  std::vector<std::unique_ptr<KvCache>> branches;
  std::size_t forked_at = 0;  // the first page that branches do not share
};

KvPool::KvPool(const Transformer& model, const Options& options)
    : model_(model), options_(options), root_(std::make_unique<Node>()) {
  const std::size_t wanted = std::max<std::size_t>(1, pages_for(options.max_tokens));
  const std::size_t page_bytes = std::max<std::size_t>(1, model.kv_page_bytes());
  max_pages_ = std::min<std::size_t>(wanted, options.budget_bytes / page_bytes);
}

KvPool::~KvPool() = default;

std::uint64_t KvPool::bytes() const { return std::uint64_t{highest_} * model_.kv_page_bytes(); }

Result<void> KvPool::ensure_memory() {
  if (memory_ != nullptr) return {};
  ENGRAM_TRY(memory, model_.make_kv_memory(max_pages_));
  memory_ = std::move(memory);
  used_.assign(max_pages_, false);
  return {};
}

KvPool::Attached* KvPool::find(std::uint64_t owner) {
  for (const auto& attached : attached_) {
    if (attached->owner == owner) return attached.get();
  }
  return nullptr;
}

Result<KvCache*> KvPool::attach(std::uint64_t owner, std::span<const TokenId> sequence,
                                std::size_t needed, std::span<const std::uint64_t> running) {
  if (pages_for(needed) > max_pages_) {
    return Error{Errc::kBusy,
                 fmt::format("cannot hold {} tokens: their KV cache takes {} MB and {} MB are "
                             "left of the memory budget; ask for a shorter context or raise "
                             "the budget",
                             needed, (pages_for(needed) * model_.kv_page_bytes()) >> 20U,
                             options_.budget_bytes >> 20U)};
  }
  ENGRAM_TRY_VOID(ensure_memory());
  Attached* attached = find(owner);
  if (attached != nullptr) {
    const std::size_t keep =
        std::min(common_prefix(attached->tokens, sequence), sequence.size() - 1);
    if (keep < attached->nodes.size() * kPageTokens) {
      release(owner);
      attached = nullptr;
    } else {
      attached->tokens.resize(keep);
      attached->cache.truncate(keep);
    }
  }
  if (attached == nullptr) {
    attached_.push_back(
        std::make_unique<Attached>(Attached{owner, KvCache(memory_), {}, {}, 0, {}, 0}));
    attached = attached_.back().get();
    walk(*attached, sequence.first(sequence.size() - 1), running);
  }
  attached->last_used = ++clock_;
  return &attached->cache;
}

void KvPool::enter(Attached& attached, Node& node) {
  ++node.pins;
  attached.nodes.push_back(&node);
}

// Takes over what the tree has of the sequence.
void KvPool::walk(Attached& attached, std::span<const TokenId> sequence,
                  std::span<const std::uint64_t> running) {
  Node* node = root_.get();
  const auto use = [&](Node& found) {
    ++found.uses;
    found.last_used = clock_;
  };
  for (;;) {
    const auto rest = sequence.subspan(attached.cache.size());
    const auto [child, n] = node->longest(rest);
    if (child == nullptr) return;
    use(*child);
    PageId page = child->page;
    if (n == kPageTokens) {
      enter(attached, *child);
    } else {
      ++child->pins;  // not to be thrown out for its own copy
      const auto copy = take_page(attached.owner, running, page);
      --child->pins;
      if (!copy) return;
      memory_->copy(page, *copy, n);
      page = *copy;
    }
    attached.cache.pages.push_back(page);
    attached.cache.set_size(attached.cache.size() + n);
    attached.tokens.insert(attached.tokens.end(), child->tokens.begin(),
                           child->tokens.begin() + static_cast<std::ptrdiff_t>(n));
    if (n < kPageTokens) return;
    node = child;
  }
}

Result<void> KvPool::reserve(std::uint64_t owner, std::size_t n_tokens,
                             std::span<const std::uint64_t> running) {
  Attached& attached = *find(owner);
  KvCache& cache = attached.cache;
  while (cache.capacity() < cache.size() + n_tokens) {
    const PageId after = cache.pages.empty() ? 0 : cache.pages.back() + 1;
    ENGRAM_TRY(page, take_page(owner, running, after));
    cache.pages.push_back(page);
  }
  return {};
}

// The page asked for if it is free, so that runs stay together; else the first free one.
Result<PageId> KvPool::take_page(std::uint64_t owner, std::span<const std::uint64_t> running,
                                 PageId after) {
  while (in_use_ == max_pages_) {
    if (evict_one() || detach_one(owner, running)) continue;
    return Error{Errc::kBusy, "the requests that run now fill the memory for KV caches"};
  }
  std::size_t page = after;
  if (page >= used_.size() || used_[page]) {
    page = static_cast<std::size_t>(std::find(used_.begin(), used_.end(), false) - used_.begin());
  }
  used_[page] = true;
  ++in_use_;
  highest_ = std::max(highest_, page + 1);
  return static_cast<PageId>(page);
}

Result<KvCache*> KvPool::fork(std::uint64_t owner, std::size_t n_tokens) {
  Attached& attached = *find(owner);
  const KvCache& trunk = attached.cache;
  attached.forked_at = trunk.size() / kPageTokens;
  auto branch = std::make_unique<KvCache>(memory_);
  branch->pages.assign(trunk.pages.begin(),
                       trunk.pages.begin() + static_cast<std::ptrdiff_t>(attached.forked_at));
  branch->set_size(trunk.size());
  while (branch->capacity() < trunk.size() + n_tokens) {
    if (in_use_ == max_pages_ && !evict_one()) {
      give_back_from(*branch, attached.forked_at);
      return Error{Errc::kBusy, "no memory is free for a branch"};
    }
    ENGRAM_TRY(page, take_page(owner, {}, branch->pages.empty() ? 0 : branch->pages.back() + 1));
    branch->pages.push_back(page);
  }
  const std::size_t rest = trunk.size() % kPageTokens;
  if (rest > 0) {
    memory_->copy(trunk.pages[attached.forked_at], branch->pages[attached.forked_at], rest);
  }
  attached.branches.push_back(std::move(branch));
  return attached.branches.back().get();
}

void KvPool::settle(std::uint64_t owner, std::optional<std::size_t> branch) {
  Attached* attached = find(owner);
  if (attached == nullptr) return;
  if (branch) std::swap(attached->cache, *attached->branches[*branch]);
  for (const auto& other : attached->branches) give_back_from(*other, attached->forked_at);
  attached->branches.clear();
}

void KvPool::give_back_from(const KvCache& cache, std::size_t first_page) {
  for (std::size_t i = first_page; i < cache.pages.size(); ++i) give_back(cache.pages[i]);
}

void KvPool::give_back(PageId page) {
  used_[page] = false;
  --in_use_;
}

double KvPool::worth(const Node& node) const {
  constexpr double kAttentionEqualsRest = 4096;  // position where a token costs twice as much
  const double cost = 1 + static_cast<double>(node.position) / kAttentionEqualsRest;
  const double tokens = static_cast<double>(node.tokens.size());
  return cost * tokens * (1.0 + node.uses) / static_cast<double>(clock_ - node.last_used + 1);
}

bool KvPool::evict_one() {
  Node* least = nullptr;
  const std::function<void(Node&)> visit = [&](Node& node) {
    for (const auto& child : node.children) visit(*child);
    if (&node == root_.get() || !node.children.empty() || node.pins > 0) return;
    if (least == nullptr || worth(node) < worth(*least)) least = &node;
  };
  visit(*root_);
  if (least == nullptr) return false;
  give_back(least->page);
  std::erase_if(least->parent->children, [&](const auto& child) { return child.get() == least; });
  return true;
}

// The sequence of a request that does not run now goes back into the tree.
bool KvPool::detach_one(std::uint64_t owner, std::span<const std::uint64_t> running) {
  std::size_t oldest = attached_.size();
  for (std::size_t i = 0; i < attached_.size(); ++i) {
    const std::uint64_t other = attached_[i]->owner;
    if (other == owner || std::find(running.begin(), running.end(), other) != running.end()) {
      continue;
    }
    if (oldest == attached_.size() || attached_[i]->last_used < attached_[oldest]->last_used) {
      oldest = i;
    }
  }
  if (oldest == attached_.size()) return false;
  detach(oldest);
  return true;
}

void KvPool::commit(std::uint64_t owner, std::span<const TokenId> sequence) {
  Attached& attached = *find(owner);
  const std::size_t known = std::min(attached.tokens.size(), attached.cache.size());
  attached.tokens.resize(known);
  const auto added = sequence.first(attached.cache.size()).subspan(known);
  attached.tokens.insert(attached.tokens.end(), added.begin(), added.end());
  publish_full(attached);
}

void KvPool::publish_full(Attached& attached) {
  while ((attached.nodes.size() + 1) * kPageTokens <= attached.tokens.size()) {
    const std::size_t i = attached.nodes.size();
    const auto tokens = std::span(attached.tokens).subspan(i * kPageTokens, kPageTokens);
    Node* parent = i == 0 ? root_.get() : attached.nodes.back();
    PageId& page = attached.cache.pages[i];
    Node* node = nullptr;
    if (const auto [same, n] = parent->longest(tokens); n == kPageTokens) {
      give_back(page);
      page = same->page;
      node = same;
    } else {
      parent->children.push_back(std::make_unique<Node>());
      node = parent->children.back().get();
      node->parent = parent;
      node->page = page;
      node->position = i * kPageTokens;
      node->tokens.assign(tokens.begin(), tokens.end());
    }
    node->last_used = clock_;
    enter(attached, *node);
  }
}

// The last, partly filled page becomes a leaf, unless one holds the same and more.
void KvPool::publish_rest(Attached& attached) {
  const std::size_t n_full = attached.nodes.size();
  auto& pages = attached.cache.pages;
  const auto tokens = std::span(attached.tokens).subspan(n_full * kPageTokens);
  Node* parent = n_full == 0 ? root_.get() : attached.nodes.back();
  std::size_t kept = n_full;
  if (!tokens.empty()) {
    const auto [other, n] = parent->longest(tokens);
    const bool held = other != nullptr && n == tokens.size();
    if (!held) {
      Node* node = nullptr;
      const bool outgrown =
          other != nullptr && n == other->tokens.size() && other->pins == 0 && n < kPageTokens;
      if (outgrown) {
        give_back(other->page);
        node = other;
      } else {
        parent->children.push_back(std::make_unique<Node>());
        node = parent->children.back().get();
      }
      node->parent = parent;
      node->page = pages[kept++];
      node->position = n_full * kPageTokens;
      node->tokens.assign(tokens.begin(), tokens.end());
      node->last_used = clock_;
    }
  }
  for (std::size_t i = kept; i < pages.size(); ++i) give_back(pages[i]);
}

void KvPool::detach(std::size_t index) {
  Attached& attached = *attached_[index];
  settle(attached.owner, std::nullopt);
  publish_rest(attached);
  for (Node* node : attached.nodes) --node->pins;
  attached_.erase(attached_.begin() + static_cast<std::ptrdiff_t>(index));
}

void KvPool::release(std::uint64_t owner) {
  for (std::size_t i = 0; i < attached_.size(); ++i) {
    if (attached_[i]->owner == owner) return detach(i);
  }
}

void KvPool::clear() {
  while (evict_one()) {
  }
}

}  // namespace engram
