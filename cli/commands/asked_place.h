// cli/commands/asked_place.h: the P of `engram definition P` and its kin, and places as they are
// answered.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "assist/navigation/navigator.h"
#include "cli/context.h"
#include "core/json.h"

namespace engram::cli {

// FILE:LINE:COLUMN, FILE:LINE (column 0), or a symbol's id in the workspace around here.
struct AskedPlace {
  std::filesystem::path root;
  std::string path;  // workspace-relative; empty: an id
  std::size_t line = 0, column = 0;
};
Result<AskedPlace> parse_place(const std::string& text);

// Over the workspace's store; without one, a notice.
Result<std::unique_ptr<Navigator>> open_navigator(const Context& context, const AskedPlace& asked);

// nullopt: nothing on that line.
Result<std::optional<CodePlace>> locate(Navigator& navigator, const AskedPlace& asked,
                                        const std::string& text);

json::object place_json(const FoundPlace& place);
// "src/a.cpp:4:8: definition (syntactic) the whole line\n"
std::string place_line(const FoundPlace& place);

}  // namespace engram::cli
