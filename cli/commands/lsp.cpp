// engram lsp: the language server, on stdio.

#include "lsp/server.h"

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/report.h"
#include "cli/semantic_facts.h"
#include "indexer/scan/scanner.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

WorkspaceSettings workspace_settings(const fs::path& root) {
  WorkspaceSettings out;
  const auto settings = load_settings(root);
  if (!settings) {
    out.messages.push_back(settings.error().message);
    return out;
  }
  out.scan = index_options_from(*settings).scan;
  out.commands = compile_commands_options(root, *settings);
  out.max_tokens = static_cast<std::size_t>(settings->number("completion.max_tokens"));
  out.messages = settings->messages();
  return out;
}

ExitCode run_lsp(const Context& context, const std::string& socket) {
  const auto settings = context.settings(find_workspace(fs::current_path()));
  if (!settings) return context.fail(settings.error());
  ServerOptions options;
  options.version = ENGRAM_VERSION;
  if (const std::string model = settings->text("model"); !model.empty()) options.model = model;
  options.no_model = context.options.no_model;
  options.no_memory = context.options.no_memory;
  options.navigation = settings->flag("lsp.navigation");
  options.semantic = settings->flag("lsp.semantic");
  if (const std::string store = settings->text("store"); !store.empty()) {
    options.store = fs::absolute(store);
  }
  options.clang = settings->flag("lsp.clang");
  options.include_hints = settings->flag("lsp.include_hints");
  options.kernels = settings->text("kernels");
  const auto mixed = mixed_activations(*settings);
  if (!mixed) return context.fail(mixed.error());
  options.mixed_activations = *mixed;
  options.threads = static_cast<unsigned>(settings->number("threads"));
  const auto completion = completer_options_from(*settings);
  if (!completion) return context.fail(completion.error());
  options.completion = *completion;
  if (!socket.empty()) options.socket = socket;
  options.settings = workspace_settings;
  return static_cast<ExitCode>(run_language_server(options));
}

}  // namespace

void register_lsp(CLI::App& app, Context& context, Run& run) {
  auto socket = std::make_shared<std::string>();
  auto on_stdio = std::make_shared<bool>(true);
  CLI::App* command = app.add_subcommand("lsp", "The language server, on stdin and stdout");
  command->add_option("--socket", *socket, "A Unix socket to listen on instead");
  command->add_flag("--stdio", *on_stdio, "Stdin and stdout (the default; editors pass it)");
  command->callback(
      [&context, &run, socket] { run = [&context, socket] { return run_lsp(context, *socket); }; });
}

}  // namespace engram::cli
