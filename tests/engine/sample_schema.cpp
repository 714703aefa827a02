// Prints documents drawn from the JSON schema on stdin, each as a JSON string on a line; for
// tools/oracle/json_schemas.py.
#include <cstdio>
#include <iostream>
#include <iterator>

#include "core/json.h"
#include "engine/grammar/json_schema.h"
#include "tests/support/grammar_sampling.h"

int main(int argc, char** argv) {
  using namespace engram;
  const std::string schema{std::istreambuf_iterator<char>(std::cin), {}};
  const auto index = grammar_tokens();
  TokenConstraints constraints(index);
  const auto constraint = constraints.find(schema, "");
  if (!constraint) {
    std::fprintf(stderr, "%s\n", constraint.error().message.c_str());
    return 1;
  }
  const int count = argc > 1 ? std::atoi(argv[1]) : 10;
  for (int seed = 0; seed < count; ++seed) {
    const auto text = sample_text(**constraint, index, static_cast<std::uint64_t>(seed));
    std::printf("%s\n", to_json(json::value(json_string(text))).c_str());
  }
  return 0;
}
