// tests/commands/run_program.h: what a program of this machine says, for use as an oracle.
#pragma once

#include <cstdio>
#include <string>
#include <utility>

namespace engram {

// Standard output (and errors, when `line` says 2>&1) with the exit status.
inline std::pair<std::string, int> run_program(const std::string& line) {
  std::string out;
  FILE* pipe = ::popen(line.c_str(), "r");
  if (pipe == nullptr) return {"", -1};
  char buffer[4096];
  std::size_t n = 0;
  while ((n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) out.append(buffer, n);
  return {out, ::pclose(pipe)};
}

// `word` so that the shell reads it back as it is.
inline std::string shell_quoted(const std::string& word) {
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace engram
