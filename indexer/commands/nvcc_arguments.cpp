#include "indexer/commands/nvcc_arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace engram {

namespace {

enum class NvccUse : unsigned char {
  kDropFlag,   // no value
  kDropValue,  // with a value
  kOption,     // `gnu` and the value, as two arguments
  kList,       // the same for each part of a value "a,b"
  kHost,       // each part of the value is an argument
  kDefine,     // no value; `gnu` stands for it
  kStream,     // --default-stream
};

struct NvccOption {
  std::string_view name;
  NvccUse use;
  std::string_view gnu = {};
};

using enum NvccUse;

constexpr auto kOptions = std::to_array<NvccOption>({
    {"-Xcompiler", kHost},
    {"--compiler-options", kHost},
    {"-I", kList, "-I"},
    {"--include-path", kList, "-I"},
    {"-isystem", kList, "-isystem"},
    {"--system-include", kList, "-isystem"},
    {"-include", kList, "-include"},
    {"--pre-include", kList, "-include"},
    {"--define-macro", kOption, "-D"},
    {"--undefine-macro", kOption, "-U"},
    {"--std", kOption, "--std"},
    {"-std", kOption, "--std"},
    {"--x", kOption, "-x"},
    {"-x", kOption, "-x"},
    {"--expt-relaxed-constexpr", kDefine, "-D__CUDACC_RELAXED_CONSTEXPR__=1"},
    {"-expt-relaxed-constexpr", kDefine, "-D__CUDACC_RELAXED_CONSTEXPR__=1"},
    {"--expt-extended-lambda", kDefine, "-D__CUDACC_EXTENDED_LAMBDA__=1"},
    {"-expt-extended-lambda", kDefine, "-D__CUDACC_EXTENDED_LAMBDA__=1"},
    {"--extended-lambda", kDefine, "-D__CUDACC_EXTENDED_LAMBDA__=1"},
    {"-extended-lambda", kDefine, "-D__CUDACC_EXTENDED_LAMBDA__=1"},
    {"--use_fast_math", kDefine, "-D__USE_FAST_MATH__=1"},
    {"-use_fast_math", kDefine, "-D__USE_FAST_MATH__=1"},
    {"--default-stream", kStream},
    {"-default-stream", kStream},
    {"-ccbin", kDropValue},
    {"--compiler-bindir", kDropValue},
    {"-arch", kDropValue},
    {"--gpu-architecture", kDropValue},
    {"-code", kDropValue},
    {"--gpu-code", kDropValue},
    {"-gencode", kDropValue},
    {"--generate-code", kDropValue},
    {"-maxrregcount", kDropValue},
    {"--maxrregcount", kDropValue},
    {"-t", kDropValue},
    {"--threads", kDropValue},
    {"-Xptxas", kDropValue},
    {"--ptxas-options", kDropValue},
    {"-Xlinker", kDropValue},
    {"--linker-options", kDropValue},
    {"-Xarchive", kDropValue},
    {"-Xcudafe", kDropValue},
    {"-Xnvlink", kDropValue},
    {"--nvlink-options", kDropValue},
    {"-Xfatbin", kDropValue},
    {"--fatbin-options", kDropValue},
    {"-cudart", kDropValue},
    {"--cudart", kDropValue},
    {"-cudadevrt", kDropValue},
    {"-odir", kDropValue},
    {"--output-directory", kDropValue},
    {"--output-file", kDropValue},
    {"--dependency-output", kDropValue},
    {"-keep-dir", kDropValue},
    {"--keep-dir", kDropValue},
    {"-rdc", kDropValue},
    {"--relocatable-device-code", kDropValue},
    {"-diag-suppress", kDropValue},
    {"--diag-suppress", kDropValue},
    {"-diag-error", kDropValue},
    {"-diag-warn", kDropValue},
    {"--machine", kDropValue},
    {"-target-dir", kDropValue},
    {"-split-compile", kDropValue},
    {"--split-compile", kDropValue},
    {"-Werror", kDropValue},
    {"--Werror", kDropValue},
    {"-ftz", kDropValue},
    {"-prec-div", kDropValue},
    {"-prec-sqrt", kDropValue},
    {"-fmad", kDropValue},
    {"--fmad", kDropValue},
    {"-dc", kDropFlag},
    {"--device-c", kDropFlag},
    {"-dw", kDropFlag},
    {"-dlink", kDropFlag},
    {"--device-link", kDropFlag},
    {"-ptx", kDropFlag},
    {"-cubin", kDropFlag},
    {"-fatbin", kDropFlag},
    {"-G", kDropFlag},
    {"--device-debug", kDropFlag},
    {"--debug", kDropFlag},
    {"-lineinfo", kDropFlag},
    {"--generate-line-info", kDropFlag},
    {"-keep", kDropFlag},
    {"--keep", kDropFlag},
    {"-res-usage", kDropFlag},
    {"--resource-usage", kDropFlag},
    {"-forward-unknown-to-host-compiler", kDropFlag},
    {"--forward-unknown-to-host-compiler", kDropFlag},
    {"-forward-unknown-to-host-linker", kDropFlag},
    {"-restrict", kDropFlag},
    {"--restrict", kDropFlag},
    {"-dlto", kDropFlag},
    {"--disable-warnings", kDropFlag},
});

// The option that `word` is, exactly or before a '='; `value` gets what stands after it.
const NvccOption* find(std::string_view word, std::string_view& value, bool& joined) {
  const std::size_t equals = word.find('=');
  const auto named = [&](std::string_view name) {
    return std::find_if(kOptions.begin(), kOptions.end(),
                        [&](const NvccOption& o) { return o.name == name; });
  };
  const auto it = named(word.substr(0, equals));
  if (it == kOptions.end()) return nullptr;
  const bool valued = it->use != kDropFlag && it->use != kDefine;
  if (equals != std::string_view::npos && !valued) return nullptr;
  joined = equals != std::string_view::npos;
  if (joined) value = word.substr(equals + 1);
  return &*it;
}

void add_parts(std::vector<std::string>& out, std::string_view option, std::string_view list) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (!option.empty()) out.emplace_back(option);
    out.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

std::vector<std::string> gnu_from_nvcc(const std::vector<std::string>& arguments,
                                       FlagReport& report) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view value;
    bool joined = false;
    const NvccOption* option = find(arguments[i], value, joined);
    if (option == nullptr) {
      out.push_back(arguments[i]);
      continue;
    }
    const bool flag = option->use == kDropFlag || option->use == kDefine;
    if (!flag && !joined) {
      if (i + 1 == arguments.size()) break;
      value = arguments[++i];
    }
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    const bool dropped = option->use == kDropFlag || option->use == kDropValue;
    report.count(dropped ? FlagFate::kNotNeeded : FlagFate::kTranslated, option->name);
    if (option->use == kHost) add_parts(out, "", value);
    if (option->use == kList) add_parts(out, option->gnu, value);
    if (option->use == kDefine) out.emplace_back(option->gnu);
    if (option->use == kOption) {
      out.emplace_back(option->gnu);
      out.emplace_back(value);
    }
    if (option->use == kStream && value == "per-thread") {
      out.emplace_back("-DCUDA_API_PER_THREAD_DEFAULT_STREAM=1");
    }
  }
  return out;
}

}  // namespace engram
