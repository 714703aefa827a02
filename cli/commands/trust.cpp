// engram trust: lets a workspace's own settings name programs, models and outside paths.

#include "assist/config/trust.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "indexer/scan/scanner.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

ExitCode run_trust(const Context& context, const std::string& directory, bool revoke) {
  std::error_code ec;
  const fs::path given = fs::canonical(directory, ec);
  if (ec || !fs::is_directory(given, ec)) {
    return context.fail(
        {Errc::kNotFound, fmt::format("cannot trust '{}': it is not a directory", directory)});
  }
  const fs::path workspace = find_workspace(given);
  bool changed = true;
  if (revoke) {
    const auto revoked = revoke_trust(workspace);
    if (!revoked) return context.fail(revoked.error());
    changed = *revoked;
  } else if (const auto trusted = trust_workspace(workspace); !trusted) {
    return context.fail(trusted.error());
  }
  const std::string text =
      revoke ? fmt::format("'{}' {}\n", workspace.string(),
                           changed ? "is no longer trusted" : "was not trusted")
             : fmt::format(
                   "'{}' is trusted: its .engram.toml, as it is now, may name models, "
                   "programs and outside paths\n",
                   workspace.string());
  return context.answer(json::object{{"workspace", workspace.string()}, {"trusted", !revoke}},
                        text);
}

}  // namespace

void register_trust(CLI::App& app, Context& context, Run& run) {
  struct Arguments {
    std::string directory = ".";
    bool revoke = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("trust", "Let a workspace's settings name programs, models and paths");
  command->add_option("DIR", arguments->directory, "The workspace (default: here)");
  command->add_flag("--revoke", arguments->revoke, "Take it back");
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] {
      return run_trust(context, arguments->directory, arguments->revoke);
    };
  });
}

}  // namespace engram::cli
