#include "indexer/commands/flag_lists.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace engram {

namespace {

constexpr std::string_view kFeatureFlags = R"(
-fPIC -fPIE -faccess-control -faligned-allocation -faligned-new -fasm -fasm-blocks
-fassociative-math -fblocks -fborland-extensions -fbuiltin -fcf-protection -fchar8_t
-fcoro-aligned-allocation -fcoroutines -fcxx-exceptions -fdeclspec -fdelayed-template-parsing
-fdigraphs -fdollars-in-identifiers -fenable-matrix -fexceptions -fexperimental-library
-ffast-math -ffinite-math-only -ffixed-point -ffreestanding -fgnu-keywords -fgnu89-inline -fhosted
-flax-vector-conversions -fmath-errno -fms-compatibility -fms-extensions -fno-PIC -fno-PIE
-fno-access-control -fno-aligned-allocation -fno-asm -fno-asm-blocks -fno-blocks
-fno-borland-extensions -fno-builtin -fno-char8_t -fno-coroutines -fno-cxx-exceptions
-fno-declspec -fno-delayed-template-parsing -fno-digraphs -fno-dollars-in-identifiers
-fno-exceptions -fno-fast-math -fno-finite-math-only -fno-fixed-point -fno-gnu-keywords
-fno-gnu89-inline -fno-lax-vector-conversions -fno-math-errno -fno-ms-compatibility
-fno-ms-extensions -fno-objc-arc -fno-openmp -fno-openmp-simd -fno-operator-names -fno-pack-struct
-fno-pic -fno-pie -fno-rtti -fno-rtti-data -fno-short-enums
-fno-short-wchar -fno-signed-char -fno-signed-zeros -fno-sized-deallocation -fno-stack-protector
-fno-trapping-math -fno-trigraphs -fno-wrapv -fobjc-arc -fobjc-exceptions -fobjc-weak -fopenmp
-fopenmp-simd -foperator-names -fpack-struct -fpascal-strings -fpic -fpie -freciprocal-math
-frounding-math -frtti -fshort-enums -fshort-wchar -fsigned-char
-fsigned-zeros -fsized-deallocation -fstack-protector -fstack-protector-all
-fstack-protector-strong -ftrapping-math -ftrigraphs -funsafe-math-optimizations -funsigned-char
-fvisibility-inlines-hidden -fvisibility-ms-compat -fwrapv -fwritable-strings -fzvector)";

constexpr std::string_view kMachineFlags = R"(
-m16 -m32 -m64 -madx -maes -mamx-bf16 -mamx-fp16 -mamx-int8 -mamx-tile -mavx -mavx2 -mavx512bf16
-mavx512bitalg -mavx512bw -mavx512cd -mavx512dq -mavx512f -mavx512fp16 -mavx512ifma -mavx512vbmi
-mavx512vbmi2 -mavx512vl -mavx512vnni -mavx512vp2intersect -mavx512vpopcntdq -mavxifma
-mavxneconvert -mavxvnni -mavxvnniint16 -mavxvnniint8 -mbmi -mbmi2 -mcldemote -mclflushopt -mclwb
-mclzero -mcmpccxadd -mcrc32 -mcx16 -menqcmd -mf16c -mfma -mfma4 -mfsgsbase -mfxsr
-mgeneral-regs-only -mgfni -mhreset -minvpcid -mkl -mlong-double-128 -mlong-double-64
-mlong-double-80 -mlwp -mlzcnt -mmmx -mmovbe -mmovdir64b -mmovdiri -mms-bitfields -mmwaitx
-mno-adx -mno-aes -mno-avx -mno-avx2 -mno-avx512bf16 -mno-avx512bw -mno-avx512cd -mno-avx512dq
-mno-avx512f -mno-avx512fp16 -mno-avx512vbmi -mno-avx512vl -mno-avx512vnni -mno-bmi -mno-bmi2
-mno-cx16 -mno-f16c -mno-fma -mno-fma4 -mno-gfni -mno-lzcnt -mno-mmx -mno-movbe -mno-ms-bitfields
-mno-pclmul -mno-popcnt -mno-rdrnd -mno-rdseed -mno-red-zone -mno-sha -mno-sse -mno-sse2 -mno-sse3
-mno-sse4.1 -mno-sse4.2 -mno-sse4a -mno-ssse3 -mno-tbm -mno-vaes -mno-vpclmulqdq -mno-xop
-mno-xsave -mpclmul -mpconfig -mpku -mpopcnt -mprfchw -mptwrite -mraoint -mrdpid -mrdrnd -mrdseed
-mrtm -mserialize -msgx -msha -msha512 -mshstk -msm3 -msm4 -msoft-float -msse -msse2 -msse3
-msse4.1 -msse4.2 -msse4a -mssse3 -mtbm -mtsxldtrk -muintr -mvaes -mvpclmulqdq -mwaitpkg
-mwbnoinvd -mwidekl -mx32 -mxop -mxsave -mxsavec -mxsaveopt -mxsaves)";

constexpr std::string_view kForeignMachineFlags = R"(
-maltivec -mbig-endian -mcrc -mcrypto -mfloat128 -mhard-float -mlasx -mlittle-endian -mlsx -mmsa
-mno-altivec -mno-vsx -mpower8-vector -mpower9-vector -mthumb -mvsx -mvx)";

constexpr std::string_view kX86Processors = R"(
alderlake amdfam10 arrowlake arrowlake-s athlon athlon-4 athlon-fx athlon-mp athlon-tbird
athlon-xp athlon64 athlon64-sse3 atom barcelona bdver1 bdver2 bdver3 bdver4 bonnell broadwell
btver1 btver2 c3 c3-2 cannonlake cascadelake clearwaterforest cooperlake core-avx-i core-avx2
core2 corei7 corei7-avx emeraldrapids geode goldmont goldmont-plus gracemont grandridge
graniterapids graniterapids-d haswell i386 i486 i586 i686 icelake-client icelake-server ivybridge
k6 k6-2 k6-3 k8 k8-sse3 knl knm lakemont lunarlake meteorlake native nehalem nocona opteron
opteron-sse3 pantherlake penryn pentium pentium-m pentium-mmx pentium2 pentium3 pentium3m pentium4
pentium4m pentiumpro prescott raptorlake rocketlake sandybridge sapphirerapids sierraforest
silvermont skx skylake skylake-avx512 slm tigerlake tremont westmere winchip-c6 winchip2 x86-64
x86-64-v2 x86-64-v3 x86-64-v4 yonah znver1 znver2 znver3 znver4 znver5)";

constexpr std::string_view kSanitizers = R"(
address alignment array-bounds bool bounds enum float-cast-overflow float-divide-by-zero function fuzzer
fuzzer-no-link hwaddress integer integer-divide-by-zero kernel-address leak memory
nonnull-attribute null object-size pointer-overflow return returns-nonnull-attribute shift
signed-integer-overflow thread undefined unreachable vla-bound vptr)";

// The words of a list above, sorted.
std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const std::size_t begin = std::min(list.find_first_not_of(" \n"), list.size());
    const std::size_t end = std::min(list.find_first_of(" \n", begin), list.size());
    if (end > begin) out.push_back(list.substr(begin, end - begin));
    list.remove_prefix(end);
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool in(const std::vector<std::string_view>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

struct WordLists {
  std::vector<std::string_view> features = words_of(kFeatureFlags);
  std::vector<std::string_view> machine = words_of(kMachineFlags);
  std::vector<std::string_view> foreign = words_of(kForeignMachineFlags);
  std::vector<std::string_view> processors = words_of(kX86Processors);
  std::vector<std::string_view> sanitizers = words_of(kSanitizers);
};
const WordLists& lists() {
  static const WordLists all;
  return all;
}

bool only(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

constexpr std::string_view kWord =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";

bool is_number_up_to(std::string_view text, long most) {
  long n = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  return r.ec == std::errc() && r.ptr == text.data() + text.size() && n >= 0 && n <= most;
}

bool is_x86(std::string_view target) {
  if (target.empty()) {
#if defined(__x86_64__)
    return true;
#else
    return false;
#endif
  }
  return target.starts_with("x86_64") || target.starts_with("i386") || target.starts_with("i486") ||
         target.starts_with("i586") || target.starts_with("i686") || target.starts_with("amd64");
}

bool is_processor(std::string_view value, std::string_view target) {
  return is_x86(target) ? in(lists().processors, value) : only(value, kWord);
}

bool are_sanitizers(std::string_view list) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (!in(lists().sanitizers, list.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), value) != words.end();
}

bool is_allowed_value(std::string_view name, std::string_view value, std::string_view target) {
  if (name == "-march" || name == "-mcpu") return is_processor(value, target);
  if (is_one_of(name, {"-mfpu", "-mfloat-abi", "-mabi"})) {
    return !is_x86(target) && only(value, kWord);
  }
  if (name == "-mcmodel") return is_one_of(value, {"tiny", "small", "kernel", "medium", "large"});
  if (name == "-mfpmath") return is_one_of(value, {"sse", "387"});
  if (name == "-mregparm") return is_number_up_to(value, 3);
  if (name == "-fno-sanitize" && value == "all") return true;
  if (name == "-fsanitize" || name == "-fno-sanitize") return are_sanitizers(value);
  if (name == "-fvisibility") {
    return is_one_of(value, {"default", "hidden", "internal", "protected"});
  }
  if (name == "-fcf-protection") return is_one_of(value, {"full", "branch", "return", "none"});
  if (name == "-ftemplate-depth" || name == "-fconstexpr-depth" || name == "-fbracket-depth") {
    return is_number_up_to(value, 4096);
  }
  if (name == "-fconstexpr-steps") return is_number_up_to(value, 1 << 26);
  if (name == "-fstrict-flex-arrays") return is_number_up_to(value, 3);
  if (name == "-fpack-struct") return is_one_of(value, {"1", "2", "4", "8", "16"});
  if (name == "-fnew-alignment") return is_one_of(value, {"8", "16", "32", "64"});
  if (name == "-fms-compatibility-version") return only(value, "0123456789.");
  if (name == "-fclang-abi-compat")
    return is_one_of(value, {"latest"}) || is_number_up_to(value, 19);
  if (name == "-ffp-eval-method") return is_one_of(value, {"source", "double", "extended"});
  return false;
}

}  // namespace

std::span<const std::string_view> feature_flags() { return lists().features; }
std::span<const std::string_view> machine_flags() { return lists().machine; }

bool is_allowed_flag(std::string_view argument, std::string_view target) {
  if (in(lists().features, argument) || in(lists().machine, argument)) return true;
  if (in(lists().foreign, argument)) return !is_x86(target);
  const std::size_t equals = argument.find('=');
  return equals != std::string_view::npos &&
         is_allowed_value(argument.substr(0, equals), argument.substr(equals + 1), target);
}

bool is_cxx_standard(std::string_view value) { return value.find("++") != std::string_view::npos; }

std::string standard_for_clang(std::string_view value) {
  static constexpr std::array<std::string_view, 11> kC = {"11", "17", "18", "1x", "23", "2x",
                                                          "2y", "89", "90", "99", "9x"};
  static constexpr std::array<std::string_view, 14> kCxx = {
      "03", "0x", "11", "14", "17", "1y", "1z", "20", "23", "26", "2a", "2b", "2c", "98"};
  if (is_one_of(value, {"iso9899:1990", "iso9899:199409", "iso9899:1999", "iso9899:2011",
                        "iso9899:2017", "iso9899:2018"})) {
    return std::string(value);
  }
  for (std::string_view family : {"gnu++", "c++", "gnu", "c"}) {
    if (!value.starts_with(family)) continue;
    const std::string_view year = value.substr(family.size());
    if (year.size() != 2 || !only(year, "0123456789abcxyz")) return {};
    const bool cxx = is_cxx_standard(family);
    const bool known = cxx ? std::find(kCxx.begin(), kCxx.end(), year) != kCxx.end()
                           : std::find(kC.begin(), kC.end(), year) != kC.end();
    if (known) return std::string(value);
    if (year[0] < '2' || year[0] > '3') return {};
    return std::string(family) + (cxx ? "2c" : "2y");  // newer than Clang 19
  }
  return {};
}

std::string_view language_for_clang(std::string_view value) {
  for (std::string_view language :
       {"c", "c++", "c-header", "c++-header", "objective-c", "objective-c++", "cuda", "cpp-output",
        "c++-cpp-output", "objective-c-header", "objective-c++-header"}) {
    if (value == language) return language;
  }
  return {};
}

bool is_target_name(std::string_view value) {
  return value.size() < 100 && only(value, kWord) && value.front() != '-';
}

}  // namespace engram
