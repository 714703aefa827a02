#include "indexer/syntax/local_names.h"

#include <algorithm>
#include <cstring>

namespace engram {

namespace {

std::uint32_t hash_name(std::string_view name) {
  std::uint64_t h = 0x9e3779b97f4a7c15ull ^ name.size();
  while (name.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, name.data(), 8);
    h = (h ^ word) * 0xff51afd7ed558ccdull;
    h ^= h >> 32;
    name.remove_prefix(8);
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, name.data(), name.size());
  h = (h ^ tail) * 0xff51afd7ed558ccdull;
  return static_cast<std::uint32_t>(h ^ (h >> 32));
}

}  // namespace

std::uint32_t NameTable::intern(std::string_view name) {
  if ((names_.size() + 1) * 2 > slots_.size()) grow();
  const std::uint32_t hash = hash_name(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    if (slots_[i] == 0) {
      names_.push_back(name);
      hashes_.push_back(hash);
      slots_[i] = static_cast<std::uint32_t>(names_.size());
      return slots_[i] - 1;
    }
    const std::uint32_t id = slots_[i] - 1;
    if (hashes_[id] == hash && names_[id] == name) return id;
  }
}

void NameTable::grow() {
  const std::size_t size = slots_.empty() ? 1024 : slots_.size() * 2;
  slots_.assign(size, 0);
  for (std::uint32_t id = 0; id < names_.size(); ++id) {
    std::size_t i = hashes_[id] & (size - 1);
    while (slots_[i] != 0) i = (i + 1) & (size - 1);
    slots_[i] = id + 1;
  }
}

void NameTable::clear() {
  names_.clear();
  hashes_.clear();
  slots_.clear();
}

void LocalNames::open(bool is_function, bool is_class) {
  if (scopes_.size() >= kMaxScopes) {
    ++merged_;
    return;
  }
  Scope scope;
  scope.is_function = is_function;
  scope.is_class = is_class;
  scope.in_function = is_function || (!scopes_.empty() && scopes_.back().in_function);
  scope.serial = next_serial_++;
  scope.first_use = static_cast<std::uint32_t>(uses_.size());
  scope.first_name = static_cast<std::uint32_t>(names_.size());
  scopes_.push_back(scope);
}

void LocalNames::close() {
  if (merged_ > 0) {
    --merged_;
    return;
  }
  const Scope scope = scopes_.back();
  scopes_.pop_back();
  const bool any = names_.size() > scope.first_name;
  for (std::size_t i = scope.first_name; i < names_.size(); ++i) {
    if (names_[i] >= mark_.size()) mark_.resize(names_[i] + 1u, 0);
    mark_[names_[i]] = scope.serial;
  }
  names_.resize(scope.first_name);
  if (!any) return;
  std::size_t left = scope.first_use;
  for (std::size_t i = scope.first_use; i < uses_.size(); ++i) {
    const Use& use = uses_[i];
    if (use.name < mark_.size() && mark_[use.name] == scope.serial) {
      dropped_.push_back(use.reference);
    } else {
      uses_[left++] = use;
    }
  }
  uses_.resize(left);
}

void LocalNames::close_root() {
  merged_ = 0;
  while (scopes_.size() > 1) close();
  std::sort(dropped_.begin(), dropped_.end());
}

const LocalNames::Scope* LocalNames::enclosing_class() const {
  for (auto it = scopes_.rbegin(); it != scopes_.rend(); ++it) {
    if (it->is_class) return &*it;
  }
  return nullptr;
}

void LocalNames::define(std::uint32_t name) { names_.push_back(name); }

void LocalNames::use(std::uint32_t name, std::uint32_t reference) {
  uses_.push_back({name, reference});
}

}  // namespace engram
