// assist/models/built_in.h: texts compiled into the program: models.toml and the licence of the
// built-in models (all are Apache-2.0, as is the project).
#pragma once

#include <string_view>

namespace engram {

std::string_view built_in_models_toml();
std::string_view apache_licence_text();

}  // namespace engram
