int counter;
int counter;
extern int counter;
int counter = 3;
struct node {
  struct node *next;
  unsigned flag : 1;
  union {
    int i;
    float f;
  };
};
typedef struct node node_t;
enum { SMALL = 1, LARGE = 1 << SMALL };
static int helper(const node_t *n);
int old_style(a, b)
  int a;
  char *b;
{
  return a + *b;
}
static int helper(const node_t *n) { return n->next ? n->i : LARGE; }
typedef int (*callback)(const node_t *);
static const callback table[] = {helper, &helper};
int run(struct node *n) {
  struct node made = {.next = n, .i = 4};
  counter += old_style(1, "a");
  n->i = sizeof(made.f);
  for (;;) {
    if (counter) goto out;
  }
out:
  return table[0](&made) + undeclared(n);
}
typedef __builtin_va_list arguments_t;
__int128_t wide;
void variadic(arguments_t list) { __builtin_va_end(list); }
