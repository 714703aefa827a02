#include "assist/navigation/found_places.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace engram {

FoundPlace place_of_symbol(const SourceSnapshot& source, const Symbol& s, Certainty certainty) {
  return {source,     s.name_begin,
          s.name_end, s.is_definition ? "definition" : "declaration",
          certainty,  s};
}

FoundPlace place_of_name(const SourceSnapshot& source, const FileNames& names, const FileName& name,
                         Certainty certainty) {
  if (name.defines) {
    const Symbol& s = names.symbols[static_cast<std::size_t>(name.symbol)];
    return place_of_symbol(source, s, certainty);
  }
  return {source, name.begin, name.end, std::string(to_string(name.kind)), certainty, std::nullopt};
}

void sort_places(std::vector<FoundPlace>& places, std::string_view first_path) {
  std::sort(places.begin(), places.end(), [&](const FoundPlace& a, const FoundPlace& b) {
    const auto key = [&](const FoundPlace& p) {
      return std::tuple(p.source->path != first_path, std::string_view(p.source->path), p.begin);
    };
    return key(a) < key(b);
  });
  const auto last = std::unique(places.begin(), places.end(), [](const auto& a, const auto& b) {
    return a.source->path == b.source->path && a.begin == b.begin;
  });
  places.erase(last, places.end());
}

void keep_definitions(std::vector<FoundPlace>& places) {
  const auto defines = [](const FoundPlace& p) { return p.role == "definition"; };
  if (std::none_of(places.begin(), places.end(), defines)) return;
  std::erase_if(places, [&](const FoundPlace& p) { return !defines(p); });
}

namespace {

FoundPlace one_place(const SourceSnapshot& source, SourceTexts& texts, const CompilerPlace& p) {
  FoundPlace place{source, p.begin, p.end, p.role, p.certainty, p.symbol, p.key};
  // The syntax tier knows how a definition is written: its head and extent.
  if (!p.symbol) return place;
  const std::string name = source->text->substr(p.begin, p.end - p.begin);
  if (auto written = texts.symbol_named_at(p.path, name, p.begin)) {
    place.symbol = *std::move(written);
    if (place.symbol->doc.empty()) place.symbol->doc = p.symbol->doc;
  }
  return place;
}

}  // namespace

std::vector<FoundPlace> from_compiler(SourceTexts& texts,
                                      const std::vector<CompilerPlace>& places) {
  std::vector<FoundPlace> out;
  out.reserve(places.size());
  SourceSnapshot source;  // of the place before: most stand in the same file
  for (const CompilerPlace& p : places) {
    if (!source || source->path != p.path) source = texts.find(p.path);
    if (source && p.end <= source->text->size()) out.push_back(one_place(source, texts, p));
  }
  return out;
}

std::vector<RelatedSymbol> from_compiler(SourceTexts& texts,
                                         const std::vector<CompilerRelated>& related) {
  std::vector<RelatedSymbol> out;
  for (const CompilerRelated& one : related) {
    auto place = from_compiler(texts, std::vector{one.place});
    if (place.empty()) continue;
    out.push_back({std::move(place.front()), from_compiler(texts, one.calls)});
  }
  return out;
}

}  // namespace engram
