#include "indexer/semantic/typed_match.h"

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("typed match: beginnings go before letters in order, whatever the case", "[semantic]") {
  CHECK(typed_match("push_back", "push") == TypedMatch::kBegins);
  CHECK(typed_match("push_back", "") == TypedMatch::kBegins);
  CHECK(typed_match("PushBack", "push") == TypedMatch::kBeginsFolded);
  CHECK(typed_match("push_back", "PB") == TypedMatch::kInOrder);
  CHECK(typed_match("push_back", "pushback") == TypedMatch::kInOrder);
  CHECK(typed_match("push_back", "bp") == TypedMatch::kNone);
  CHECK(typed_match("push", "push_back") == TypedMatch::kNone);
  CHECK(typed_match("", "p") == TypedMatch::kNone);
  CHECK(typed_match("p@", "p`") == TypedMatch::kNone);  // no letters: no case
}

}  // namespace engram
