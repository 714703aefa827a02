// indexer/syntax/local_names.h: which names mean something local, by nested scopes.
//
// A reference to a parameter or local variable says nothing about the repository, so it is
// dropped. Uses are judged when their scope closes, not when they are seen: many languages let a
// use stand before the definition. Scopes nested deeper than kMaxScopes count as their parent, so
// that hostile nesting stays linear.
//
// Threads: confined to one walk.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace engram {

// Names to small numbers; the views must outlive the table.
class NameTable {
 public:
  std::uint32_t intern(std::string_view name);
  std::size_t size() const { return names_.size(); }
  void clear();

 private:
  void grow();
  std::vector<std::string_view> names_;
  std::vector<std::uint32_t> hashes_;
  std::vector<std::uint32_t> slots_;  // 1 + index, 0 empty; size a power of two
};

class LocalNames {
 public:
  struct Scope {
    bool is_function = false;
    bool is_class = false;
    bool in_function = false;  // this scope or one around it is a function's
    std::uint32_t serial = 0;  // unique in the file
    std::uint32_t first_use = 0;
    std::uint32_t first_name = 0;
  };
  static constexpr std::size_t kMaxScopes = 64;

  LocalNames() { open(false, false); }

  void open(bool is_function, bool is_class);
  void close();       // judges the uses inside, then forgets the scope's names
  void close_root();  // after the walk

  const Scope& current() const { return scopes_.back(); }
  bool inside_a_scope() const { return scopes_.size() > 1; }
  const Scope* enclosing_class() const;  // nullptr: none

  void define(std::uint32_t name);                        // in the current scope
  void use(std::uint32_t name, std::uint32_t reference);  // reference: an index to report dropped
  const std::vector<std::uint32_t>& dropped() const { return dropped_; }

 private:
  struct Use {
    std::uint32_t name;
    std::uint32_t reference;
  };
  std::vector<Scope> scopes_;
  std::size_t merged_ = 0;  // scopes open beyond kMaxScopes
  std::vector<Use> uses_;
  std::vector<std::uint32_t> names_;
  std::vector<std::uint32_t> mark_;  // by name: serial of the closing scope that defines it
  std::vector<std::uint32_t> dropped_;
  std::uint32_t next_serial_ = 1;
};

}  // namespace engram
