module;
#define SIDES 4
export module shapes;
export namespace shapes {
struct Square {
  double side = 1;
};
double area(const Square& square);
}  // namespace shapes
int corners() { return SIDES; }
export template <typename T>
T twice(const T& value) { return value + value; }
export using shapes::area;
double shapes::area(const Square& square) { return square.side * square.side; }
module :private;
static double hidden = twice(2.0) + corners();
