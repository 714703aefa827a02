/// A box for one value.
template <class T>
struct Box {
  T value;
  T get() const { return value; }
  template <class U>
  Box<U> map(U (*f)(T)) const {
    return Box<U>{f(value)};
  }
  static int count;
};
template <class T>
int Box<T>::count = 0;

template <>
struct Box<void> {
  void get() const {}
};
template <class T>
struct Box<T*> {
  T* get() const;
};

template <class T>
T twice(T x) {
  return x + x;
}
template <>
long twice<long>(long x);

template <class T>
int dependent(const Box<T>& box, T& other) {
  other.anything();
  return box.get() + Box<T>::count;
}

template int twice<int>(int);
template <int N, template <class> class C>
C<int> make() {
  return C<int>{N};
}

int use() {
  Box<int> box{1};
  box.value = 2;
  Box<void>{}.get();
  Box<int>::count++;
  return box.get() + twice(box.value) + twice<long>(3) + make<4, Box>().get();
}
