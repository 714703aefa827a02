#include "assist/engrams/recall_names.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "memory/sub_words.h"

namespace engram {
namespace {

constexpr std::size_t kReach = std::size_t{16} << 10;  // bytes of the buffer, each way
constexpr std::size_t kCandidates = 64;
// A name weighs uses^0.7 and, for each occurrence in the buffer, 300 that fade with distance; a
// member of the receiver's type a hundred times that. Measured: docs/design/009-identifiers.md.
constexpr double kUsesPower = 0.7, kNearWeight = 300, kNearBytes = 1000, kMemberWeight = 100;

struct BufferWord {
  std::uint32_t count = 0;
  double weight = 0;
};

// Words near `offset` that begin with `typed`; the one at `offset` itself is left out.
std::map<std::string_view, BufferWord> buffer_words(const NameQuestion& question,
                                                    std::string_view typed) {
  std::map<std::string_view, BufferWord> out;
  const std::string_view text = question.text;
  const std::size_t own = question.offset - typed.size();
  const std::size_t end = std::min(text.size(), question.offset + kReach);
  std::size_t at = question.offset > kReach ? question.offset - kReach : 0;
  while (at < end) {
    std::size_t stop = at;
    while (stop < end && is_identifier_byte(text[stop])) ++stop;
    const std::string_view word = text.substr(at, stop - at);
    if (at != own && !word.empty() && word.starts_with(typed)) {
      const auto far = static_cast<double>(at < own ? own - at : 2 * (at - own));
      BufferWord& known = out[word];
      ++known.count;
      known.weight += kNearWeight * std::exp(-far / kNearBytes);
    }
    at = stop + 1;
  }
  return out;
}

}  // namespace

std::string_view typed_name(std::string_view above) {
  const std::string_view name = identifier_before(above);
  return name.empty() || (name[0] >= '0' && name[0] <= '9') ? std::string_view() : name;
}

std::vector<RecalledName> recall_names(const Identifiers* identifiers,
                                       const NameQuestion& question) {
  const std::string_view typed = typed_name(question.text.substr(0, question.offset));
  if (typed.empty() || question.limit == 0) return {};
  std::map<std::string, RecalledName> found;
  const auto take = [&](std::vector<KnownIdentifier> names) {
    for (KnownIdentifier& known : names) {
      RecalledName& name = found[known.name];
      const bool member = name.known.member || known.member;
      name.known = std::move(known);
      name.known.member = member;
    }
  };
  if (identifiers != nullptr) {
    take(identifiers->complete(typed, kCandidates));
    for (const std::string& type : question.types) {
      take(identifiers->members(type, typed, kCandidates));
    }
  }
  for (const auto& [word, near] : buffer_words(question, typed)) {
    RecalledName& name = found[std::string(word)];
    name.in_buffer = near.count;
    name.share = near.weight;
    if (!name.known.name.empty()) continue;
    name.known.name = word;
    const auto known = identifiers == nullptr ? std::nullopt : identifiers->find(word);
    if (known) name.known.counts = *known;
  }
  std::vector<RecalledName> out;
  double all = 0;
  for (auto& [text, name] : found) {
    const auto uses = static_cast<double>(std::max<std::int64_t>(0, name.known.counts.uses));
    name.share += 1 + std::pow(uses, kUsesPower);
    if (name.known.member) name.share *= kMemberWeight;
    all += name.share;
    if (text != typed) out.push_back(std::move(name));
  }
  for (RecalledName& name : out) name.share /= all;
  std::sort(out.begin(), out.end(), [](const RecalledName& a, const RecalledName& b) {
    return a.share != b.share ? a.share > b.share : a.known.name < b.known.name;
  });
  if (out.size() > question.limit) out.resize(question.limit);
  return out;
}

std::vector<EngramSource> name_sources(CatalogueReader& reader, std::string_view name,
                                       std::size_t limit) {
  std::vector<EngramSource> out;
  const auto symbols = reader.symbols({.name = std::string(name), .limit = limit});
  if (symbols) {
    for (const SymbolHit& hit : *symbols) out.push_back({hit.path, hit.symbol.line, hit.flags});
  }
  if (!out.empty()) return out;
  if (const auto uses = reader.references(name, limit)) {
    for (const ReferenceHit& hit : *uses) out.push_back({hit.path, hit.reference.line, 0});
  }
  return out;
}

}  // namespace engram
