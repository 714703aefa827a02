#include "tests/syntax/ctags_agreement.h"

#include <filesystem>
#include <map>
#include <random>

#include "core/atomic_file.h"
#include "indexer/syntax/language.h"
#include "tests/support/catch.h"
#include "tests/syntax/golden_facts.h"

namespace engram {

namespace {

std::string missed_list(const CtagsAgreement& agreement) {
  std::string out;
  for (const MissedTag& t : agreement.missed) {
    out += t.path + ":" + std::to_string(t.line) + ": " + t.kind + " " + t.name + "\n";
  }
  return out;
}

// A sample of the machine's C and C++ headers, the same on each machine with the same packages.
std::vector<std::string> sample_headers(std::size_t count, std::uint32_t seed) {
  std::vector<std::string> all;
  std::error_code ec;
  for (const char* root : {"/usr/include/c++/12/bits", "/usr/include/boost/json",
                           "/usr/include/boost/asio", "/usr/include/linux"}) {
    if (!std::filesystem::is_directory(root, ec)) continue;
    for (const auto& file : std::filesystem::recursive_directory_iterator(root, ec)) {
      if (file.is_regular_file()) all.push_back(file.path().string());
    }
  }
  std::sort(all.begin(), all.end());
  std::shuffle(all.begin(), all.end(), std::mt19937(seed));
  if (all.size() > count) all.resize(count);
  return all;
}

}  // namespace

TEST_CASE("ctags: of its definitions in the golden files 95 % are found", "[syntax]") {
  std::map<std::string, std::vector<std::string>> files;
  for (const GoldenCase& c : golden_cases()) {
    if (ctags_knows(c.language)) files[c.language].push_back(c.input.string());
  }
  std::size_t tags = 0, found = 0;
  std::string missed;
  for (const auto& [language, paths] : files) {
    const auto agreement = compare_with_ctags(language, paths);
    if (!agreement && agreement.error().code == Errc::kNotFound) SKIP(agreement.error().message);
    REQUIRE(agreement);
    tags += agreement->tags;
    found += agreement->found;
    missed += missed_list(*agreement);
  }
  INFO(missed);
  CHECK(tags > 300);
  CHECK(found * 100 >= tags * 95);
}

TEST_CASE("ctags: of its definitions in a sample of system headers 95 % are found", "[syntax]") {
  std::map<std::string, std::vector<std::string>> files;
  for (const std::string& path : sample_headers(120, 20)) {
    const auto text = read_file(path, 1u << 20);
    if (!text) continue;
    const std::string_view language = language_of(path, *text);
    if (language == "c" || language == "cpp") files[std::string(language)].push_back(path);
  }
  if (files.empty()) SKIP("none of the sampled packages' headers are installed");
  for (const auto& [language, paths] : files) {
    const auto agreement = compare_with_ctags(language, paths);
    if (!agreement && agreement.error().code == Errc::kNotFound) SKIP(agreement.error().message);
    REQUIRE(agreement);
    INFO(language << ", " << agreement->found << " of " << agreement->tags << "\n"
                  << missed_list(*agreement));
    CHECK(agreement->found * 100 >= agreement->tags * 95);
  }
}

}  // namespace engram
