template <class T>
concept Sized = requires(T t) { t.size(); };
template <Sized T>
int measure(const T& t) {
  return t.size();
}
auto shorter(Sized auto const& t) { return t.size(); }

template <class T>
struct Holder {
  T held;
  int size() const { return 1; }
};
template <class T>
Holder(T) -> Holder<T>;

struct Pair {
  int first, second;
};

int use() {
  Holder holder{3};  // CTAD
  int base = measure(holder) + shorter(holder);
  auto add = [base, &holder, more = base + 1](int x) { return x + base + holder.held + more; };
  auto generic = []<class T>(T t) { return t; };
  const auto [a, b] = Pair{1, 2};
  Pair named{.first = a, .second = b};
  auto& [c, d] = named;
  c = d;
  int numbers[] = {1, 2};
  for (int n : numbers) base += n;
  if (int inner = add(1); inner > 0) return generic(inner);
again:
  if (base++ < 3) goto again;
  return base;
}

constexpr int power(int b, unsigned n) {
  if constexpr (sizeof(int) == 4) return n == 0 ? 1 : b * power(b, n - 1);
}
static_assert(power(2, 3) == 8);
enum Plain : short { kZero, kOne = kZero + 1 };
using enum Plain;
int last = kOne;
