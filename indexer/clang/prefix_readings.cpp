// What a PrefixReplay keeps as the prefix is read.
#include "indexer/clang/prefix_replay.h"

#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>

namespace engram {

std::uint32_t PrefixReplay::number_of(Name name, Macro now) {
  const auto [at, added] =
      name_numbers_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (added) {
    const Value value = value_of(now);
    names_.push_back({.name = name, .before = value, .after = value, .alone = value});
  }
  return at->second;
}

std::uint32_t PrefixReplay::number_of(clang::FileEntryRef file) {
  const auto [at, added] =
      file_numbers_.try_emplace(&file.getFileEntry(), static_cast<std::uint32_t>(files_.size()));
  if (added) files_.push_back({.entry = file, .readings = {}});
  return at->second;
}

// Definitions that stand at one place are one, however often the file was read.
PrefixReplay::Value PrefixReplay::value_of(Macro macro) {
  if (macro == nullptr) return kNone;
  const auto [at, added] = values_.try_emplace(macro, static_cast<Value>(values_.size() + 1));
  if (!added) return at->second;
  const auto [file, offset] = sources_.getDecomposedLoc(macro->getDefinitionLoc());
  const clang::FileEntry* const entry = sources_.getFileEntryForID(file);
  place_of_.emplace_back(entry, offset);
  macro_of_.push_back(macro);
  if (entry == nullptr) return at->second;
  return at->second = places_.try_emplace({entry, offset}, at->second).first->second;
}

void PrefixReplay::enter(clang::FileID id) {
  const auto number = static_cast<std::uint32_t>(readings_.size());
  readings_.emplace_back();
  if (!open_.empty() && !open_.back().steps.empty() &&
      open_.back().steps.back().kind == Kind::kInclude) {
    open_.back().steps.back().value = number;
  }
  open_.emplace_back();
  open_.back().id = id;
  open_.back().reading = number;
  ++stretch_;
}

void PrefixReplay::leave() {
  if (open_.empty()) return;
  Open& open = open_.back();
  if (const auto entry = sources_.getFileEntryRefForID(open.id)) {
    files_[number_of(*entry)].readings.push_back(open.reading);
    std::vector<Step> text = names_in_text(open);
    readings_[open.reading].steps = merged(std::move(text), std::move(open.steps));
  } else {
    readings_[open.reading].steps = std::move(open.steps);
  }
  open_.pop_back();
  ++stretch_;
}

void PrefixReplay::add(clang::SourceRange text, std::vector<Stretch> Open::* where) {
  if (open_.empty()) return;
  const auto [begin_file, begin] =
      sources_.getDecomposedLoc(sources_.getExpansionLoc(text.getBegin()));
  const auto [end_file, end] = sources_.getDecomposedLoc(sources_.getExpansionLoc(text.getEnd()));
  if (begin_file == open_.back().id && end_file == begin_file) {
    (open_.back().*where).emplace_back(begin, end);
  }
}

// Where it stands in the text; what comes from elsewhere stands where the last one did.
void PrefixReplay::add(Kind kind, clang::SourceLocation location, std::uint32_t what,
                       std::uint32_t value) {
  Open& open = open_.back();
  const auto [file, offset] = sources_.getDecomposedLoc(sources_.getExpansionLoc(location));
  if (file == open.id) open.at = std::max(open.at, offset);
  open.steps.push_back({kind, open.at, what, value});
}

void PrefixReplay::include(clang::SourceLocation hash, clang::FileEntryRef target) {
  if (open_.empty()) return;
  add(Kind::kInclude, hash, number_of(target), kNotRead);
  ++stretch_;
}

void PrefixReplay::mention(std::uint32_t name, clang::SourceLocation location, Value value) {
  if (names_[name].seen_in == stretch_) return;
  names_[name].seen_in = stretch_;
  add(Kind::kMention, location, name, value);
}

void PrefixReplay::test(const clang::Token& name, Macro macro) {
  if (open_.empty() || (macro != nullptr && macro->isBuiltinMacro())) return;
  const std::uint32_t number = number_of(name.getIdentifierInfo(), macro);
  add(tests_tell_ ? Kind::kMention : Kind::kTest, name.getLocation(), number, value_of(macro));
}

void PrefixReplay::expand(const clang::Token& name, Macro macro) {
  if (open_.empty() || macro == nullptr || macro->isBuiltinMacro()) return;
  const std::uint32_t number = number_of(name.getIdentifierInfo(), macro);
  if (names_[number].seen_in == stretch_) return;
  mention(number, name.getLocation(), value_of(macro));
  for (const clang::Token& token : macro->tokens()) {
    const clang::IdentifierInfo* const used = token.getIdentifierInfo();
    if (used == nullptr || macro->getParameterNum(used) >= 0) continue;
    mention(number_of(used, preprocessor_.getMacroInfo(used)), name.getLocation(), kNotKnown);
  }
}

void PrefixReplay::change(const clang::Token& name, Macro before, Macro now) {
  if (open_.empty()) return;
  const std::uint32_t number = number_of(name.getIdentifierInfo(), before);
  names_[number].seen_in = stretch_;
  add(Kind::kChange, name.getLocation(), number, value_of(now));
}

// The identifiers of a text, once between two inclusions, without what conditions left out and
// without the names after #define and #ifdef.
std::vector<PrefixReplay::Step> PrefixReplay::names_in_text(const Open& open) {
  std::vector<Step> names;
  llvm::DenseMap<std::uint32_t, std::uint32_t> last;
  auto left_out = open.left_out.begin();
  auto condition = open.conditions.begin();
  auto step = open.steps.begin();
  std::uint32_t stretch = 1;
  clang::Lexer lexer(open.id, sources_.getBufferOrFake(open.id), sources_,
                     preprocessor_.getLangOpts());
  auto& identifiers = preprocessor_.getIdentifierTable();
  clang::Token token;
  for (lexer.LexFromRawLexer(token); token.isNot(clang::tok::eof); lexer.LexFromRawLexer(token)) {
    if (token.isNot(clang::tok::raw_identifier)) continue;
    const std::uint32_t at = sources_.getFileOffset(token.getLocation());
    while (left_out != open.left_out.end() && left_out->second <= at) ++left_out;
    while (condition != open.conditions.end() && condition->second < at) ++condition;
    const bool in_condition = condition != open.conditions.end() && condition->first <= at;
    if (!in_condition && left_out != open.left_out.end() && left_out->first <= at) continue;
    for (; step != open.steps.end() && step->offset < at; ++step) {
      if (step->kind == Kind::kInclude) ++stretch;
    }
    const auto known = identifiers.find(token.getRawIdentifier());
    if (known == identifiers.end()) continue;
    const Name name = known->getValue();
    const std::uint32_t number = number_of(name, preprocessor_.getMacroInfo(name));
    std::uint32_t& seen = last[number];
    const bool is_said = step != open.steps.end() && step->offset == at && step->what == number &&
                         (step->kind == Kind::kChange || step->kind == Kind::kTest);
    if (is_said || seen == stretch) continue;
    seen = stretch;
    names.push_back({Kind::kMention, at, number, kNotKnown});
  }
  return names;
}

// In the order of the text.
std::vector<PrefixReplay::Step> PrefixReplay::merged(std::vector<Step> text,
                                                     std::vector<Step> events) {
  std::vector<Step> all;
  all.reserve(text.size() + events.size());
  auto event = events.begin();
  for (const Step& name : text) {
    while (event != events.end() && event->offset < name.offset) all.push_back(*event++);
    all.push_back(name);
  }
  all.insert(all.end(), event, events.end());
  return all;
}

// Goes through it as it went: what each name was.
void PrefixReplay::settle(Reading& reading) {
  for (Step& step : reading.steps) {
    if (step.kind == Kind::kInclude) {
      if (step.value != kNotRead) settle(readings_[step.value]);
      continue;
    }
    Value& now = names_[step.what].after;
    if (step.kind == Kind::kChange) {
      now = step.value;
    } else if (step.value == kNotKnown) {
      step.value = now;
    } else if (step.value != now) {
      reading.sound = false;
    }
  }
}

void PrefixReplay::end_part() {
  while (!open_.empty()) {
    const std::uint32_t top = open_.front().reading;
    const bool last = open_.size() == 1;
    leave();
    if (last) settle(readings_[top]);
  }
  for (std::uint32_t i = 0; i < files_.size(); ++i) {
    File& file = files_[i];
    const auto* known = preprocessor_.getHeaderSearchInfo().getExistingFileInfo(file.entry);
    if (known == nullptr) continue;
    clang::HeaderFileInfo info = *known;
    file.once = info.isPragmaOnce || info.isImport;
    if (const Name guard = info.getControllingMacro(nullptr)) {
      file.guard = number_of(guard, preprocessor_.getMacroInfo(guard));
      names_[file.guard].guarded = i;
    }
  }
}

}  // namespace engram
