#include "assist/navigation/module_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <tuple>
#include <utility>

namespace engram {

namespace fs = std::filesystem;

namespace {

std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

// `a/b` and `../c/./d` to `a/c/d`; empty when it leaves the workspace.
std::string joined(std::string_view directory, std::string_view relative) {
  const fs::path path = (fs::path(directory) / fs::path(relative)).lexically_normal();
  std::string out = path.generic_string();
  if (out == "." || out == "./") return {};
  if (out.ends_with('/')) out.pop_back();
  return out.starts_with("..") || out.starts_with('/') ? std::string() : out;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// Most common directories first, then the shortest path.
void sort_by_nearness(std::vector<std::string>& paths, std::string_view from) {
  std::sort(paths.begin(), paths.end(), [&](const std::string& a, const std::string& b) {
    const auto key = [&](const std::string& path) {
      return std::tuple(std::size_t{1000} - shared_directories(path, from), path.size(),
                        std::string_view(path));
    };
    return key(a) < key(b);
  });
}

class ModuleFinder {
 public:
  ModuleFinder(SourceTexts& texts, const std::string& from) : texts_(texts), from_(from) {}

  std::vector<std::string> run(std::string_view language, const ImportedName& import) {
    const std::string_view family = language_family(language);
    if (family == "c") include(import.module);
    if (language == "python") python(import);
    if (family == "javascript") ecmascript(import.module);
    if (language == "go") go(import.module);
    if (language == "java" || language == "kotlin" || language == "scala") java(language, import);
    if (language == "rust") rust(import);
    return std::move(found_);
  }

 private:
  bool take(const std::string& path) {
    if (path.empty() || !texts_.exists(path)) return false;
    if (std::find(found_.begin(), found_.end(), path) == found_.end()) found_.push_back(path);
    return true;
  }

  // The directories from the file's own up to the root.
  std::vector<std::string> ancestors() const {
    std::vector<std::string> out{parent_of(from_)};
    while (!out.back().empty()) out.push_back(parent_of(out.back()));
    return out;
  }

  void take_by_suffix(const std::string& suffix) {
    std::vector<std::string> paths = texts_.paths_named(fs::path(suffix).filename().string());
    std::erase_if(paths, [&](const std::string& path) {
      return path != suffix && !path.ends_with("/" + suffix);
    });
    sort_by_nearness(paths, from_);
    for (const std::string& path : paths) take(path);
  }

  void include(const std::string& module) {
    if (take(joined(parent_of(from_), module))) return;
    for (const std::string& base : ancestors()) {
      if (take(joined(base, module))) return;
      if (take(joined(base, "include/" + module)) || take(joined(base, "src/" + module))) return;
    }
    take_by_suffix(module);
  }

  bool python_module(const std::string& base, const std::string& path) {
    const std::string whole = path.empty() ? base : joined(base, path);
    bool any = false;
    if (!whole.empty()) {
      any = take(whole + ".py") || take(whole + ".pyi");
      any = take(whole + "/__init__.py") || take(whole + "/__init__.pyi") || any;
    }
    return any;
  }

  void python(const ImportedName& import) {
    std::string_view module = import.module;
    std::size_t dots = 0;
    while (dots < module.size() && module[dots] == '.') ++dots;
    const std::string path = replaced(std::string(module.substr(dots)), ".", "/");
    std::vector<std::string> bases;
    if (dots > 0) {
      std::string base = parent_of(from_);
      for (std::size_t i = 1; i < dots; ++i) base = parent_of(base);
      bases.push_back(base);
    } else {
      bases = ancestors();
      bases.push_back("src");
      bases.push_back("lib");
    }
    for (const std::string& base : bases) {
      // `from package import module`: the module itself comes first.
      const bool named = !import.name.empty() && import.name != "*";
      const std::string sub = path.empty() ? import.name : path + "/" + import.name;
      const bool submodule = named && python_module(base, sub);
      if (python_module(base, path) || submodule) return;
    }
  }

  bool ecmascript_file(const std::string& path) {
    if (path.empty()) return false;
    constexpr std::array<std::string_view, 9> kEndings{".ts",  ".tsx", ".d.ts", ".js", ".jsx",
                                                       ".mjs", ".cjs", ".mts",  ".vue"};
    for (const std::string_view in : {".js", ".jsx", ".mjs"}) {  // TypeScript names the output
      if (!path.ends_with(in)) continue;
      const std::string stem = path.substr(0, path.size() - in.size());
      if (take(stem + ".ts") || take(stem + ".tsx") || take(stem + ".mts")) return true;
    }
    if (take(path)) return true;
    for (const std::string_view ending : kEndings) {
      if (take(path + std::string(ending))) return true;
    }
    for (const std::string_view ending : kEndings) {
      if (take(path + "/index" + std::string(ending))) return true;
    }
    return false;
  }

  void ecmascript(std::string_view module) {
    if (module.starts_with('.')) {
      ecmascript_file(joined(parent_of(from_), module));
      return;
    }
    if (module.starts_with("@/") || module.starts_with("~/")) module.remove_prefix(2);
    for (const std::string& base : ancestors()) {  // a baseUrl, or a monorepo's package
      if (ecmascript_file(joined(base, module))) return;
      if (ecmascript_file(joined(base, "src/" + std::string(module)))) return;
    }
  }

  bool take_go_package(const std::string& directory) {
    bool any = false;
    for (const std::string& path : texts_.paths_in(directory)) {
      if (path.ends_with(".go") && !path.ends_with("_test.go")) any = take(path) || any;
    }
    return any;
  }

  void go(std::string_view module) {
    for (const std::string& base : ancestors()) {
      const std::string file = base.empty() ? "go.mod" : base + "/go.mod";
      const SourceSnapshot source = texts_.exists(file) ? texts_.find(file) : nullptr;
      if (!source) continue;
      const std::string& text = *source->text;
      const std::size_t at = text.starts_with("module ") ? 0 : text.find("\nmodule ");
      if (at == std::string::npos) continue;
      const std::size_t begin = at + (at == 0 ? 7 : 8);
      std::string_view name = std::string_view(text).substr(begin, text.find('\n', begin) - begin);
      while (!name.empty() && (name.back() == ' ' || name.back() == '\r')) name.remove_suffix(1);
      if (!module.starts_with(name)) continue;
      std::string_view rest = module.substr(name.size());
      if (!rest.empty() && rest[0] != '/') continue;
      if (!rest.empty()) rest.remove_prefix(1);
      take_go_package(rest.empty() ? base : joined(base, rest));
      return;
    }
    // No go.mod in the index: the longest end of the path that is a package here.
    for (std::string_view rest = module; !rest.empty();) {
      if (take_go_package(std::string(rest))) return;
      const std::size_t slash = rest.find('/');
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
  }

  void java(std::string_view language, const ImportedName& import) {
    const std::string package = replaced(import.module, ".", "/");
    const std::string ending = language == "java"     ? ".java"
                               : language == "kotlin" ? ".kt"
                                                      : ".scala";
    if (import.name != "*") take_by_suffix(package + "/" + import.name + ending);
    if (found_.empty()) take_by_suffix(package + ending);  // import static a.b.C.m
  }

  // The directory of the crate that the file belongs to: where its lib.rs or main.rs lies.
  std::string crate_root() const {
    for (const std::string& base : ancestors()) {
      const std::string at = base.empty() ? "" : base + "/";
      if (texts_.exists(at + "lib.rs") || texts_.exists(at + "main.rs")) return base;
    }
    return parent_of(from_);
  }

  // Where the submodules of the file's own module lie: beside mod.rs, else in a folder of its name.
  std::string own_modules() const {
    const std::string stem = fs::path(from_).stem().string();
    const std::string directory = parent_of(from_);
    if (stem == "mod" || stem == "lib" || stem == "main") return directory;
    return directory.empty() ? stem : directory + "/" + stem;
  }

  // The file of the module whose submodules lie in `base`.
  std::string module_file(const std::string& base) const {
    for (const std::string_view name : {"lib.rs", "main.rs", "mod.rs"}) {
      if (texts_.exists(joined(base, name))) return joined(base, name);
    }
    return base + ".rs";
  }

  void rust(const ImportedName& import) {
    std::vector<std::string> parts;
    const std::string whole = import.module;
    for (std::size_t at = 0; at < whole.size();) {
      const std::size_t end = std::min(whole.find("::", at), whole.size());
      parts.push_back(whole.substr(at, end - at));
      at = end + 2;
    }
    if (!import.name.empty() && import.name != "*") parts.push_back(import.name);
    if (parts.empty()) return;
    std::string base = own_modules();
    std::string file = from_;
    std::size_t next = 1;
    if (parts[0] == "crate") {
      base = crate_root();
      file = module_file(base);
    } else if (parts[0] == "super") {
      base = parent_of(base);
      for (; next < parts.size() && parts[next] == "super"; ++next) base = parent_of(base);
      file = module_file(base);
    } else if (parts[0] != "self") {
      next = 0;
      if (!rust_module(base, parts[0])) {  // another crate of the workspace
        const std::string folder = replaced(parts[0], "_", "-");
        for (const std::string& name : {parts[0], folder}) {
          for (const std::string& lib : texts_.paths_named("lib.rs")) {
            if (lib.ends_with("/" + name + "/src/lib.rs") || lib == name + "/src/lib.rs") {
              base = parent_of(lib);
              file = lib;
              next = 1;
            }
          }
        }
        if (next == 0) return;
      }
    }
    // The deepest module that is a file has the item.
    for (; next < parts.size(); ++next) {
      const auto module = rust_module(base, parts[next]);
      if (!module) break;
      file = *module;
      base = joined(base, parts[next]);
    }
    take(file);
  }

  std::optional<std::string> rust_module(const std::string& base, const std::string& name) const {
    for (const std::string& path : {joined(base, name + ".rs"), joined(base, name + "/mod.rs")}) {
      if (!path.empty() && texts_.exists(path)) return path;
    }
    return {};
  }

  SourceTexts& texts_;
  const std::string& from_;
  std::vector<std::string> found_;
};

constexpr std::array<std::string_view, 6> kHeaders{".h", ".hpp", ".hh", ".hxx", ".cuh", ".inl"};
constexpr std::array<std::string_view, 7> kSources{".cpp", ".cc", ".c", ".cxx", ".cu", ".m", ".mm"};

}  // namespace

std::vector<std::string> files_of_import(SourceTexts& texts, const std::string& from,
                                         std::string_view language, const ImportedName& import) {
  return ModuleFinder(texts, from).run(language, import);
}

bool is_header_path(const std::string& path) {
  const std::string ending = fs::path(path).extension().string();
  return std::find(kHeaders.begin(), kHeaders.end(), ending) != kHeaders.end();
}

std::vector<std::string> counterparts(SourceTexts& texts, const std::string& path) {
  const fs::path given(path);
  const std::string ending = given.extension().string();
  const bool header = is_header_path(path);
  const bool source = std::find(kSources.begin(), kSources.end(), ending) != kSources.end();
  std::vector<std::string> found;
  if (!header && !source) return found;
  const auto try_ending = [&](std::string_view other) {
    const std::string name = given.stem().string() + std::string(other);
    const std::string beside = joined(parent_of(path), name);
    if (!beside.empty() && texts.exists(beside)) found.push_back(beside);
    for (const std::string& candidate : texts.paths_named(name)) {
      if (candidate != beside && texts.exists(candidate)) found.push_back(candidate);
    }
  };
  if (source) std::for_each(kHeaders.begin(), kHeaders.end(), try_ending);
  if (header) std::for_each(kSources.begin(), kSources.end(), try_ending);
  sort_by_nearness(found, path);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::size_t shared_directories(std::string_view a, std::string_view b) {
  std::size_t shared = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size() && a[i] == b[i]; ++i) {
    if (a[i] == '/') ++shared;
  }
  return shared;
}

}  // namespace engram
