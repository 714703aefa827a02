#include "assist/completion/memory_at_cursor.h"

#include <algorithm>
#include <utility>

#include "assist/recall/memory_drafter.h"
#include "assist/recall/memory_evidence.h"

namespace engram {

RecallMemory::Place MemoryAtCursor::place() const {
  return {.path = request_.path,
          .text = cursor_.text,
          .begin = cursor_.offset - cursor_.line_before.size(),
          .end = cursor_.offset,
          .excluded_paths = request_.excluded_paths,
          .open = request_.open,
          .below_cursor = options_.below_cursor};
}

const std::shared_ptr<const EngramView>& MemoryAtCursor::view() {
  if (!view_) view_ = memory_.view(place());
  return view_;
}

const std::shared_ptr<const KnownNames>& MemoryAtCursor::names() {
  if (!names_) names_ = memory_.names(place());
  return names_;
}

void MemoryAtCursor::add_to(GenerationRequest& generation, const ModelFormat& format,
                            std::string_view prefix) {
  if (view()->empty()) return;
  RecallPlace recalled;
  if (format.layout == PromptLayout::kFillInTheMiddle) {
    constexpr std::size_t kBytesBefore = 400;  // have the tokens of the longest context
    recalled.middle = memory_.tokenizer().special(format.middle);
    recalled.before = memory_.tokenizer().encode(
        prefix.substr(prefix.size() - std::min(prefix.size(), kBytesBefore)));
  }
  const auto index = memory_.index();
  const ContextSpelling spelling(std::move(recalled), index);
  if (options_.drafts) {
    generation.drafter =
        make_memory_drafter(view_, spelling, options_.evidence ? kSeenByModel : kUnseen);
  }
  if (!options_.evidence) return;
  generation.evidence =
      make_memory_evidence(view_, spelling, generation.stop_at_line_end ? index : nullptr,
                           options_.gate, options_.watcher);
}

void MemoryAtCursor::complete(const CandidateContext& context, CompletionResult& out) {
  complete_from_memory(*view(), memory_.tokenizer(), context, request_, out);
}

void MemoryAtCursor::add_what_is_sure(const CandidateContext& context, CompletionResult& out) {
  CompletionResult alone;
  complete(context, alone);
  for (CompletionItem& item : alone.items) {
    const auto same = [&](const CompletionItem& known) { return known.text == item.text; };
    if (std::any_of(out.items.begin(), out.items.end(), same)) continue;
    out.items.push_back(std::move(item));
    out.reason.clear();
    out.detail.clear();
  }
}

void MemoryAtCursor::note_agreement(CompletionItem& item) {
  engram::note_agreement(*view(), memory_.tokenizer(), cursor_, item);
}

}  // namespace engram
