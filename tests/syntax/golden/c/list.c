/* A list of numbers.
 * Owns its nodes. */
#include <stdio.h>
#include "list.h"

#ifdef LIST_DEBUG
#define LOG(fmt, ...) fprintf(stderr, fmt, __VA_ARGS__)
#else
#define LOG(fmt, ...)
#endif

struct node;
struct arena *global_arena;

/** One node. */
struct node {
  int value;          /**< what it holds */
  struct node *next;
  int (*compare)(const void *a, const void *b);
  unsigned flags : 3;
};

typedef struct list {
  struct node *head, *tail;
  union {
    int small;
    long large;
  } size;
} list_t;

typedef struct { double x, y; } point;
typedef unsigned long word, *word_pointer;
typedef int (*visit_fn)(struct node *, void *);

enum { LIST_EMPTY, LIST_FULL = 4 };
enum order { ASCENDING, DESCENDING };

static const char *const names[] = {"a", "b"};
extern int list_errors;
int list_length(const list_t *list);
static int (*hook)(int) = NULL;

// Walks the list.
// Returns how many nodes matched.
static inline int count_if(list_t *list, visit_fn visit, void *user) {
  int n = 0;
  for (struct node *it = list->head; it; it = it->next) {
    if (visit(it, user)) n++;
  }
  LOG("%d\n", n);
  if (n < 0) goto out;
  list_errors += 1;
  list->tail = NULL;
out:
  return n + list_length(list);
}

int *
find(list_t *list, int value)
{
  struct node *it = list->head;
  while (it && it->value != value) it = it->next;
  return it ? &it->value : (int *)0;
}
