// cli/commands/model_commands.h: the parts of `engram model` that have a file of their own.
//
// Private to cli/commands/model*.cpp; arguments are as the user gave them.
#pragma once

#include <string>

#include "cli/context.h"

namespace engram::cli {

struct QuantizeArguments {
  std::string source;  // a name or a path
  std::string out;
  std::string type = "Q8_0";
  bool pure = false, force = false;
};

struct AddArguments {
  std::string file, name;
};

json::value model_json(const ModelInfo& model);

ExitCode run_model_info(const Context& context, const std::string& name);
ExitCode run_model_add(const Context& context, const AddArguments& arguments);
// Empty: all models that are here.
ExitCode run_model_verify(const Context& context, const std::string& name);
ExitCode run_model_quantize(const Context& context, const QuantizeArguments& arguments);

}  // namespace engram::cli
