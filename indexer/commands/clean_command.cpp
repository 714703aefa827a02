#include "indexer/commands/clean_command.h"

#include <algorithm>
#include <filesystem>

#include "indexer/commands/cl_arguments.h"
#include "indexer/commands/compiler_name.h"
#include "indexer/commands/cuda_headers.h"
#include "indexer/commands/flag_lists.h"
#include "indexer/commands/gnu_arguments.h"
#include "indexer/commands/nvcc_arguments.h"
#include "indexer/commands/response_files.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view extension_of(std::string_view path) {
  const std::size_t dot = path.find_last_of("./");
  if (dot == std::string_view::npos || path[dot] == '/') return {};
  return path.substr(dot + 1);
}

bool is_cxx_language(std::string_view language) {
  return language.find("++") != std::string_view::npos || language == "cuda";
}

// The arguments after the compiler, in GCC's style, without response files.
std::vector<std::string> gnu_style(const DatabaseEntry& entry, const CompilerName& compiler,
                                   const PathPolicy& policy, FlagReport& report) {
  std::vector<std::string> words(
      entry.arguments.begin() + static_cast<std::ptrdiff_t>(compiler.index) + 1,
      entry.arguments.end());
  if (compiler.style == ArgumentStyle::kNvcc) {  // nvcc's own name for @file
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] != "--options-file" && words[i] != "-optf") continue;
      words[i] = "@" + words[i + 1];
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
  }
  ExpandedArguments expanded = expand_response_files(words, entry.directory, policy);
  for (const std::string& refusal : expanded.refusals) report.count(FlagFate::kRefused, refusal);
  const bool cl = compiler.style == ArgumentStyle::kCl ||
                  std::find(words.begin(), words.end(), "--driver-mode=cl") != words.end();
  if (cl) return gnu_from_cl(expanded.arguments, entry.directory, entry.file, report);
  if (compiler.style == ArgumentStyle::kNvcc) return gnu_from_nvcc(expanded.arguments, report);
  return std::move(expanded.arguments);
}

SystemHeadersQuery headers_query(const SiftedArguments& sifted, const CompilerName& compiler,
                                 bool cxx) {
  SystemHeadersQuery query;
  query.target = sifted.target;
  query.cxx = cxx;
  query.gcc_major = compiler.gcc_major;
  query.libcxx = sifted.stdlib == "libc++";
  query.sysroot = sifted.sysroot;
  query.no_includes = sifted.no_includes;
  query.no_cxx_includes = sifted.no_cxx_includes;
  query.no_libc_includes = sifted.no_libc_includes;
  query.no_builtin_includes = sifted.no_builtin_includes;
  return query;
}

// As its own driver answered, with Clang's builtin headers for the compiler's own; else by layout.
std::vector<std::string> system_headers(const DatabaseEntry& entry, const CleaningContext& context,
                                        const SystemHeadersQuery& query, std::size_t compiler) {
  const auto by_layout = [&] { return context.toolchain.system_headers(query); };
  if (context.drivers == nullptr || query.no_includes) return by_layout();
  const fs::path driver = fs::path(entry.directory) / entry.arguments[compiler];
  const auto answer = context.drivers->find(driver.lexically_normal().string());
  if (answer == context.drivers->end()) return by_layout();
  const std::string builtin = context.toolchain.clang_resources() + "/include";
  std::vector<std::string> out;
  for (const std::string& folder : query.cxx ? answer->second.cxx : answer->second.c) {
    const bool own = is_compilers_own_folder(folder);
    if (own && std::find(out.begin(), out.end(), builtin) != out.end()) continue;  // include-fixed
    out.push_back(own ? builtin : folder);
  }
  return out;
}

// Folders of NVIDIA's own runtime headers would be found before the stand-ins and contradict them.
void drop_cuda_runtime_folders(std::vector<std::string>& kept, FlagReport& report) {
  const auto has_runtime = [](const std::string& folder) {
    std::error_code ec;
    return fs::exists(folder + "/cuda_runtime.h", ec);
  };
  for (std::size_t i = 0; i < kept.size();) {
    const bool joined = kept[i].starts_with("-I/");
    const bool apart = kept[i] == "-isystem" && i + 1 < kept.size();
    if ((joined && has_runtime(kept[i].substr(2))) || (apart && has_runtime(kept[i + 1]))) {
      report.count(FlagFate::kTranslated, "folder of CUDA's own headers");
      const auto begin = kept.begin() + static_cast<std::ptrdiff_t>(i);
      kept.erase(begin, begin + (joined ? 1 : 2));
    } else {
      i += apart ? 2 : 1;
    }
  }
}

}  // namespace

std::string_view c_family_language(std::string_view path, bool cxx) {
  const std::string_view e = extension_of(path);
  if (e == "c") return cxx ? "c++" : "c";
  if (e == "h") return cxx ? "c++-header" : "c-header";
  if (is_one_of(e, {"cc", "cpp", "cxx", "c++", "cp", "C", "CPP", "CC", "ixx", "cppm", "cxxm", "ccm",
                    "c++m", "mpp", "ipp", "tcc", "inl", "txx", "tpp"})) {
    return "c++";
  }
  if (is_one_of(e, {"hh", "hpp", "hxx", "h++", "hp", "H", "HPP"})) return "c++-header";
  if (e == "cu" || e == "cuh") return "cuda";
  if (e == "m") return "objective-c";
  if (e == "mm" || e == "M") return "objective-c++";
  if (e == "i") return cxx ? "c++-cpp-output" : "cpp-output";
  if (e == "ii") return "c++-cpp-output";
  return {};
}

bool is_c_family_header(std::string_view path) {
  return is_one_of(extension_of(path), {"h", "hh", "hpp", "hxx", "h++", "hp", "H", "HPP", "cuh",
                                        "inl", "ipp", "tcc", "txx", "tpp", "inc", "def"});
}

CleanedCommand clean_command(const DatabaseEntry& entry, const CleaningContext& context,
                             FlagReport& report) {
  CleanedCommand out;
  const CompilerName compiler = compiler_of(entry.arguments);
  const std::vector<std::string> words = gnu_style(entry, compiler, context.policy, report);
  SiftedArguments sifted = sift_gnu_arguments(words, entry.directory, entry.file, compiler.target,
                                              context.policy, report);
  const bool cxx_driver = sifted.driver_mode.empty() ? compiler.cxx : sifted.driver_mode == "g++";
  std::string language = sifted.language;
  if (language.empty()) language = c_family_language(entry.file, cxx_driver);
  if (language.empty() && compiler.known && is_c_family_header(entry.file)) {
    language = cxx_driver ? "c++" : "c";  // .inc, .def
  }
  if (language.empty() || language == "?") {
    out.why_not = "not C, C++, Objective-C or CUDA";
    return out;
  }
  const bool cxx = is_cxx_language(language);
  if (!sifted.standard.empty() && is_cxx_standard(sifted.standard) != cxx) {
    report.count(FlagFate::kUnknown, "-std= of another language");
    sifted.standard.clear();
  }

  CompileCommand& command = out.command;
  command.directory = entry.directory;
  command.file = entry.file;
  auto& arguments = command.arguments;
  arguments = {cxx ? "clang++" : "clang", "--no-default-config", "-fsyntax-only",
               "-Qunused-arguments"};
  if (!sifted.target.empty()) arguments.push_back("--target=" + sifted.target);
  arguments.insert(arguments.end(), {"-x", language});
  if (!sifted.standard.empty()) arguments.push_back("-std=" + sifted.standard);
  if (language == "cuda") {
    drop_cuda_runtime_folders(sifted.kept, report);
    const auto cuda = cuda_arguments(context.cuda_headers);
    arguments.insert(arguments.end(), cuda.begin(), cuda.end());
    command.stand_in_headers = true;
  }
  std::move(sifted.kept.begin(), sifted.kept.end(), std::back_inserter(arguments));
  arguments.insert(arguments.end(), {"-Wno-unknown-warning-option", "-nostdinc"});
  const SystemHeadersQuery query = headers_query(sifted, compiler, cxx);
  for (std::string& folder : system_headers(entry, context, query, compiler.index)) {
    arguments.emplace_back("-isystem");
    arguments.push_back(std::move(folder));
  }
  arguments.push_back(entry.file);
  return out;
}

}  // namespace engram
