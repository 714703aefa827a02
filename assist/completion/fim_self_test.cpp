// Can this very file fill a hole? Some cannot, whatever their vocabulary promises: they go on with
// the text after the hole, or never stop. Each hole here has one filling beyond doubt; a model that
// can do it fills all but perhaps one, and stops by itself where the text after the hole begins.
#include <array>

#include "assist/completion/completion.h"
#include "assist/completion/generation.h"
#include "assist/completion/line_view.h"
#include "assist/completion/model_format.h"

namespace engram {

namespace {

struct Hole {
  std::string_view before, filling, after;
};

constexpr std::array<Hole, 4> kHoles = {{
    {"def add(a, b):\n    \"\"\"Return the sum of a and b.\"\"\"\n    ", "return a + b",
     "\n\n\ndef subtract(a, b):\n    \"\"\"Return a minus b.\"\"\"\n    return a - b\n"},
    {"int maximum(int a, int b) {\n  if (a > b) {\n    return ", "a", ";\n  }\n  return b;\n}\n"},
    {"def quicksort(items):\n    if len(items) <= 1:\n        return items\n    pivot = items[0]\n"
     "    ",
     "left = [x for x in items[1:] if x < pivot]",
     "\n    right = [x for x in items[1:] if x >= pivot]\n"
     "    return quicksort(left) + [pivot] + quicksort(right)\n"},
    {"#include <stdio.h>\n\nint main(void) {\n  for (int i = 0; ", "i < 10; i++",
     ") {\n    printf(\"%d\\n\", i);\n  }\n  return 0;\n}\n"},
}};

constexpr std::size_t kMaxTokens = 32;
constexpr std::size_t kMustFill = 3;

bool fills(Engine& engine, const ModelFormat& format, const Hole& hole,
           const std::stop_token& stop) {
  GenerationRequest request;
  const std::size_t line = line_begin(hole.before, hole.before.size());  // as completions do
  request.prompt = fill_in_the_middle(format, hole.before.substr(0, line), hole.after);
  request.forced_text = std::string(hole.before.substr(line));
  request.max_tokens = kMaxTokens;
  const GenerationResult result = run_generation(engine, std::move(request), {}, stop);
  // Stopping matters as much as the words: what runs on past the hole cannot be shown.
  return result.stop_reason == StopReason::kEndOfText && trimmed(result.text) == hole.filling;
}

}  // namespace

FimVerdict run_fim_self_test(Engine& engine, const std::stop_token& stop) {
  const ModelFormat format = model_format(engine.tokenizer(), FimVerdict::kUntested);
  if (format.layout != PromptLayout::kFillInTheMiddle) return FimVerdict::kNoTokens;
  std::size_t filled = 0;
  for (const auto& hole : kHoles) {
    if (fills(engine, format, hole, stop)) ++filled;
  }
  return filled >= kMustFill ? FimVerdict::kWorks : FimVerdict::kBroken;
}

}  // namespace engram
