namespace std {
template <class R, class... A>
struct coroutine_traits {
  using promise_type = typename R::promise_type;
};
template <class P = void>
struct coroutine_handle {
  static coroutine_handle from_address(void*) noexcept;
  void* address() const;
  operator coroutine_handle<>() const noexcept;
};
}  // namespace std

struct Ready {
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<>) noexcept;
  int await_resume() noexcept;
};
struct Task {
  struct promise_type {
    Task get_return_object();
    Ready initial_suspend();
    Ready final_suspend() noexcept;
    void return_value(int value);
    void unhandled_exception();
  };
};

Task answer(int x) {
  int y = co_await Ready{};
  co_return x + y;
}
