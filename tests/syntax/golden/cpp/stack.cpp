// A bounded stack, and what may surround it in real C++.
#include <vector>

#include "base/stack.h"

#define STACK_MAX(a, b) ((a) > (b) ? (a) : (b))
#define STACK_LIMIT 64

namespace shelf {

class Book;
struct Options;
enum class Colour { kRed, kGreen = 2 };

// Not a doc comment: a blank line follows.

/// Holds things, last in first out.
///
/// Throws nothing.
template <class T, int kSize = 8>
class Stack final : public Base<T>, private detail::Counted {
 public:
  using value_type = T;
  Stack() = default;
  explicit Stack(int limit) : limit_(limit) { reserve(limit); }
  ~Stack();

  /* Puts one on top. */
  void push(const T& item) {
    auto copy = item;
    if (items_.size() < static_cast<size_t>(limit_)) items_.push_back(copy);
  }
  T pop();
  template <class... Args>
  T& emplace(Args&&... args) {
    return items_.emplace_back(std::forward<Args>(args)...);
  }
  bool operator==(const Stack& other) const { return items_ == other.items_; }
  explicit operator bool() const { return !items_.empty(); }
  virtual int weight(int scale = 1) const = 0;
  static int live;

 private:
  friend class Book;
  std::vector<T> items_;  ///< bottom first
  int limit_ = STACK_LIMIT, spare_[3];
  void (*on_full_)(int) = nullptr;
};

template <class T, int kSize>
T Stack<T, kSize>::pop() {
  T top = items_.back();
  items_.pop_back();
  return top;
}

template <class T, int kSize>
int Stack<T, kSize>::live = 0;

namespace {

typedef struct {
  int count;
} Tally;
typedef int (*Callback)(int, void*);

int total(const std::vector<int>& values, int start) {
  int sum = start;
  for (int value : values) sum += value;
  for (int i = 0; i < 3; ++i) {
    sum = STACK_MAX(sum, i);
  }
  auto twice = [&](int n) { return n * sum; };
  auto [low, high] = std::minmax(sum, start);
  try {
    log(low, high);
  } catch (const Failure& failure) {
    report(failure);
  }
  return twice(sum) + shelf::offset;
}

}  // namespace

extern int offset;
int offset = 3;
int* find(const char* name, Options* options);
bool operator<(const Tally& a, const Tally& b) { return a.count < b.count; }
void outer::Inner::run() const { helper_->go(); }

template <class T>
concept Small = sizeof(T) <= 8;

}  // namespace shelf

namespace short_name = shelf;

extern "C" {
int stack_open(void);
}

TEST(StackTest, Grows) {
  shelf::Stack<int> stack;
  stack.push(1);
}
