// engram completions: shell completion scripts, made from the commands as they are.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace engram::cli {

namespace {

struct Words {
  std::string command;  // "model fetch"
  std::string description;
  std::vector<std::string> subcommands;
  std::vector<std::string> options;  // "--json"
};

void collect(const CLI::App& app, const std::string& path, std::vector<Words>& out) {
  Words words{path, app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.options.push_back("--" + name);
  }
  const auto subcommands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* sub : subcommands) words.subcommands.push_back(sub->get_name());
  out.push_back(words);
  for (const CLI::App* sub : subcommands) {
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
  }
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::string bash_script(const std::vector<Words>& commands) {
  std::string cases;
  for (const Words& w : commands) {
    cases += fmt::format("    '{}') words='{} {}' ;;\n", w.command, joined(w.subcommands),
                         joined(w.options));
  }
  return R"(_engram() {
  local cur=${COMP_WORDS[COMP_CWORD]} path= words= i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in
      -*) ;;
      *) path="${path:+$path }${COMP_WORDS[i]}" ;;
    esac
  done
  case $path in
)" + cases +
         R"(  esac
  if [[ $cur == -* || -n $words && -z $path || $path == model ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _engram engram
)";
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4) {
    text.replace(at, 1, "'\\''");
  }
  return "'" + text + "'";
}

std::string zsh_script(const std::vector<Words>& commands) {
  std::string list;
  std::string cases;
  for (const Words& w : commands) {
    if (!w.command.empty() && w.command.find(' ') == std::string::npos) {
      list += "    " + quoted(w.command + ":" + w.description) + "\n";
    }
    if (w.command.empty()) continue;
    cases += fmt::format("    ({}) compadd -- {} {} ;;\n", quoted(w.command), joined(w.subcommands),
                         joined(w.options));
  }
  return "#compdef engram\n_engram() {\n  local -a commands\n  commands=(\n" + list +
         "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
         "  local path=${words[2]}\n  [[ $path == model && CURRENT -gt 3 ]] && "
         "path=\"model ${words[3]}\"\n  case $path in\n" +
         cases + "  esac\n  _files\n}\ncompdef _engram engram\n";
}

std::string fish_script(const std::vector<Words>& commands) {
  std::string out = "complete -c engram -f -n __fish_use_subcommand\n";
  for (const Words& w : commands) {
    if (w.command.empty()) continue;
    const std::size_t space = w.command.find(' ');
    if (space == std::string::npos) {
      out += fmt::format("complete -c engram -n __fish_use_subcommand -a {} -d {}\n", w.command,
                         quoted(w.description));
    } else {
      out += fmt::format("complete -c engram -f -n '__fish_seen_subcommand_from {}' -a {} -d {}\n",
                         w.command.substr(0, space), w.command.substr(space + 1),
                         quoted(w.description));
    }
    for (const std::string& option : w.options) {
      out += fmt::format("complete -c engram -n '__fish_seen_subcommand_from {}' -l {}\n",
                         w.command.substr(0, space), option.substr(2));
    }
  }
  return out;
}

ExitCode run_completions(const CLI::App& app, const Context& context, const std::string& shell) {
  std::vector<Words> commands;
  collect(app, "", commands);
  std::string script;
  if (shell == "bash") script = bash_script(commands);
  if (shell == "zsh") script = zsh_script(commands);
  if (shell == "fish") script = fish_script(commands);
  return context.answer(json::object{{"shell", shell}, {"script", script}}, script);
}

}  // namespace

void register_completions(CLI::App& app, Context& context, Run& run) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completions", "Shell completion: bash, zsh or fish");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &context, &run, shell] {
    run = [&app, &context, shell] { return run_completions(app, context, *shell); };
  });
}

}  // namespace engram::cli
