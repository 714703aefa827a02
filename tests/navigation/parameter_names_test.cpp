#include "assist/navigation/parameter_names.h"

#include "tests/support/catch.h"

namespace engram {

using Names = std::vector<std::string>;

TEST_CASE("parameter names: behind their types", "[navigation]") {
  CHECK(parameter_names("void put(const std::map<int, T> &values, int n = f(1, 2))", "put",
                        "cpp") == Names{"values", "n"});
  CHECK(parameter_names("int f(unsigned int, const T &, struct S *, ns::T)", "f", "cpp") ==
        Names{"", "", "", ""});
  CHECK(parameter_names("int f(char name[16], int (*call)(int a), ...)", "f", "c") ==
        Names{"name", "call"});
  CHECK(parameter_names("bool operator()(int a, int b) const", "operator()", "cpp") ==
        Names{"a", "b"});
  CHECK(parameter_names("void f()", "f", "cpp").empty());
  CHECK(parameter_names("void f(void)", "f", "c") == Names{""});
  CHECK(parameter_names("void f(int a", "f", "c").empty());
  CHECK(parameter_names("", "f", "c").empty());
}

TEST_CASE("parameter names: before their types", "[navigation]") {
  CHECK(parameter_names("def put(self, values: dict[str, int], n=3, *rest)", "put", "python") ==
        Names{"values", "n"});
  CHECK(parameter_names("fn put(&self, mut at: usize, text: &str) -> bool", "put", "rust") ==
        Names{"at", "text"});
  CHECK(parameter_names("function put(at, { a, b }, done = () => 1)", "put", "javascript") ==
        Names{"at", "a", "done"});
}

}  // namespace engram
