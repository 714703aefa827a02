#include "indexer/scan/path_class.h"

#include <algorithm>
#include <array>

#include "indexer/scan/ascii.h"
#include "memory/facts.h"

namespace engram {

namespace {

using std::string_view;

constexpr auto kVendoredDirectories = std::to_array<string_view>(
    {"third_party",   "third-party",   "thirdparty",  "3rdparty",     "3rd_party",
     "3rd-party",     "vendor",        "vendors",     "vendored",     "_vendor",
     "external",      "externals",     "extern",      "deps",         "node_modules",
     "site-packages", "submodules",    "subprojects", "pods",         "bower_components",
     "godeps",        "dist-packages", "carthage",    "jspm_packages"});

constexpr auto kTestDirectories = std::to_array<string_view>(
    {"test", "tests", "testing", "testsuite", "testdata", "test_data", "__tests__", "__mocks__",
     "spec", "specs", "unittest", "unittests", "unit_test", "e2e", "test-data", "test-suite",
     "integration_tests", "regress"});

constexpr auto kLockFiles = std::to_array<string_view>(
    {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "cargo.lock",
     "composer.lock", "gemfile.lock", "poetry.lock", "go.sum"});

constexpr auto kGeneratedSuffixes =
    std::to_array<string_view>({".pb.cc", ".pb.h", ".pb.go", "_pb2.py", "_pb2_grpc.py", ".pb.swift",
                                ".g.dart", ".designer.cs", ".g.cs"});

constexpr auto kSecretNames = std::to_array<string_view>({"id_rsa",
                                                          "id_dsa",
                                                          "id_ecdsa",
                                                          "id_ed25519",
                                                          ".npmrc",
                                                          ".netrc",
                                                          "_netrc",
                                                          ".pypirc",
                                                          ".pgpass",
                                                          ".htpasswd",
                                                          ".git-credentials",
                                                          ".dockercfg",
                                                          ".s3cfg",
                                                          ".boto",
                                                          ".vault-token",
                                                          ".my.cnf",
                                                          ".mylogin.cnf",
                                                          "kubeconfig",
                                                          ".kubeconfig",
                                                          ".bash_history",
                                                          ".zsh_history",
                                                          ".python_history",
                                                          ".psql_history",
                                                          ".mysql_history",
                                                          ".sqlite_history",
                                                          "master.key",
                                                          "terraform.tfstate",
                                                          "terraform.tfstate.backup",
                                                          ".terraformrc",
                                                          ".env",
                                                          ".envrc"});

constexpr auto kSecretSuffixes =
    std::to_array<string_view>({".pem", ".key", ".p12", ".pfx", ".pkcs12", ".jks", ".keystore",
                                ".ppk", ".kdbx", ".kubeconfig", ".ovpn", ".tfvars", ".env"});

constexpr auto kSecretStems = std::to_array<string_view>(
    {"credentials", "credential", "secrets", "secret", "service-account", "passwords"});

constexpr auto kDataExtensions =
    std::to_array<string_view>({"", ".json", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf",
                                ".xml", ".txt", ".csv", ".properties"});

// Formats that are never text: not even opened.
constexpr auto kBinaryExtensions = std::to_array<string_view>(
    {"png",  "jpg",  "jpeg",  "gif",    "bmp",     "ico", "icns",  "webp", "avif",        "tif",
     "tiff", "psd",  "xcf",   "pdf",    "zip",     "gz",  "tgz",   "bz2",  "xz",          "zst",
     "lz4",  "7z",   "rar",   "tar",    "jar",     "war", "class", "o",    "obj",         "a",
     "lib",  "so",   "dylib", "dll",    "exe",     "pyc", "pyo",   "wasm", "woff",        "woff2",
     "ttf",  "otf",  "eot",   "mp3",    "mp4",     "m4a", "ogg",   "wav",  "flac",        "avi",
     "mov",  "mkv",  "webm",  "sqlite", "sqlite3", "deb", "rpm",   "iso",  "dmg",         "apk",
     "gguf", "onnx", "npy",   "npz",    "parquet", "pt",  "pth",   "h5",   "safetensors", "pch",
     "gch",  "vsix", "nupkg", "whl",    "egg",     "doc", "docx",  "xls",  "xlsx",        "ppt",
     "pptx", "odt",  "ods"});

template <std::size_t N>
bool contains(const std::array<string_view, N>& list, string_view name) {
  return std::ranges::find(list, name) != list.end();
}

template <std::size_t N>
bool ends_with_any(const std::array<string_view, N>& list, string_view name) {
  return std::ranges::any_of(list, [&](string_view suffix) { return name.ends_with(suffix); });
}

// `name` as written (CamelCase test classes), `folded` in lower case.
bool is_test_name(string_view name, string_view folded) {
  const std::size_t dot = folded.rfind('.');
  const string_view stem = folded.substr(0, dot);
  if (folded == "conftest.py" || stem == "test" || stem == "tests") return true;
  if (stem.starts_with("test_") || stem.starts_with("test-")) return true;
  for (const string_view end : {"_test", "_tests", "-test", "-tests", ".test", ".tests", ".spec",
                                "_spec", "_unittest", "_unittests"}) {
    if (stem.ends_with(end)) return true;
  }
  const string_view written_stem = name.substr(0, name.rfind('.'));
  for (const string_view end : {"Test", "Tests", "Spec", "TestCase"}) {
    if (written_stem.size() > end.size() && written_stem.ends_with(end)) return true;
  }
  return false;
}

bool is_generated_name(string_view folded) {
  return contains(kLockFiles, folded) || ends_with_any(kGeneratedSuffixes, folded) ||
         (folded.starts_with("moc_") && folded.ends_with(".cpp")) ||
         (folded.starts_with("qrc_") && folded.ends_with(".cpp"));
}

constexpr std::uint32_t bit(FileFlag flag) { return static_cast<std::uint32_t>(flag); }

}  // namespace

std::uint32_t flags_of_path(string_view path) {
  std::uint32_t flags = 0;
  std::size_t begin = 0;
  for (std::size_t slash = path.find('/'); slash != string_view::npos;
       slash = path.find('/', begin)) {
    const std::string directory = ascii_lower(path.substr(begin, slash - begin));
    if (contains(kVendoredDirectories, directory)) flags |= bit(FileFlag::kVendored);
    if (contains(kTestDirectories, directory)) flags |= bit(FileFlag::kTest);
    begin = slash + 1;
  }
  const string_view name = path.substr(begin);
  const std::string folded = ascii_lower(name);
  if (is_test_name(name, folded)) flags |= bit(FileFlag::kTest);
  if (is_generated_name(folded)) flags |= bit(FileFlag::kGenerated);
  return flags;
}

string_view secret_by_name(string_view path) {
  const std::string name = ascii_lower(path.substr(path.rfind('/') + 1));
  if (name.starts_with(".env.") || name.starts_with("env.")) {
    // Templates carry no values; their contents are still inspected.
    for (const string_view end : {".example", ".sample", ".template", ".dist", ".defaults"}) {
      if (name.ends_with(end)) return {};
    }
    if (name.starts_with(".env.")) return "named like a file of environment secrets";
  }
  if (contains(kSecretNames, name)) return "named like a file of credentials";
  if (ends_with_any(kSecretSuffixes, name)) return "named like a key, key store or secret settings";
  const std::size_t dot = name.rfind('.');
  const string_view stem = string_view(name).substr(0, dot);
  const string_view extension = dot == std::string::npos ? "" : string_view(name).substr(dot);
  if (contains(kSecretStems, stem) && contains(kDataExtensions, extension)) {
    return "named like a file of credentials";
  }
  const string_view directory = path.substr(0, path.size() - name.size());
  if (directory.ends_with(".ssh/") && !name.ends_with(".pub")) return "inside .ssh";
  if (directory.ends_with(".docker/") && name == "config.json") return "Docker credentials";
  return {};
}

bool binary_by_name(string_view path) {
  const string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == string_view::npos || dot == 0) return false;
  return contains(kBinaryExtensions, ascii_lower(name.substr(dot + 1)));
}

DirectoryVerdict judge_directory_name(string_view name) {
  if (name == ".git" || name == ".hg" || name == ".svn" || name == ".bzr" || name == "CVS" ||
      name == ".jj" || name == ".pijul" || name == "_darcs") {
    return {"version_control", "the version control system's own data"};
  }
  if (name == "node_modules" || name == "bower_components" || name == ".venv" ||
      name == "site-packages" || name == ".bundle" || name == ".yarn" || name == "jspm_packages") {
    return {"dependencies", "installed packages"};
  }
  if (name == "__pycache__" || name == ".tox" || name == ".nox" || name == ".mypy_cache" ||
      name == ".pytest_cache" || name == ".ruff_cache" || name == ".gradle" || name == ".cache" ||
      name == ".ccls-cache" || name == ".clangd" || name == ".next" || name == ".nuxt" ||
      name == ".svelte-kit" || name == ".terraform" || name == ".eggs" || name == ".parcel-cache") {
    return {"cache", "a tool's cache"};
  }
  if (name.starts_with("cmake-build-") || name.ends_with(".egg-info") || name == "CMakeFiles") {
    return {"build_directory", "named like a build directory"};
  }
  return {};
}

DirectoryVerdict judge_directory_marker(string_view entry) {
  if (entry == "CMakeCache.txt" || entry == "build.ninja" || entry == ".ninja_log" ||
      entry == "meson-private" || entry == ".rustc_info.json" || entry == "bazel-out") {
    return {"build_directory", "a build tree"};
  }
  if (entry == "CACHEDIR.TAG") return {"cache", "marked by CACHEDIR.TAG"};
  if (entry == "pyvenv.cfg") return {"dependencies", "a Python virtual environment"};
  return {};
}

}  // namespace engram
