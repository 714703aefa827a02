#include "macros.h"
#define TWICE(x) ((x) + (x))
#define DECLARE(name) int name##_value
#define EMPTY
#ifdef FROM_HEADER
DECLARE(first);
#else
int never;
#endif
#if defined(TWICE) && !defined(MISSING)
int four = TWICE(first_value);
#elif 1
int nor_this;
#endif
#undef EMPTY
#define COLOURS(X) X(red) X(green)
#define AS_ENUM(name) k_##name,
enum Colour { COLOURS(AS_ENUM) };
int function_like() {
  int local = 1;
  return TWICE(local) + FROM_HEADER;
}
#define FOURFOLD(x) TWICE(TWICE(x)) + LATER + FROM_HEADER
#define LATER 0
int eight = FOURFOLD(2);
