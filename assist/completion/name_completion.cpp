#include "assist/completion/name_completion.h"

#include <algorithm>
#include <utility>

#include "assist/completion/context.h"
#include "assist/completion/memory_completion.h"
#include "assist/completion/sources.h"
#include "assist/engrams/recall_names.h"
#include "memory/sub_words.h"

namespace engram {
namespace {

constexpr double kRightAtFullShare = 0.9;
constexpr std::size_t kMostNameSources = 4;
constexpr std::size_t kMostGone = 8;  // names passed over

void sort_by_right_bytes(std::vector<CompletionItem>& items) {
  const auto first = std::find_if(items.rbegin(), items.rend(), [](const CompletionItem& item) {
                       return !item.from_memory;
                     }).base();  // behind what a model wrote
  const auto expected = [](const CompletionItem& item) {
    return item.confidence * static_cast<double>(item.text.size());
  };
  std::sort(first, items.end(), [&](const CompletionItem& a, const CompletionItem& b) {
    return std::pair(expected(a), a.text) > std::pair(expected(b), b.text);
  });
}

// In other files as they are saved, in this one as it stands.
std::vector<FactSource> sources_of(CatalogueReader* catalogue, const CursorView& cursor,
                                   const CompletionRequest& request, const std::string& name) {
  std::vector<FactSource> out;
  const auto left_out = [&](const std::string& path) {
    const auto& excluded = request.excluded_paths;
    return path == request.path ||
           std::find(excluded.begin(), excluded.end(), path) != excluded.end();
  };
  if (catalogue != nullptr) {
    for (const EngramSource& s : name_sources(*catalogue, name, kMostNameSources)) {
      if (!left_out(s.path)) out.push_back({s.path, s.line});
    }
  }
  if (const std::uint32_t line = line_of_name(cursor.text, name, cursor.offset); line != 0) {
    if (out.size() < kMostNameSources) out.push_back({request.path, line});
  }
  return out;
}

}  // namespace

void NameCompletion::set_store(const std::filesystem::path& store) {
  const MutexLock lock(mutex_);
  store_ = store;
  reader_ = store.empty() ? nullptr : std::make_unique<IdentifierReader>(store);
}

std::shared_ptr<const Identifiers> NameCompletion::newest() {
  const MutexLock lock(mutex_);
  if (reader_ == nullptr) return nullptr;
  const auto newest = reader_->newest();
  return newest ? *newest : nullptr;
}

std::unique_ptr<CatalogueReader> NameCompletion::open_catalogue() {
  std::filesystem::path store;
  {
    const MutexLock lock(mutex_);
    store = store_;
  }
  if (store.empty()) return nullptr;
  auto catalogue = CatalogueReader::open(store);
  return catalogue ? *std::move(catalogue) : nullptr;
}

void NameCompletion::complete(CandidateContext context, const CompletionRequest& request,
                              const Known& known, CompletionResult& out) {
  const CursorView& cursor = context.filter.cursor;
  const std::string_view typed = typed_name(cursor.text.substr(0, cursor.offset));
  const bool inside = !cursor.line_after.empty() && is_identifier_byte(cursor.line_after.front());
  const bool prose = context.tree != nullptr && (context.tree->in_comment(cursor.offset) ||
                                                 context.tree->in_string(cursor.offset));
  if (typed.empty() || inside || prose) return;
  const std::size_t wanted = std::max<std::size_t>(1, request.items);
  const double least = std::exchange(context.min_confidence, 0);
  const auto types =
      context_query(request.path, context.filter.language, cursor.text, cursor.offset, {})
          .receiver_types;
  const auto identifiers = newest();
  const auto catalogue = open_catalogue();  // once for all names
  std::shared_ptr<const KnownNames> there;
  const auto is_gone = [&](const RecalledName& name) {  // from a text that is not saved
    if (name.in_buffer > 0 || !known) return false;
    if (there == nullptr) there = known();
    return there != nullptr && !there->knows(name.known.name);
  };
  const std::size_t written_before = out.items.size();
  for (const RecalledName& name : recall_names(
           identifiers.get(), {cursor.text, cursor.offset, types, 2 * wanted + kMostGone})) {
    const double confidence = kRightAtFullShare * name.share;
    if (confidence < least) break;
    if (is_gone(name)) continue;
    GenerationResult written;
    written.text = name.known.name.substr(typed.size());
    written.stop_reason = StopReason::kStopString;  // the statement goes on
    Candidate candidate = judge_generation(context, written);
    const auto same = [&](const CompletionItem& item) { return item.text == candidate.text; };
    if (!candidate.reason.empty() || candidate.text != written.text ||
        std::any_of(out.items.begin(), out.items.end(), same)) {
      continue;
    }
    CompletionItem& item =
        out.items.emplace_back(memory_item(std::move(candidate), cursor.offset, confidence));
    item.certainty = name.known.counts.kinds.empty() ? Certainty::kTextual : Certainty::kSyntactic;
    item.sources = sources_of(catalogue.get(), cursor, request, name.known.name);
  }
  if (identifiers != nullptr && identifiers->damaged()) return out.items.resize(written_before);
  sort_by_right_bytes(out.items);
  if (out.items.size() > wanted) out.items.resize(wanted);
  if (out.items.empty()) return;
  out.reason.clear();
  out.detail.clear();
}

}  // namespace engram
