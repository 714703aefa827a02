namespace shape {
struct Circle {
  int r;
};
int area(const Circle& c) { return c.r * c.r; }
bool operator==(const Circle& a, const Circle& b) { return a.r == b.r; }
namespace v2 {
int area(double side);
}
}  // namespace shape
namespace alias = shape::v2;
using shape::v2::area;
using namespace shape;

int print(int);
int print(double);
int print(const char* text = "default", int = 3);

struct Number {
  Number(int v) : value(v) {}
  operator int() const { return value; }
  int operator[](int i) const { return value + i; }
  int value;
  friend int reveal(const Number& n);
  friend class Keeper;
};
int reveal(const Number& n) { return n.value; }

int use(Circle a) {
  int total = area(a) + area(2.0) + alias::area(1.0);
  total += print(1) + print(2.0) + print();
  Number n = 5;
  if (a == Circle{3}) total += n[1] + n;
  int (*pointer)(double) = &print;
  return total + pointer(1.5) + reveal(n);
}
