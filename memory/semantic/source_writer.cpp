#include "memory/semantic/source_writer.h"

#include <algorithm>

#include "memory/segments.h"
#include "memory/semantic/semantic_schema.h"
#include "memory/stored_rows.h"

namespace engram {

namespace {

Error damaged_views(const std::string& path) {
  return {Errc::kCorrupt,
          "what units told of '" + path + "' is damaged; index again to rebuild it"};
}

std::vector<std::uint32_t> positions(const PoolRuns& runs) {
  std::vector<std::uint32_t> out;
  for (const auto& [begin, end] : runs) {
    for (std::uint32_t at = begin; at < end; ++at) out.push_back(at);
  }
  return out;
}

PoolRuns runs_of(const std::vector<std::uint32_t>& ascending) {
  PoolRuns runs;
  for (const std::uint32_t at : ascending) {
    if (!runs.empty() && runs.back().second == at) {
      ++runs.back().second;
    } else {
      runs.emplace_back(at, at + 1);
    }
  }
  return runs;
}

}  // namespace

std::string SourceWriter::source_key(const SemanticSource& source) {
  return std::string(source.content.bytes.begin(), source.content.bytes.end()) + source.path;
}

Result<void> SourceWriter::load(SourceNumber next) {
  next_ = next;
  Query rows(db_, "SELECT number, path, sha256, size, system FROM sources ORDER BY number");
  while (rows.next()) {
    SemanticSource source;
    source.path = rows.text(1);
    const std::string_view hash = rows.blob(2);
    if (rows.id(0) >= next || hash.size() != source.content.bytes.size()) {
      return damaged_views(source.path);
    }
    std::copy(hash.begin(), hash.end(), source.content.bytes.begin());
    source.size = static_cast<std::uint32_t>(rows.id(3));
    source.system = rows.integer(4) != 0;
    const auto number = static_cast<SourceNumber>(rows.id(0));
    numbers_.emplace(source_key(source), number);
    sources_.emplace(number, std::move(source));
  }
  return rows.done();
}

SourceNumber SourceWriter::number_of(const SemanticSource& source) {
  const auto [it, is_new] = numbers_.try_emplace(source_key(source), next_);
  if (is_new) sources_.emplace(next_++, source);
  return it->second;
}

Result<SourceWriter::Views*> SourceWriter::views_of(SourceNumber source) {
  const auto [it, is_new] = views_.try_emplace(source);
  Views& views = it->second;
  if (!is_new) return &views;
  Query row(db_, "SELECT views FROM source_views WHERE number = ?", source);
  if (row.next()) {
    ENGRAM_TRY(decoded, decode_views(row.blob(0)));
    views.views = std::move(decoded.views);
    views.next_number = decoded.next_number;
    views.stored = true;
  }
  ENGRAM_TRY_VOID(row.done());
  return &views;
}

Result<std::uint32_t> SourceWriter::add_view(SourceNumber source, SourcePool view, bool semantic,
                                             const ViewKey& key) {
  ENGRAM_TRY(views, views_of(source));
  views->touched = true;
  const auto hash = view_hash(view, semantic);
  const auto known =
      std::find_if(views->views.begin(), views->views.end(),
                   [&](const SourceView& v) { return v.hash == hash && v.key == key; });
  if (known != views->views.end()) {
    ++known->units;
    return known->number;
  }
  const std::uint32_t number = views->next_number++;
  views->views.push_back({number, hash, key, semantic, 1, {}});
  views->fresh.emplace(number, std::move(view));
  return number;
}

// A view that was told in the other certainty alone is taken over in this one.
Result<std::uint32_t> SourceWriter::rely_on(SourceNumber source, const ViewKey& key,
                                            bool semantic) {
  ENGRAM_TRY(views, views_of(source));
  const SourceView* told = nullptr;
  for (SourceView& view : views->views) {
    if (view.key != key || key == ViewKey{}) continue;
    told = &view;
    if (view.semantic != semantic) continue;
    views->touched = true;
    ++view.units;
    return view.number;
  }
  if (told == nullptr) return damaged_views("a header");
  const auto fresh = views->fresh.find(told->number);
  if (fresh != views->fresh.end()) return add_view(source, fresh->second, semantic, key);
  ENGRAM_TRY(pool, stored_pool(source));
  return add_view(source, picked(pool.pool, told->runs), semantic, key);
}

Result<bool> SourceWriter::has_view(const SemanticSource& source, const ViewKey& key) {
  const auto number = numbers_.find(source_key(source));
  if (number == numbers_.end() || key == ViewKey{}) return false;
  ENGRAM_TRY(views, views_of(number->second));
  return std::any_of(views->views.begin(), views->views.end(),
                     [&](const SourceView& v) { return v.key == key; });
}

Result<ViewKey> SourceWriter::key_of(SourceNumber source, std::uint32_t view) {
  ENGRAM_TRY(views, views_of(source));
  const auto known = std::find_if(views->views.begin(), views->views.end(),
                                  [&](const SourceView& v) { return v.number == view; });
  return known == views->views.end() ? ViewKey{} : known->key;
}

Result<void> SourceWriter::drop_view(SourceNumber source, std::uint32_t view) {
  ENGRAM_TRY(views, views_of(source));
  const auto known = std::find_if(views->views.begin(), views->views.end(),
                                  [&](const SourceView& v) { return v.number == view; });
  if (known == views->views.end() || known->units == 0) return damaged_views("a unit");
  views->touched = true;
  --known->units;
  return {};
}

// What goes must be gone before homes and postings are given out.
Result<void> SourceWriter::flush() {
  std::vector<SourceNumber> touched;
  for (const auto& [number, views] : views_) {
    if (views.touched) touched.push_back(number);
  }
  std::sort(touched.begin(), touched.end());
  for (const SourceNumber number : touched) {
    const auto& all = views_[number].views;
    const bool live =
        std::any_of(all.begin(), all.end(), [](const auto& v) { return v.units > 0; });
    if (!live) ENGRAM_TRY_VOID(remove(number));
  }
  for (const SourceNumber number : touched) {
    const auto it = views_.find(number);
    if (it != views_.end()) ENGRAM_TRY_VOID(write(number, it->second));
  }
  return add_segment(db_, TermKind::kSymbolSources, postings_);
}

Result<void> SourceWriter::remove(SourceNumber source) {
  for (const char* sql :
       {"DELETE FROM sources WHERE number = ?", "DELETE FROM source_pools WHERE number = ?",
        "DELETE FROM source_views WHERE number = ?"}) {
    ENGRAM_TRY_VOID(Query(db_, sql, source).run());
  }
  numbers_.erase(source_key(sources_[source]));
  sources_.erase(source);
  views_.erase(source);
  return {};
}

Result<void> SourceWriter::write(SourceNumber number, Views& views) {
  const SemanticSource& source = sources_[number];
  if (!views.stored) {
    ENGRAM_TRY_VOID(Query(db_, "INSERT INTO sources VALUES(?, ?, ?, ?, ?, 0)", number, source.path,
                          sha_blob(source.content), source.size, source.system ? 1 : 0)
                        .run());
  }
  const bool dropped = std::any_of(views.views.begin(), views.views.end(),
                                   [](const SourceView& v) { return v.units == 0; });
  if (dropped || !views.fresh.empty()) ENGRAM_TRY_VOID(write_pool(number, views));
  ENGRAM_TRY_VOID(Query(db_, "INSERT OR REPLACE INTO source_views VALUES(?, ?)", number,
                        Blob{encode_views(views.views, views.next_number)})
                      .run());
  views.stored = true;
  views.touched = false;
  return {};
}

Result<DecodedPool> SourceWriter::stored_pool(SourceNumber number) {
  DecodedPool pool;
  Query row(db_, "SELECT pool FROM source_pools WHERE number = ?", number);
  if (row.next()) {
    ENGRAM_TRY(decoded, decode_pool(row.blob(0), {symbols_.count(), sources_[number].size}));
    pool = std::move(decoded);
  }
  ENGRAM_TRY_VOID(row.done());
  return pool;
}

Result<void> SourceWriter::write_pool(SourceNumber number, Views& views) {
  ENGRAM_TRY(before, stored_pool(number));
  const auto size_before = static_cast<std::uint32_t>(before.pool.size());
  std::erase_if(views.views, [&](const SourceView& v) {
    if (v.units == 0) views.fresh.erase(v.number);
    return v.units == 0;
  });
  PoolRuns kept;  // of what was there
  for (const SourceView& v : views.views) {
    if (!v.runs.empty() && v.runs.back().second > size_before) {
      return damaged_views(sources_[number].path);
    }
    kept = united(kept, v.runs);
  }
  const SourcePool rest = picked(before.pool, kept);
  SourcePool now = rest;
  for (const auto& [view, pool] : views.fresh) now = united(now, pool);

  // Where what stays has moved to.
  std::vector<std::uint32_t> moved(size_before, kNoNumber);
  const std::vector<std::uint32_t> from = positions(kept);
  const std::vector<std::uint32_t> to = positions(runs_in(now, rest));
  for (std::size_t i = 0; i < from.size(); ++i) moved[from[i]] = to[i];
  PoolRuns semantic;
  for (SourceView& v : views.views) {
    const auto fresh = views.fresh.find(v.number);
    if (fresh != views.fresh.end()) {
      v.runs = runs_in(now, fresh->second);
    } else {
      std::vector<std::uint32_t> at = positions(v.runs);
      for (std::uint32_t& position : at) position = moved[position];
      v.runs = runs_of(at);
    }
    if (v.semantic) semantic = united(semantic, v.runs);
  }
  views.fresh.clear();
  const PoolRuns inferred = complement(semantic, static_cast<std::uint32_t>(now.size()));
  ENGRAM_TRY_VOID(Query(db_, "INSERT OR REPLACE INTO source_pools VALUES(?, ?)", number,
                        Blob{encode_pool(now, inferred)})
                      .run());
  ENGRAM_TRY_VOID(
      Query(db_, "UPDATE sources SET uses = ? WHERE number = ?", now.uses.size(), number).run());
  return post_symbols(number, before.pool, now);
}

Result<void> SourceWriter::post_symbols(SourceNumber number, const SourcePool& before,
                                        const SourcePool& now) {
  const auto known = symbols_in(before);
  auto was = known.begin();
  for (const auto& [symbol, roles] : symbols_in(now)) {
    while (was != known.end() && was->first < symbol) ++was;
    const unsigned old = was != known.end() && was->first == symbol ? was->second : 0;
    if ((roles | old) == old) continue;
    ENGRAM_TRY(home, symbols_.home(symbol));
    if (home == number) continue;
    if (home == kNoNumber || !sources_.contains(home)) {
      ENGRAM_TRY_VOID(symbols_.set_home(symbol, number));
    } else {
      post(symbol, number, roles);
    }
  }
  return {};
}

void SourceWriter::post(SymbolNumber symbol, SourceNumber source, std::uint8_t roles) {
  TermList list;
  list.bytes = source_term(symbol);
  list.terms.push_back({0, static_cast<std::uint32_t>(list.bytes.size()), 0, 1});
  list.postings.push_back({0, roles});
  postings_.add(list, source);
}

}  // namespace engram
