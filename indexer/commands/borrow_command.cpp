#include "indexer/commands/borrow_command.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "indexer/commands/clean_command.h"
#include "indexer/commands/cuda_headers.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxCandidates = 500;

enum class Family : unsigned char { kAny, kC, kCxx, kCuda, kObjC };

Family family_of(std::string_view path) {
  if (path.ends_with(".h")) return Family::kAny;
  const std::string_view language = c_family_language(path, false);
  if (language.empty()) return Family::kAny;
  if (language == "cuda") return Family::kCuda;
  if (language.starts_with("objective")) return Family::kObjC;
  return language.starts_with("c++") ? Family::kCxx : Family::kC;
}

std::string folder_of(const std::string& path) { return fs::path(path).parent_path().string(); }

// "Foo.inl.h" -> "foo"
std::string stem_of(const std::string& path) {
  std::string name = fs::path(path).filename().string();
  name.resize(std::min(name.find('.', 1), name.size()));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

std::size_t shared_folders(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(std::count(a.begin(), end, '/'));
}

// Greater is more similar.
int similarity(const std::string& file, const std::string& other) {
  const Family a = family_of(file), b = family_of(other);
  const std::string stem = stem_of(file), other_stem = stem_of(other);
  int score = 0;
  if (a == b || a == Family::kAny || b == Family::kAny)
    score += 40;
  else if ((a == Family::kCxx && b == Family::kCuda) || (a == Family::kCuda && b == Family::kCxx))
    score += 20;
  if (stem == other_stem)
    score += 20;
  else if (stem.starts_with(other_stem) || other_stem.starts_with(stem))
    score += 6;
  const std::size_t shared = shared_folders(file, other);
  score += 2 * static_cast<int>(shared);
  score -= static_cast<int>(shared_folders(other, other) - shared);  // deeper elsewhere
  return score;
}

std::string* find_value(std::vector<std::string>& arguments, std::string_view option) {
  const auto it = std::find(arguments.begin(), arguments.end(), option);
  return it == arguments.end() || it + 1 == arguments.end() ? nullptr : &*(it + 1);
}

bool is_cxx(std::string_view language) {
  return language.find("++") != std::string_view::npos || language == "cuda";
}

// The language of `file`, when its command comes from one in `lender`.
std::string borrowed_language(const std::string& file, const std::string& lender) {
  if (!file.ends_with(".h")) {
    const std::string_view own = c_family_language(file, false);
    if (!own.empty()) return std::string(own);
  }
  if (lender == "cuda" || lender.ends_with("-header")) return lender;
  if (lender.ends_with("cpp-output")) return is_cxx(lender) ? "c++-header" : "c-header";
  return lender + "-header";  // also .inc, .def and the like: parsed as headers
}

// Everything from "-nostdinc" on is written anew for C or for C++.
void replace_system_headers(std::vector<std::string>& arguments, bool cxx,
                            const Toolchain& toolchain) {
  const auto begin = std::find(arguments.begin(), arguments.end(), "-nostdinc");
  if (begin == arguments.end() || begin + 1 == arguments.end()) return;
  SystemHeadersQuery query;
  query.cxx = cxx;
  for (const std::string& word : arguments) {
    if (word.starts_with("--target=")) query.target = word.substr(9);
  }
  arguments.erase(begin + 1, arguments.end());
  for (std::string& folder : toolchain.system_headers(query)) {
    arguments.emplace_back("-isystem");
    arguments.push_back(std::move(folder));
  }
}

// Takes what CUDA alone needs out of the arguments, or puts it in, after "-x LANGUAGE".
void switch_cuda(std::vector<std::string>& arguments, const std::string& cuda_headers) {
  const auto cuda = cuda_arguments(cuda_headers);
  const auto begin = std::search(arguments.begin(), arguments.end(), cuda.begin(), cuda.end());
  if (begin != arguments.end()) {
    arguments.erase(begin, begin + static_cast<std::ptrdiff_t>(cuda.size()));
  } else {
    const auto x = std::find(arguments.begin(), arguments.end(), "-x");
    arguments.insert(x + 2, cuda.begin(), cuda.end());
  }
}

}  // namespace

CommandLenders::CommandLenders(std::vector<std::string> files) : files_(std::move(files)) {
  std::sort(files_.begin(), files_.end());
  for (std::size_t i = 0; i < files_.size(); ++i) {
    by_stem_[stem_of(files_[i])].push_back(i);
    by_folder_[folder_of(files_[i])].push_back(i);
  }
}

std::string CommandLenders::nearest_of(const std::string& file,
                                       const std::vector<std::string>& candidates) {
  const auto rank = [&](const std::string& other) {
    // The shorter name, then the earlier one, so that the answer does not depend on order.
    return std::tuple(-similarity(file, other), other.size(), std::string_view(other));
  };
  const auto it = std::min_element(
      candidates.begin(), candidates.end(),
      [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  return it == candidates.end() ? std::string() : *it;
}

std::string CommandLenders::nearest(const std::string& file) const {
  std::vector<std::string> candidates;
  const auto add = [&](const auto& index, const std::string& key) {
    const auto it = index.find(key);
    if (it == index.end()) return;
    for (const std::size_t i : it->second) {
      if (candidates.size() < kMaxCandidates) candidates.push_back(files_[i]);
    }
  };
  add(by_stem_, stem_of(file));
  for (std::string folder = folder_of(file); folder.size() > 1; folder = folder_of(folder)) {
    add(by_folder_, folder);
    if (!candidates.empty()) break;
  }
  // In the order of names, whoever shares the longest beginning stands beside.
  const auto at = std::lower_bound(files_.begin(), files_.end(), file);
  for (auto it = at; it != files_.end() && it - at < 8; ++it) candidates.push_back(*it);
  for (auto it = at; it != files_.begin() && at - it < 8;) candidates.push_back(*--it);
  return nearest_of(file, candidates);
}

CompileCommand borrow_command(const CompileCommand& command, const std::string& file,
                              const Toolchain& toolchain, const std::string& cuda_headers) {
  CompileCommand out = command;
  auto& arguments = out.arguments;
  out.origin = CommandOrigin::kBorrowed;
  out.source = command.file;
  out.file = file;
  if (!arguments.empty()) arguments.pop_back();
  if (std::string* language = find_value(arguments, "-x")) {
    const std::string lender = *language;
    *language = borrowed_language(file, lender);
    const std::string borrowed = *language;
    if (is_cxx(lender) != is_cxx(borrowed)) {
      arguments[0] = is_cxx(borrowed) ? "clang++" : "clang";
      std::erase_if(arguments, [](const std::string& a) { return a.starts_with("-std="); });
      replace_system_headers(arguments, is_cxx(borrowed), toolchain);
    }
    if ((lender == "cuda") != (borrowed == "cuda")) switch_cuda(arguments, cuda_headers);
    out.stand_in_headers = borrowed == "cuda";
  }
  arguments.push_back(file);
  return out;
}

}  // namespace engram
