#include "missing.h"
struct Known {
  int field;
};
Unknown make(int);
int still(Known k) {
  int unused;
  Missing m = k.absent;
  return k.field + nothing
}
int after(Known& k) { return still(k); }
struct Left {
  int open(;
  int closed;
};
