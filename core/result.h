// core/result.h: the whole error vocabulary of the project.
//
// A fallible function returns Result<T>: either a T or an Error, never both, never empty.
// Absence is an empty answer, not an error; broken user code is facts plus diagnostics, not an
// error; cancellation is kCancelled and never logged. (std::expected is C++23.)
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace engram {

enum class Errc {
  kNotFound,         // a named thing (file, model, store) is not there
  kInvalidArgument,  // the caller asked for something impossible
  kCorrupt,          // bytes read from outside contradict their format
  kIo,               // the system refused: permissions, disk full, broken pipe
  kCancelled,        // the caller lost interest; never logged
  kDevice,           // an accelerator failed
  kBusy,             // another process or request holds it, or a budget is used up
};

struct Error {
  Errc code = Errc::kIo;
  std::string message;  // what was attempted, on what, why, what to do; one line, no newline
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return v_.index() == 0; }
  T& operator*() & { return *std::get_if<0>(&v_); }  // REQUIRES: ok, as all accessors below
  const T& operator*() const& { return *std::get_if<0>(&v_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&v_)); }
  T* operator->() { return std::get_if<0>(&v_); }
  const T* operator->() const { return std::get_if<0>(&v_); }
  const Error& error() const { return *std::get_if<1>(&v_); }  // REQUIRES: !ok

 private:
  std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  explicit operator bool() const { return ok_; }
  const Error& error() const { return error_; }  // REQUIRES: !ok

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace engram

// ENGRAM_TRY(x, fallible()): declares `x` as the value, or returns the error to the caller.
// ENGRAM_TRY_VOID(fallible()): the same for a Result<void>, or a value nobody needs.
#define ENGRAM_CONCAT_(a, b) a##b
#define ENGRAM_CONCAT(a, b) ENGRAM_CONCAT_(a, b)
#define ENGRAM_TRY(name, expr) ENGRAM_TRY_(ENGRAM_CONCAT(result_, __LINE__), name, expr)
#define ENGRAM_TRY_(tmp, name, expr) \
  auto tmp = (expr);                 \
  if (!tmp) return tmp.error();      \
  auto name = *std::move(tmp)
#define ENGRAM_TRY_VOID(expr)                              \
  do {                                                     \
    if (auto result_try_void = (expr); !result_try_void) { \
      return result_try_void.error();                      \
    }                                                      \
  } while (false)
