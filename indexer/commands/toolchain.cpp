#include "indexer/commands/toolchain.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr const char* kClangMajor = "19";

bool is_folder(const std::string& path) {
  std::error_code ec;
  return fs::is_directory(path, ec);
}

std::vector<fs::path> subfolders(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code not_one;
    if (it->is_directory(not_one)) out.push_back(it->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

void add_existing(std::vector<std::string>& out, std::initializer_list<std::string> folders) {
  for (const std::string& folder : folders) {
    if (is_folder(folder) && std::find(out.begin(), out.end(), folder) == out.end()) {
      out.push_back(folder);
    }
  }
}

// libstdc++ of one installation: where GCC itself looks (its configured gxx-include-dir), in order.
std::vector<std::string> cxx_folders(const std::string& root, const GccInstallation& gcc) {
  std::vector<std::string> out;
  const std::string& triple = gcc.triple;
  for (const std::string& version : {gcc.version, std::to_string(gcc.major)}) {
    const std::string native = root + "usr/include/c++/" + version;
    const std::string cross = root + "usr/" + triple + "/include/c++/" + version;
    if (is_folder(native) && (is_folder(root + "usr/include/" + triple + "/c++/" + version) ||
                              is_folder(native + "/" + triple))) {
      add_existing(out, {native, root + "usr/include/" + triple + "/c++/" + version,
                         native + "/" + triple, native + "/backward"});
    } else if (is_folder(cross)) {
      add_existing(out, {cross, cross + "/" + triple, cross + "/backward"});
    }
    if (!out.empty()) break;
  }
  return out;
}

std::vector<GccInstallation> find_gcc(const std::string& root) {
  std::vector<GccInstallation> out;
  for (const char* place : {"usr/lib/gcc", "usr/lib/gcc-cross", "usr/lib64/gcc"}) {
    for (const fs::path& triple : subfolders(root + place)) {
      for (const fs::path& version : subfolders(triple)) {
        GccInstallation gcc{triple.filename(), version.filename(), 0, {}};
        const char* begin = gcc.version.data();
        std::from_chars(begin, begin + gcc.version.size(), gcc.major);
        gcc.cxx_folders = cxx_folders(root, gcc);
        if (gcc.major > 0 && !gcc.cxx_folders.empty()) out.push_back(std::move(gcc));
      }
    }
  }
  std::sort(out.begin(), out.end(), [](const GccInstallation& a, const GccInstallation& b) {
    return a.major != b.major ? a.major > b.major : a.triple < b.triple;
  });
  return out;
}

std::string first_folder(std::initializer_list<std::string> folders) {
  for (const std::string& folder : folders) {
    if (is_folder(folder)) return folder;
  }
  return {};
}

std::string this_machine() {
#if defined(__aarch64__)
  return "aarch64-linux-gnu";
#elif defined(__x86_64__)
  return "x86_64-linux-gnu";
#else
  return "";
#endif
}

}  // namespace

std::string multiarch_of(const std::string& target) {
  if (target.empty()) return this_machine();
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= target.size();) {
    const std::size_t dash = std::min(target.find('-', at), target.size());
    parts.push_back(target.substr(at, dash - at));
    at = dash + 1;
  }
  const auto system = std::find(parts.begin(), parts.end(), "linux");
  if (system == parts.end()) return target;
  std::string arch = parts[0];
  if (arch == "amd64") arch = "x86_64";
  if (arch == "i486" || arch == "i586" || arch == "i686") arch = "i386";
  const std::string abi = system + 1 == parts.end() ? "gnu" : *(system + 1);
  return arch + "-linux-" + abi;
}

Toolchain read_toolchain(const fs::path& root) {
  Toolchain out;
  out.root_ = root.string();
  if (!out.root_.ends_with('/')) out.root_ += '/';
  const std::string usr = out.root_ + "usr/";
  out.gcc_ = find_gcc(out.root_);
  const std::string version = kClangMajor;
  for (const char* place : {"lib/llvm-19/lib/clang/", "lib/clang/", "lib64/clang/"}) {
    const std::string folder = usr + place + version;
    if (out.clang_resources_.empty() && is_folder(folder + "/include")) {
      out.clang_resources_ = folder;
    }
  }
  out.libcxx_ =
      first_folder({usr + "lib/llvm-" + version + "/include/c++/v1", usr + "include/c++/v1"});
  add_existing(out.roots_,
               {usr + "include", usr + "lib", usr + "lib64", usr + "local", usr + "share"});
  for (const GccInstallation& gcc : out.gcc_) add_existing(out.roots_, {usr + gcc.triple});
  return out;
}

const GccInstallation* Toolchain::choose_gcc(const SystemHeadersQuery& query) const {
  const std::string wanted = multiarch_of(query.target);
  const GccInstallation* best = nullptr;
  for (const GccInstallation& gcc : gcc_) {
    if (multiarch_of(gcc.triple) != wanted) continue;
    if (gcc.major == query.gcc_major) return &gcc;
    if (best == nullptr) best = &gcc;
  }
  return best;
}

std::vector<std::string> Toolchain::system_headers(const SystemHeadersQuery& query) const {
  std::vector<std::string> out;
  if (query.no_includes) return out;
  const std::string multiarch = multiarch_of(query.target);
  const bool linux_target = multiarch.find("linux") != std::string::npos;
  if (query.cxx && !query.no_cxx_includes && !query.no_libc_includes && linux_target) {
    if (query.libcxx)
      add_existing(out, {libcxx_});
    else if (const auto* gcc = choose_gcc(query))
      out = gcc->cxx_folders;
  }
  if (!query.no_builtin_includes) add_existing(out, {clang_resources_ + "/include"});
  if (query.no_libc_includes || !linux_target) return out;
  const std::string base = query.sysroot.empty() ? root_ : query.sysroot + "/";
  const bool foreign = query.sysroot.empty() && multiarch != multiarch_of("");
  if (foreign) {
    add_existing(out, {base + "usr/" + multiarch + "/include", base + "usr/include/" + multiarch});
    if (!is_folder(base + "usr/" + multiarch + "/include"))
      add_existing(out, {base + "usr/include"});
  } else {
    add_existing(
        out, {base + "usr/local/include", base + "usr/include/" + multiarch, base + "usr/include"});
  }
  return out;
}

}  // namespace engram
