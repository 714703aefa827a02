#include "assist/evaluation/scores.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "assist/completion/line_view.h"

namespace engram {

double edit_similarity(std::string_view a, std::string_view b) {
  if (a.empty() && b.empty()) return 1;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t up = row[j];
      row[j] = std::min({up + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = up;
    }
  }
  return 1 - static_cast<double>(row.back()) / static_cast<double>(std::max(a.size(), b.size()));
}

IdentifierCount identifier_count(std::string_view text, std::string_view truth) {
  const auto have = identifiers_in(text);
  IdentifierCount count;
  for (const auto name : identifiers_in(truth)) {
    ++count.wanted;
    count.found += std::find(have.begin(), have.end(), name) != have.end() ? 1 : 0;
  }
  return count;
}

Interval paired_bootstrap(const std::vector<double>& differences, std::uint64_t seed) {
  constexpr std::size_t kDraws = 2000;
  const std::size_t n = differences.size();
  if (n == 0) return {};
  const auto mean = [&](double sum) { return sum / static_cast<double>(n); };
  std::mt19937_64 random(seed);
  std::vector<double> means(kDraws);
  for (double& drawn : means) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += differences[random() % n];
    drawn = mean(sum);
  }
  std::sort(means.begin(), means.end());
  return {mean(std::accumulate(differences.begin(), differences.end(), 0.0)),
          means[kDraws * 25 / 1000], means[kDraws * 975 / 1000 - 1]};
}

double coverage_at_precision(std::vector<Judged> shown, std::size_t of, double precision) {
  std::sort(shown.begin(), shown.end(),
            [](const Judged& a, const Judged& b) { return a.confidence > b.confidence; });
  std::size_t right = 0, best = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    right += shown[i].right ? 1 : 0;
    const bool tied = i + 1 < shown.size() && shown[i + 1].confidence == shown[i].confidence;
    if (!tied && static_cast<double>(right) >= precision * static_cast<double>(i + 1)) best = i + 1;
  }
  return of == 0 ? 0 : static_cast<double>(best) / static_cast<double>(of);
}

}  // namespace engram
