// assist/navigation/parameter_names.h: what the parameters of a function are called, read from its
// head.
//
// Threads: pure function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engram {

// In order; "" where one has no name. `signature`: as Symbol::signature says it. Ends before a
// parameter that takes any number of arguments. A method's own object ("self") is not among them.
std::vector<std::string> parameter_names(std::string_view signature, std::string_view name,
                                         std::string_view language);

}  // namespace engram
