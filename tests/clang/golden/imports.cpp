import shapes;
import <missing>;
double use() { return area({.side = twice(2.0)}); }
