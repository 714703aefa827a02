#include "cli/commands/compile_commands_summary.h"

#include <fmt/format.h>

#include <array>

namespace engram::cli {

namespace {

constexpr std::size_t kShownFlags = 3;  // of each kind, in the summary
constexpr std::array kFates = {FlagFate::kRefused, FlagFate::kOutside, FlagFate::kUnknown,
                               FlagFate::kTranslated, FlagFate::kNotNeeded};

void add_count(std::string& text, std::size_t n, std::string_view what) {
  if (n > 0) text += fmt::format("; {} {}", n, what);
}

// "; 4 flags refused (-fplugin= 3, -Xclang -load 1)"
void add_flags(std::string& text, const FlagReport& flags, FlagFate fate) {
  const auto names = flags.names(fate);
  if (names.empty()) return;
  text += fmt::format("; {} flags {} (", flags.total(fate), to_string(fate));
  for (std::size_t i = 0; i < names.size() && i < kShownFlags; ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", names[i].first, names[i].second);
  }
  text += names.size() > kShownFlags ? ", ...)" : ")";
}

json::array to_array(const std::vector<std::string>& lines) {
  json::array out;
  for (const std::string& line : lines) out.push_back(json_string(line));
  return out;
}

}  // namespace

std::string summary(const CompileCommands& commands, const std::filesystem::path& workspace) {
  const CompileCommandsReport& report = commands.report();
  const std::string root = workspace.string() + "/";
  const bool below = report.database.starts_with(root);
  std::string text = fmt::format("{} ({}): {} files",
                                 below ? report.database.substr(root.size()) : report.database,
                                 report.reason, commands.file_count());
  add_count(text, report.several, "in several configurations");
  add_count(text, report.missing_files, "entries name missing files");
  add_count(text, report.outside_files, "entries lie outside");
  add_count(text, report.faulty, "faulty entries");
  add_count(text, report.other_languages, "entries of other languages");
  for (const FlagFate fate : {FlagFate::kRefused, FlagFate::kOutside, FlagFate::kUnknown}) {
    add_flags(text, report.flags, fate);
  }
  return text;
}

json::object to_json_object(const CompileCommands& commands) {
  const CompileCommandsReport& report = commands.report();
  json::array flags;
  for (const FlagFate fate : kFates) {
    for (const auto& [name, n] : report.flags.names(fate)) {
      flags.push_back({{"flag", json_string(name)}, {"why", to_string(fate)}, {"count", n}});
    }
  }
  return {{"database", json_string(report.database)}, {"reason", json_string(report.reason)},
          {"files", commands.file_count()},           {"entries", report.entries},
          {"several_configurations", report.several}, {"missing_files", report.missing_files},
          {"outside_files", report.outside_files},    {"other_languages", report.other_languages},
          {"faulty_entries", report.faulty},          {"flags", std::move(flags)},
          {"examples", to_array(report.examples)},    {"unused", to_array(report.unused)},
          {"messages", to_array(report.messages)}};
}

bool has_losses(const CompileCommandsReport& report) {
  return report.outside_files + report.faulty + report.messages.size() +
             report.flags.total(FlagFate::kRefused) + report.flags.total(FlagFate::kOutside) >
         0;
}

}  // namespace engram::cli
