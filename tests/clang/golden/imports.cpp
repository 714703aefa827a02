import shapes;
import <missing>;
double use(const shapes::Square& one) { return area(one) + shapes::area({.side = twice(2.0)}); }
